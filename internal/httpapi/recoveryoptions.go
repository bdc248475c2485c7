package httpapi

import (
	"net/http"
	"time"

	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/recovery"
)

// getRecoveryOptions serves GET /v3/recovery/settings: what the vendor does not
// have.
func (a *API) getRecoveryOptions(w http.ResponseWriter, r *http.Request) error {
	o, err := a.Recoveries.Options(r.Context(), storeOf(r))
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(o))
}

// updateRecoveryOptions serves PUT /v3/recovery/settings: it replaces all of
// them. What is left out is as a new store has it.
func (a *API) updateRecoveryOptions(w http.ResponseWriter, r *http.Request) error {
	in, err := readAs(r, readRecoveryOptions)
	if err != nil {
		return err
	}
	o, err := a.Recoveries.SetOptions(r.Context(), storeOf(r), in)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, one(o))
}

func readRecoveryOptions(body value) recovery.Options {
	body.object()
	o := recovery.DefaultOptions()
	if wait := body.get("waiting_minutes"); !wait.null() {
		o.WaitMinutes = wait.int(1, recovery.MaxWaitMinutes)
	}
	o.Cap = optional(body.get("frequency_cap"), func(v value) recovery.Cap {
		return recovery.Cap{Mails: v.get("mails").required().int(1, recovery.MaxCapMails), Days: v.get("days").required().int(1, recovery.MaxCapDays)}
	})
	o.Quiet = optional(body.get("quiet_hours"), readQuiet)
	o.UTM = optional(body.get("utm"), func(v value) recovery.UTM {
		part := func(name string) string { return v.get(name).text(0, recovery.MaxUTM) }
		return recovery.UTM{Source: part("source"), Medium: part("medium"), Campaign: part("campaign"), Term: part("term"), Content: part("content")}
	})
	for _, v := range body.get("hold_outs").bounded(recovery.MaxOptionLists) {
		o.Holdouts = append(o.Holdouts, recovery.Holdout{
			Channel: v.get("channel_id").required().int(0, maxInt), Percent: v.get("percent").required().int(0, recovery.MaxHoldout),
		})
	}
	for _, v := range body.get("coupons").bounded(recovery.MaxOptionLists) {
		o.Coupons = append(o.Coupons, readMint(v))
	}
	o.Budget = optional(body.get("coupon_budget"), func(v value) recovery.Budget {
		return recovery.Budget{Amount: v.get("amount").required().positive(), Days: v.get("days").required().int(1, recovery.MaxBudgetDays)}
	})
	return o
}

func readQuiet(v value) recovery.Quiet {
	q := recovery.Quiet{From: v.get("from").required().timeOfDay(), To: v.get("to").required().timeOfDay(),
		TimeZone: v.get("time_zone").required().timeZone(), Channels: []recovery.ChannelZone{}}
	for _, c := range v.get("channels").bounded(recovery.MaxOptionLists) {
		q.Channels = append(q.Channels, recovery.ChannelZone{
			Channel: c.get("channel_id").required().int(1, maxInt), TimeZone: c.get("time_zone").required().timeZone(),
		})
	}
	return q
}

func readMint(v value) recovery.Mint {
	return recovery.Mint{
		Template: v.get("template_id").required().int(1, maxInt), Type: v.get("type").required().oneOf(recovery.MintTypes...),
		Amount: v.get("amount").required().positive(), Minimum: v.get("min_purchase").amount(),
		ValidHours: v.get("valid_hours").required().int(1, recovery.MaxValidHours),
	}
}

// positive reads an amount above zero.
func (v value) positive() money.Amount {
	a := v.decimal()
	if a <= 0 && !v.null() {
		v.fail(fault.Min)
	}
	return a
}

// timeOfDay reads hours and minutes: 08:00.
func (v value) timeOfDay() string {
	s := v.text(0, 5)
	if v.null() {
		return ""
	}
	if _, err := time.Parse("15:04", s); err != nil || len(s) != len("15:04") {
		v.fail("must be a time of day such as 21:30")
	}
	return s
}

// timeZone reads a name of the IANA database.
func (v value) timeZone() string {
	s := v.text(0, 64)
	if !v.null() && !recovery.ValidZone(s) {
		v.fail("must be a time zone such as Europe/Berlin")
	}
	return s
}
