package recovery

import (
	"time"
)

// Bounds of what is sent late.
const (
	// MaxLate is how long after its time a mail is still sent (spec/02 §5.4).
	MaxLate = 24 * time.Hour
	// ClaimTime is how long a claimed mail may take, in the shop's time. One that
	// took longer was being sent by a server that is no more: what became of it
	// is not known, and it is not sent again.
	ClaimTime = 10 * time.Minute
)

// Note is what becomes of a step without anything being sent.
type Note struct {
	Template int64
	State    StepState
	Reason   Reason
	Detail   string
	// Retry is when a deferred step is looked at again.
	Retry time.Time
}

// Planned is what the plan of an episode says at one moment.
type Planned struct {
	// Notes are steps that are decided without the gate.
	Notes []Note
	// Due is the mail whose time it is, or nil. The gate decides about it.
	Due *Template
	// Next is when to look again, as far as the plan knows; zero for never. It is
	// not about Due.
	Next time.Time
}

// DueTime is when a mail of an episode is due (spec/02 §5.1).
func DueTime(abandoned time.Time, t *Template) time.Time {
	return abandoned.Add(time.Duration(t.Minutes) * time.Minute)
}

// Plan says what there is to do about an episode now. sequence are the active
// mails of its channel in the order in which they go out, as they are now;
// firstOnly says that the first of them is the only one (spec/02 §5.3); steps
// are those that something became of.
//
// Of several mails that are due, as after downtime, the latest alone goes out,
// and none more than MaxLate after its time (spec/02 §5.4). Each template goes
// out once in an episode, however it was moved since.
//
// restored is when the store was taken back from a backup, zero for never: what
// was due by then may have gone before, and nobody knows.
func Plan(e Episode, sequence []Template, firstOnly bool, steps []Step, restored, now time.Time) Planned {
	p := planner{episode: &e, sequence: sequence, steps: map[int64]Step{}, restored: restored, now: now}
	for _, s := range steps {
		p.steps[s.Template] = s
	}
	p.interrupted(steps)
	if !e.Ended.IsZero() {
		p.cancel(steps)
		return p.out
	}
	p.turnedOff(steps)
	p.pickDue(firstOnly)
	return p.out
}

type planner struct {
	episode  *Episode
	sequence []Template
	steps    map[int64]Step
	restored time.Time
	now      time.Time
	inFlight bool
	out      Planned
}

func (p *planner) note(template int64, state StepState, why Reason, detail string) {
	p.out.Notes = append(p.out.Notes, Note{Template: template, State: state, Reason: why, Detail: detail})
}

// lookAt has the episode looked at again at an instant, or earlier.
func (p *planner) lookAt(at time.Time) { p.out.Next = Earlier(p.out.Next, at) }

// Earlier returns the earlier of two instants, zero being never.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// inFlightLook is how soon an episode is looked at again while a mail of it is
// being sent.
const inFlightLook = time.Minute

// interrupted gives up claims whose time is over.
func (p *planner) interrupted(steps []Step) {
	for _, s := range steps {
		if s.State != Claimed {
			continue
		}
		if until := s.Claimed.Add(ClaimTime); p.now.Before(until) {
			p.inFlight = true
			p.lookAt(Earlier(until, p.now.Add(inFlightLook)))
			continue
		}
		p.note(s.Template, Unknown, Interrupted, "")
	}
}

// cancel says of every mail that was still to come that it will not.
func (p *planner) cancel(steps []Step) {
	how := string(p.episode.How)
	for _, s := range steps {
		if s.State == Deferred {
			p.note(s.Template, Canceled, EpisodeEnded, how)
		}
	}
	for i := range p.sequence {
		if _, had := p.steps[p.sequence[i].ID]; !had {
			p.note(p.sequence[i].ID, Canceled, EpisodeEnded, how)
		}
	}
}

// turnedOff gives up deferred mails whose template is not in the sequence any
// more.
func (p *planner) turnedOff(steps []Step) {
	for _, s := range steps {
		if s.State == Deferred && pickTemplate(p.sequence, s.Template) == nil {
			p.note(s.Template, Skipped, TemplateOff, "")
		}
	}
}

// pickDue finds the mail that is due, and says of the others why they are not
// sent.
func (p *planner) pickDue(firstOnly bool) {
	last := -1
	for i := range p.sequence {
		if at := DueTime(p.episode.Abandoned, &p.sequence[i]); !at.After(p.now) {
			last = i
		} else if p.open(&p.sequence[i]) {
			p.lookAt(at)
		}
	}
	for i := range last + 1 {
		t := &p.sequence[i]
		if !p.open(t) {
			continue
		}
		step := p.steps[t.ID]
		switch {
		case firstOnly && !p.first(i):
			p.note(t.ID, Skipped, FirstMailOnly, "")
		case !firstOnly && i != last:
			p.note(t.ID, Skipped, Superseded, "")
		case p.now.After(DueTime(p.episode.Abandoned, t).Add(MaxLate)):
			p.note(t.ID, Skipped, TooLate, "")
		case !p.restored.Before(DueTime(p.episode.Abandoned, t)):
			p.note(t.ID, Skipped, Restored, "")
		case step.Retry.After(p.now):
			p.lookAt(step.Retry)
		case !p.inFlight: // else it is looked at again before long
			p.out.Due = t
		}
	}
}

// open reports whether a mail may still be sent.
func (p *planner) open(t *Template) bool {
	step, had := p.steps[t.ID]
	return !had || step.State == Deferred
}

// first reports whether a mail is the one that goes out when only one does:
// the first of the sequence, unless another was taken up before.
func (p *planner) first(i int) bool {
	for id, s := range p.steps {
		switch s.State {
		case Claimed, Sent, Deferred, Failed, Unknown, HeldOut:
			if id != p.sequence[i].ID {
				return false
			}
		case Skipped, Canceled:
		}
	}
	_, had := p.steps[p.sequence[i].ID]
	return i == 0 || had
}
