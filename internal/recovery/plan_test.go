package recovery

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var left = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// three are mails after an hour, a day and two days.
func three() []Template {
	return []Template{{ID: 1, Active: true, Minutes: 60}, {ID: 2, Active: true, Minutes: 1440}, {ID: 3, Active: true, Minutes: 2880}}
}

func step(template int64, state StepState) Step { return Step{Template: template, State: state} }

func retried(template int64, after time.Duration) Step {
	return Step{Template: template, State: Deferred, Retry: left.Add(after)}
}

func TestPlan(t *testing.T) {
	const minute, hour, day = time.Minute, time.Hour, 24 * time.Hour
	skip := func(template int64, why Reason) Note { return Note{Template: template, State: Skipped, Reason: why} }
	cancel := func(template int64) Note {
		return Note{Template: template, State: Canceled, Reason: EpisodeEnded, Detail: "changed"}
	}
	tests := map[string]struct {
		sequence  []Template
		firstOnly bool
		steps     []Step
		ended     bool
		after     time.Duration // since the cart was abandoned
		restored  time.Duration // 0 is never

		due   int64
		notes []Note
		next  time.Duration // 0 is never
	}{
		"nothing is due":              {after: 59 * minute, next: hour},
		"the first is due":            {after: hour, due: 1, next: day},
		"the second":                  {steps: []Step{step(1, Sent)}, after: day, due: 2, next: 2 * day},
		"the last":                    {steps: []Step{step(1, Sent), step(2, Skipped)}, after: 2 * day, due: 3},
		"all were sent":               {steps: []Step{step(1, Sent), step(2, Failed), step(3, HeldOut)}, after: 3 * day},
		"no mails":                    {sequence: []Template{}, after: day},
		"a minute before it":          {steps: []Step{step(1, Sent)}, after: day - minute, next: day},
		"the server slept for a day":  {after: day + hour, due: 2, notes: []Note{skip(1, Superseded)}, next: 2 * day},
		"the server slept for two":    {after: 2*day + hour, due: 3, notes: []Note{skip(1, Superseded), skip(2, Superseded)}},
		"the server slept for long":   {after: 3*day + minute, notes: []Note{skip(1, Superseded), skip(2, Superseded), skip(3, TooLate)}},
		"just not too late":           {after: 3 * day, due: 3, notes: []Note{skip(1, Superseded), skip(2, Superseded)}},
		"one was sent, two slept":     {steps: []Step{step(1, Sent)}, after: 2*day + hour, due: 3, notes: []Note{skip(2, Superseded)}},
		"a later one was sent before": {steps: []Step{step(2, Sent)}, after: day + hour, notes: []Note{skip(1, Superseded)}, next: 2 * day},

		"only the first":                {firstOnly: true, after: hour, due: 1, next: day},
		"and no second":                 {firstOnly: true, steps: []Step{step(1, Sent)}, after: day, notes: []Note{skip(2, FirstMailOnly)}, next: 2 * day},
		"nor when the first was off":    {firstOnly: true, steps: []Step{step(1, Skipped)}, after: day, notes: []Note{skip(2, FirstMailOnly)}, next: 2 * day},
		"only the first, after a sleep": {firstOnly: true, after: day + minute, due: 1, notes: []Note{skip(2, FirstMailOnly)}, next: 2 * day}, // 23:01 late
		"only the first, too late": {firstOnly: true, after: day + hour + minute,
			notes: []Note{skip(1, TooLate), skip(2, FirstMailOnly)}, next: 2 * day},
		"the first was deleted after it was sent": {firstOnly: true, sequence: three()[1:], steps: []Step{step(1, Sent)}, after: day,
			notes: []Note{skip(2, FirstMailOnly)}, next: 2 * day},
		"the first was deleted before": {firstOnly: true, sequence: three()[1:], after: day, due: 2, next: 2 * day},

		"the cart was changed at once":    {ended: true, after: minute, notes: []Note{cancel(1), cancel(2), cancel(3)}},
		"the cart was changed in between": {ended: true, steps: []Step{step(1, Sent)}, after: 2 * hour, notes: []Note{cancel(2), cancel(3)}},
		"one waited to be tried again":    {ended: true, steps: []Step{retried(1, 2*hour)}, after: hour, notes: []Note{cancel(1), cancel(2), cancel(3)}},
		"one was being sent": {ended: true, steps: []Step{{Template: 1, State: Claimed, Claimed: left.Add(hour)}}, after: hour,
			notes: []Note{cancel(2), cancel(3)}, next: hour + minute},

		"refused, and its time has not come": {steps: []Step{retried(1, hour+5*minute)}, after: hour + minute, next: hour + 5*minute},
		"refused, and its time has come":     {steps: []Step{retried(1, hour+5*minute)}, after: hour + 5*minute, due: 1, next: day},
		"refused for too long":               {sequence: three()[:1], steps: []Step{retried(1, day+2*hour)}, after: day + 2*hour, notes: []Note{skip(1, TooLate)}},
		"refused until the next was due":     {steps: []Step{retried(1, day+hour)}, after: day, due: 2, notes: []Note{skip(1, Superseded)}, next: 2 * day},
		"refused, and then turned off":       {sequence: three()[1:], steps: []Step{retried(1, 2*hour)}, after: hour + minute, notes: []Note{skip(1, TemplateOff)}, next: day},

		"restored when it was due":      {after: hour + minute, restored: hour, notes: []Note{skip(1, Restored)}, next: day},
		"restored before it was due":    {after: hour + minute, restored: hour - 1, due: 1, next: day},
		"restored between two":          {after: day, restored: 2 * hour, due: 2, notes: []Note{skip(1, Superseded)}, next: 2 * day},
		"restored when both were due":   {after: day, restored: day, notes: []Note{skip(1, Superseded), skip(2, Restored)}, next: 2 * day},
		"restored, only the first":      {firstOnly: true, after: day, restored: 2 * hour, notes: []Note{skip(1, Restored), skip(2, FirstMailOnly)}, next: 2 * day},
		"restored while it was put off": {steps: []Step{retried(1, hour+5*minute)}, after: hour + 5*minute, restored: hour + minute, notes: []Note{skip(1, Restored)}, next: day},

		"being sent": {steps: []Step{{Template: 1, State: Claimed, Claimed: left.Add(hour)}}, after: hour + minute, next: hour + 2*minute},
		"being sent for too long": {steps: []Step{{Template: 1, State: Claimed, Claimed: left.Add(hour)}}, after: hour + ClaimTime,
			notes: []Note{{Template: 1, State: Unknown, Reason: Interrupted}}, next: day},
		"being sent while the next is due": {steps: []Step{{Template: 1, State: Claimed, Claimed: left.Add(day - minute)}}, after: day, next: day + minute},

		"one was added that is due":         {sequence: append([]Template{{ID: 9, Minutes: 60}}, three()[1:]...), steps: []Step{step(1, Sent)}, after: 2 * hour, due: 9, next: day},
		"one was moved after it was sent":   {sequence: []Template{{ID: 2, Minutes: 1440}, {ID: 1, Minutes: 4320}}, steps: []Step{step(1, Sent)}, after: 3 * day, notes: []Note{skip(2, Superseded)}},
		"one was moved to an earlier time":  {sequence: []Template{{ID: 1, Minutes: 60}, {ID: 3, Minutes: 120}, {ID: 2, Minutes: 1440}}, steps: []Step{step(1, Sent)}, after: 3 * hour, due: 3, next: day},
		"one was moved to a later time":     {sequence: []Template{{ID: 2, Minutes: 1440}, {ID: 1, Minutes: 4320}}, after: 2 * hour, next: day},
		"two at the same minute are as one": {sequence: []Template{{ID: 1, Minutes: 60}, {ID: 2, Minutes: 60}}, after: hour, due: 2, notes: []Note{skip(1, Superseded)}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			sequence := tc.sequence
			if sequence == nil {
				sequence = three()
			}
			e := Episode{Abandoned: left}
			if tc.ended {
				e.Ended, e.How = left.Add(tc.after), Changed
			}
			var restored time.Time
			if tc.restored != 0 {
				restored = left.Add(tc.restored)
			}
			p := Plan(e, sequence, tc.firstOnly, tc.steps, restored, left.Add(tc.after))
			var due int64
			if p.Due != nil {
				due = p.Due.ID
			}
			if due != tc.due {
				t.Errorf("due is %d, not %d", due, tc.due)
			}
			if diff := cmp.Diff(tc.notes, p.Notes); diff != "" {
				t.Error(diff)
			}
			switch {
			case tc.next == 0 && !p.Next.IsZero():
				t.Errorf("it is looked at again after %s", p.Next.Sub(left))
			case tc.next != 0 && !p.Next.Equal(left.Add(tc.next)):
				t.Errorf("it is looked at again after %s, not %s", p.Next.Sub(left), tc.next)
			}
		})
	}
}

func TestRetries(t *testing.T) {
	due := left
	now, attempts := due, 0
	var pauses []time.Duration
	for {
		attempts++
		at, ok := retryAt(attempts, due, now)
		if !ok {
			break
		}
		pauses = append(pauses, at.Sub(now))
		now = at
	}
	if diff := cmp.Diff([]time.Duration{5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour}, pauses); diff != "" {
		t.Error(diff)
	}
	if _, ok := retryAt(1, due, due.Add(MaxLate-4*time.Minute)); ok {
		t.Error("it would be tried again more than a day late")
	}
	if _, ok := retryAt(1, due, due.Add(MaxLate-5*time.Minute)); !ok {
		t.Error("it would not be tried again just in time")
	}
}

// TestRecipientsStayOutOfTheLedger: mail servers repeat whom they refuse.
func TestRecipientsStayOutOfTheLedger(t *testing.T) {
	for said, want := range map[string]string{
		"550 5.1.1 <Anna@Shop.example>: unknown": "550 5.1.1 <(the recipient)>: unknown",
		"451 later":                              "451 later",
	} {
		if got := anonymous(said, "anna@shop.example"); got != want {
			t.Errorf("%s: %s", said, got)
		}
	}
	if got := anonymous("250 ok", ""); got != "250 ok" {
		t.Error(got)
	}
}
