package app

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartwright/internal/cart"
	"cartwright/internal/cursor"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
	"cartwright/internal/testdb"
)

// shopping is a random history of shoppers, with what is known of it apart from
// the server. Nothing happens while the clock is wound, so what is true when a
// mail is handed over was true when it was claimed.
type shopping struct {
	*post

	rt        *rapid.T
	carts     []*shoppersCart
	customers map[string]int64 // by address

	mu                   sync.Mutex
	wrong                []string             // what must not be, as it was found
	off                  map[string]time.Time // when addresses unsubscribed, bounced or complained
	agrees               map[string]bool      // customers
	bought               map[string]int       // by address, when it last ordered, as a step of the history
	step                 int
	answer               func(recovery.Mail) error
	tried                map[string]string      // by Message-ID, what became of the last attempt
	capped, quiet, first bool                   // what the merchant set: rules
	got                  map[string][]time.Time // by address, when mails were accepted
	taken                map[int64]int64        // by episode, the template that was tried first
	mails                []recovery.Mail
}

type shoppersCart struct {
	id      cart.ID
	email   string // "" for nobody's
	alive   bool   // it is not once it is emptied, deleted or ordered
	billed  bool   // its address is on the bill
	changed int    // when, as a step of the history
	over    int64  // the last episode that the shopper ended by changing it or trying to pay
}

var shoppers = []string{"ada@example.com", "Bob@Example.com", "cy@example.com"}

// complain notes what must not be. The mail server runs in goroutines of its
// own, which cannot end the history.
func (s *shopping) complain(format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// check ends the history if something was wrong.
func (s *shopping) check() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.wrong) > 0 {
		s.rt.Fatal(strings.Join(s.wrong, "\n"))
	}
}

// mailsAtOnce is how long mails may be in flight beside one that tells that
// there is no such address: they were claimed before.
const mailsAtOnce = 5 * time.Second

// judge is the mail server: it holds each mail against what is known.
func (s *shopping) judge(m recovery.Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, episode, template, ok := recovery.ReadMessageID(m.ID)
	if !ok {
		s.complain("the Message-ID is %q", m.ID)
	}
	if was := s.tried[m.ID]; was != "" && was != "later" {
		s.complain("mail %s goes out again, after it was %s", m.ID, was)
	}
	key := strings.ToLower(m.To.Address)
	if off := s.off[key]; !off.IsZero() && m.At.After(off.Add(mailsAtOnce)) {
		s.complain("%s gets a mail and wants none", key)
	}
	if agrees, account := s.agrees[key]; account && !agrees && s.ofCustomer(episode) {
		s.complain("%s gets a mail without having agreed", key)
	}
	c := s.cartOf(episode)
	switch {
	case c == nil || !c.alive:
		s.complain("%s gets a mail about a cart that is gone", key)
	case !strings.EqualFold(c.email, m.To.Address):
		s.complain("%s gets the mail of %s", m.To.Address, c.email)
	case episode <= c.over:
		s.complain("%s gets a mail of episode %d, which is over", key, episode)
	case s.bought[key] > c.changed:
		s.complain("%s gets a mail and has ordered", key)
	}
	s.rules(m, key, episode, template)
	err := s.answer(m)
	s.tried[m.ID] = "accepted"
	if err != nil {
		s.tried[m.ID] = "refused"
		if strings.Contains(err.Error(), "later") {
			s.tried[m.ID] = "later"
		}
		if err == recovery.ErrNoSuchAddress { //nolint:errorlint // it is the one of below
			s.off[key] = m.At
		}
		return err
	}
	s.mails = append(s.mails, m)
	s.got[key] = append(s.got[key], m.At)
	return nil
}

// most is the cap of the histories that have one, in three days.
const most = 2

// rules holds a mail against what the merchant set.
func (s *shopping) rules(m recovery.Mail, key string, episode, template int64) {
	recent := 0
	for _, at := range s.got[key] {
		if at.After(m.At.AddDate(0, 0, -3)) {
			recent++
		}
	}
	if s.capped && recent >= most {
		s.complain("%s gets mail number %d in three days", key, recent+1)
	}
	if hour := m.At.UTC().Hour(); s.quiet && (hour >= 21 || hour < 8) {
		s.complain("%s gets a mail at %s", key, m.At)
	}
	if s.taken[episode] == 0 {
		s.taken[episode] = template
	}
	if s.first && s.taken[episode] != template {
		s.complain("%s gets a second mail of a sequence", key)
	}
}

// set draws what the merchant has set.
func (s *shopping) set() {
	o := recovery.DefaultOptions()
	if s.capped = rapid.Bool().Draw(s.rt, "capped"); s.capped {
		o.Cap = &recovery.Cap{Mails: most, Days: 3}
	}
	if s.quiet = rapid.Bool().Draw(s.rt, "quiet"); s.quiet {
		o.Quiet = &recovery.Quiet{From: "21:00", To: "08:00", TimeZone: "UTC"}
	}
	if _, err := s.app.Recoveries.SetOptions(s.Context(), "demo", o); err != nil {
		s.Fatal(err)
	}
	settings, err := s.app.Recoveries.Settings(s.Context(), "demo")
	if err != nil {
		s.Fatal(err)
	}
	s.first = rapid.Bool().Draw(s.rt, "first only")
	settings.UntilRecovered = !s.first
	if _, err := s.app.Recoveries.SetSettings(s.Context(), "demo", settings); err != nil {
		s.Fatal(err)
	}
}

// cartOf returns the cart of an episode.
func (s *shopping) cartOf(episode int64) *shoppersCart {
	for _, c := range s.carts {
		for _, e := range s.episodes(c.id) {
			if e.ID == episode {
				return c
			}
		}
	}
	return nil
}

func (s *shopping) ofCustomer(episode int64) bool {
	c := s.cartOf(episode)
	return c != nil && s.customers[strings.ToLower(c.email)] != 0
}

func (s *shopping) episodes(id cart.ID) []*recovery.Episode {
	all, err := s.app.DB.Episodes(s.Context(), "demo", id)
	if err != nil {
		s.Error(err)
	}
	return all
}

// pick returns one of the carts that are there, or nil.
func (s *shopping) pick() *shoppersCart {
	var alive []*shoppersCart
	for _, c := range s.carts {
		if c.alive {
			alive = append(alive, c)
		}
	}
	if len(alive) == 0 {
		return nil
	}
	return rapid.SampledFrom(alive).Draw(s.rt, "cart")
}

// touched notes that a shopper did something with a cart.
func (s *shopping) touched(c *shoppersCart) {
	c.changed = s.step
	s.ended(c)
}

// ended notes that what is known of a cart is over.
func (s *shopping) ended(c *shoppersCart) {
	for _, e := range s.episodes(c.id) {
		c.over = max(c.over, e.ID)
	}
}

func (s *shopping) begin() {
	email := rapid.SampledFrom(append([]string{""}, shoppers...)).Draw(s.rt, "shopper")
	c := &shoppersCart{email: email, alive: true}
	c.id = s.cart(s.customers[strings.ToLower(email)])
	if email != "" && s.customers[strings.ToLower(email)] == 0 {
		s.identify(c)
	}
	s.touched(c)
	s.carts = append(s.carts, c)
}

// identify writes the shopper's address on the bill of a cart.
func (s *shopping) identify(c *shoppersCart) {
	s.bill(c.id, c.email)
	s.touched(c)
	c.billed = true
}

func (s *shopping) more(c *shoppersCart) {
	s.change(c.id)
	s.touched(c)
}

func (s *shopping) remove(c *shoppersCart) {
	s.call("DELETE", "/v3/carts/"+string(c.id), "", 204, nil)
	c.alive = false
}

// empty takes out one thing after the other. The cart goes with the last.
func (s *shopping) empty(c *shoppersCart) {
	path := "/v3/carts/" + string(c.id)
	var got struct {
		Data struct {
			Items struct {
				Digital []struct{ ID string } `json:"digital_items"`
			} `json:"line_items"`
		}
	}
	s.call("GET", path, "", 200, &got)
	for i, line := range got.Data.Items.Digital {
		status := 200
		if i == len(got.Data.Items.Digital)-1 {
			status = 204
		}
		s.call("DELETE", path+"/items/"+line.ID, "", status, nil)
	}
	s.call("GET", path, "", 404, nil)
	c.alive = false
}

// give gives a guest's cart to the customer, as signing in does.
func (s *shopping) give(c *shoppersCart) {
	const cy = "cy@example.com"
	if s.customers[cy] == 0 || c.email == cy {
		return
	}
	s.call("PUT", "/v3/carts/"+string(c.id), fmt.Sprintf(`{"customer_id":%d}`, s.customers[cy]), 200, nil)
	c.email, c.billed = cy, false
	s.touched(c)
}

// decline tries to pay, in vain.
func (s *shopping) decline(c *shoppersCart) {
	if c.email == "" {
		return
	}
	if !c.billed { // or else nothing changes but that it was tried
		s.identify(c)
	}
	now, err := s.app.Carts.Get(s.Context(), "demo", c.id)
	if err != nil {
		s.Fatal(err)
	}
	q, err := s.app.Orders.Quote(s.Context(), now)
	if err != nil {
		s.Fatal(err)
	}
	in := order.Placement{Version: now.Version, Total: q.Total, Due: q.Due, Method: order.TestDeclined}
	if _, err := s.app.Orders.Place(s.Context(), "demo", c.id, in); err == nil || !strings.Contains(err.Error(), "declined") {
		s.complain("the payment was not declined: %v", err)
	}
	s.ended(c)
}

func (s *shopping) buy(c *shoppersCart) {
	if c.email == "" {
		return
	}
	s.identify(c)
	s.order(c.id)
	c.alive = false
	s.bought[strings.ToLower(c.email)] = s.step
}

// lastMail returns a mail that arrived, or nil.
func (s *shopping) lastMail() *recovery.Mail {
	if len(s.mails) == 0 {
		return nil
	}
	return &s.mails[rapid.IntRange(0, len(s.mails)-1).Draw(s.rt, "mail")]
}

func (s *shopping) open() {
	if m := s.lastMail(); m != nil {
		_, err := s.app.Recoveries.Resolve(s.Context(), "demo", tokenIn(m.Message.Text), recovery.Recover)
		if err != nil {
			s.complain("the link of a mail: %v", err)
			return
		}
		if rapid.Bool().Draw(s.rt, "goes on") {
			if _, err := s.app.Recoveries.Continue(s.Context(), "demo", tokenIn(m.Message.Text)); err != nil {
				s.complain("going on from a link: %v", err)
			}
		}
	}
}

func (s *shopping) unsubscribe() {
	if m := s.lastMail(); m != nil {
		for range 2 { // doing it again changes nothing
			if _, err := s.app.Recoveries.UnsubscribeToken(s.Context(), "demo", tokenIn(m.Unsubscribe)); err != nil {
				s.complain("the link to unsubscribe: %v", err)
			}
		}
		key := strings.ToLower(m.To.Address)
		s.off[key] = s.leftAt()
		if s.customers[key] != 0 {
			s.agrees[key] = false
		}
	}
}

// leftAt is when what is done now counts at the latest: at once.
func (s *shopping) leftAt() time.Time { return s.app.Clock.Now().Add(-mailsAtOnce) }

func (s *shopping) bounce() {
	if m := s.lastMail(); m != nil {
		kind := rapid.SampledFrom(recovery.BounceKinds).Draw(s.rt, "bounce")
		if _, err := s.app.Recoveries.TakeBounces(s.Context(), "demo", []recovery.Bounce{{Email: m.To.Address, Kind: kind, MessageID: m.ID}}); err != nil {
			s.Error(err)
		}
		if kind != recovery.SoftBounce {
			s.off[strings.ToLower(m.To.Address)] = s.leftAt()
		}
	}
}

// leave winds the clock, while the mail server is in some mood. In one of them
// the server dies of a mail and is started again.
func (s *shopping) leave() {
	mood := rapid.SampledFrom([]string{"", "", "", "later", "refused", "unknown", "nobody", "killed"}).Draw(s.rt, "mood")
	s.answer = map[string]func(recovery.Mail) error{
		"":        func(recovery.Mail) error { return nil },
		"later":   func(recovery.Mail) error { return fmt.Errorf("later: %w", recovery.ErrTemporary) },
		"refused": func(recovery.Mail) error { return recovery.ErrRefused },
		"unknown": func(recovery.Mail) error { return recovery.ErrNoAnswer },
		"nobody":  func(recovery.Mail) error { return recovery.ErrNoSuchAddress },
		"killed": func(m recovery.Mail) error {
			s.tried[m.ID] = "being sent"
			panic("killed")
		},
	}[mood]
	d := time.Duration(rapid.IntRange(1, 3*24*12).Draw(s.rt, "minutes")*5) * time.Minute
	err := s.app.Wind(s.Context(), d)
	if err != nil && mood != "killed" {
		s.complain("wind: %v", err)
	}
	if mood == "killed" {
		s.restart()
	}
}

// accounted holds that each mail whose time has come has its end in the ledger,
// and each step the decision that made it what it is.
func (s *shopping) accounted() {
	s.answer = func(recovery.Mail) error { return nil }
	s.wind(4 * 24 * time.Hour)
	sequence, err := s.app.Recoveries.Sequence(s.Context(), "demo", 1)
	if err != nil {
		s.Fatal(err)
	}
	for _, c := range s.carts {
		last := map[string]recovery.StepState{}
		part, err := s.app.Recoveries.Decisions(s.Context(), "demo", recovery.DecisionFilter{Cart: c.id}, cursor.Range{Limit: 1000})
		if err != nil {
			s.Fatal(err)
		}
		for _, d := range part.Entries {
			last[fmt.Sprint(d.Episode, d.Template)] = d.Outcome
		}
		for _, e := range s.episodes(c.id) {
			if !e.Next.IsZero() && e.Next.Before(s.app.Clock.Now()) {
				s.complain("episode %d is to be looked at by %s, and was not", e.ID, e.Next)
			}
			steps, err := s.app.DB.Steps(s.Context(), "demo", e.ID)
			if err != nil {
				s.Fatal(err)
			}
			if len(steps) != len(sequence) && (!e.Ended.IsZero() || recovery.DueTime(e.Abandoned, &sequence[2]).Before(s.app.Clock.Now())) {
				s.complain("episode %d, which ended %q, has %d steps", e.ID, e.How, len(steps))
			}
			for _, step := range steps {
				switch {
				case step.State == recovery.Claimed || step.State == recovery.Deferred:
					s.complain("mail %d of episode %d is still %s", step.Template, e.ID, step.State)
				case last[fmt.Sprint(e.ID, step.Template)] != step.State:
					s.complain("mail %d of episode %d is %s, the ledger says %s", step.Template, e.ID, step.State, last[fmt.Sprint(e.ID, step.Template)])
				}
			}
		}
	}
}

// Over random histories of carts that are filled, changed, left, emptied, given
// to a customer, paid for in vain, bought and deleted, of links that are opened, of shoppers who unsubscribe, of mails that
// come back and servers that die: nobody who ordered or unsubscribed gets a
// mail, nobody one twice or one about a cart that is gone or an episode that is over, and the ledger says
// of every mail why.
func TestNobodyGetsAMailWhoShouldNot(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := &shopping{post: newPost(t, testdb.URL(t)), rt: rt, customers: map[string]int64{}, off: map[string]time.Time{},
			agrees: map[string]bool{}, bought: map[string]int{}, tried: map[string]string{}, got: map[string][]time.Time{}, taken: map[int64]int64{}}
		s.mailer.Answer = s.judge
		defer s.close()
		s.set()
		if rapid.Bool().Draw(rt, "cy has an account") {
			agrees := rapid.Bool().Draw(rt, "cy agreed")
			var made struct{ Data []struct{ ID int64 } }
			s.call("POST", "/v3/customers", fmt.Sprintf(`[{"email":"cy@example.com","first_name":"Cy","last_name":"Twombly",
				"accepts_product_review_abandoned_cart_emails":%v}]`, agrees), 200, &made)
			s.customers["cy@example.com"], s.agrees["cy@example.com"] = made.Data[0].ID, agrees
		}
		act := map[string]func(){
			"begin": s.begin, "leave": s.leave, "open": s.open, "unsubscribe": s.unsubscribe, "bounce": s.bounce, "restart": s.restart,
		}
		for name, do := range map[string]func(*shoppersCart){"more": s.more, "remove": s.remove, "empty": s.empty, "give": s.give, "decline": s.decline, "buy": s.buy} {
			act[name] = func() {
				if c := s.pick(); c != nil {
					do(c)
				}
			}
		}
		names := []string{"begin", "begin", "leave", "leave", "leave", "more", "more", "open", "buy", "remove", "empty", "give", "decline", "unsubscribe", "bounce", "restart"}
		s.begin()
		for range rapid.IntRange(5, 25).Draw(rt, "steps") {
			s.step++
			act[rapid.SampledFrom(names).Draw(rt, "step")]()
			s.check()
		}
		s.accounted()
		s.check()
	})
}
