package hook

import (
	"encoding/json"
	"time"
)

// State is where a delivery stands.
type State string

// The states of a delivery. Waiting and Retrying are pending, the others over.
const (
	Waiting   State = "waiting"   // in line for its first attempt
	Retrying  State = "retrying"  // failed, and due again
	Delivered State = "delivered" // the receiver took it
	Failed    State = "failed"    // every attempt failed
	Dropped   State = "dropped"   // its hook was deleted or inactive when it was due
)

// States lists every state.
var States = []string{string(Waiting), string(Retrying), string(Delivered), string(Failed), string(Dropped)}

// Delivery is one event for one hook.
type Delivery struct {
	ID     int64
	Store  string
	Client string
	HookID int64
	// Subject, Version, N and Event say where in the journal the event stands.
	// Deliveries of one subject to one hook are first tried in that order.
	Subject           string
	Version, N, Event int64

	Scope     string
	Data      json.RawMessage
	Hash      string
	MessageID string    // the same at every attempt
	Created   time.Time // when the event happened

	State    State
	Attempts int       // since it was made, or last sent again by hand
	Due      time.Time // zero when it is over
	Finished time.Time // zero while it is pending
	// History has every attempt, the last maxHistory of them.
	History []Attempt
}

// Attempt is one request to a receiver.
type Attempt struct {
	At          time.Time `json:"at"` // when it ended
	Destination string    `json:"destination"`
	Status      int       `json:"status,omitempty"` // 0 when there was no answer
	Error       string    `json:"error,omitempty"`  // "" when it was delivered
	Millis      int64     `json:"millis"`           // how long it took
}

// maxHistory bounds the attempts that are kept: a delivery may be sent again
// by hand any number of times.
const maxHistory = 50

// Last returns the latest attempt; the zero value when there was none.
func (d *Delivery) Last() Attempt {
	if len(d.History) == 0 {
		return Attempt{}
	}
	return d.History[len(d.History)-1]
}

// Pending reports whether there is an attempt to come.
func (d *Delivery) Pending() bool { return d.State == Waiting || d.State == Retrying }

// waits are the times between a failure and the next attempt (spec/04 §3).
var waits = []time.Duration{
	60 * time.Second, 180 * time.Second, 300 * time.Second, 600 * time.Second, 900 * time.Second, 1800 * time.Second,
	3600 * time.Second, 7200 * time.Second, 21600 * time.Second, 50400 * time.Second, 86400 * time.Second,
}

// After returns the delivery as an attempt leaves it: delivered, due again, or
// given up after the last.
func (d Delivery) After(a Attempt) Delivery {
	d.Attempts++
	d.History = append(d.History[:len(d.History):len(d.History)], a)
	if extra := len(d.History) - maxHistory; extra > 0 {
		d.History = d.History[extra:]
	}
	switch {
	case a.Error == "":
		return d.over(Delivered, a.At)
	case d.Attempts > len(waits):
		return d.over(Failed, a.At)
	}
	d.State, d.Due = Retrying, a.At.Add(waits[d.Attempts-1])
	return d
}

// PutOff returns the delivery as a block leaves it: it goes to those that are
// tried again, and the first wait applies (spec/04 §3). It is no attempt.
func (d Delivery) PutOff(now time.Time) Delivery {
	d.State, d.Due = Retrying, now.Add(waits[0])
	return d
}

// Drop returns the delivery as one whose hook is gone or inactive.
func (d Delivery) Drop(now time.Time) Delivery { return d.over(Dropped, now) }

func (d Delivery) over(s State, now time.Time) Delivery {
	d.State, d.Due, d.Finished = s, time.Time{}, now
	return d
}

// Again returns the delivery as one that is sent again by hand: at once, with
// all its retries before it. One that waits in its line stays there.
func (d Delivery) Again(now time.Time) Delivery {
	if d.State == Waiting {
		return d
	}
	d.State, d.Due, d.Finished, d.Attempts = Retrying, now, time.Time{}, 0
	return d
}

func (d *Delivery) payload() payload {
	return payload{Scope: d.Scope, StoreID: StoreID(d.Store), Data: d.Data, Hash: d.Hash, Created: d.Created.Unix(), Producer: "stores/" + d.Store}
}

// Body is what a receiver is sent: the same bytes at every attempt.
func (d *Delivery) Body() []byte { return encode(d.payload()) }

// Receiver is a hook for which something is due. Hook is nil when it was
// deleted; Secret signs what it is sent, "" for a client without one.
type Receiver struct {
	HookID int64
	Hook   *Hook
	Secret string
}

// Settled is what an attempt led to besides the delivery itself.
type Settled struct {
	// Deactivated says that the hook was switched off, which Emails are to be
	// told of.
	Deactivated bool
	Emails      []string
}
