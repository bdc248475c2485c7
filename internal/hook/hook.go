// Package hook decides who is told of what: which webhooks an event concerns,
// what they are sent, and what happens when a receiver does not answer.
//
//	notices := hook.Expand(row)                     // what a row of the journal tells
//	if hook.Matches(h.Scope, notices[0].Scope) { … } // whom it concerns
//	next := delivery.After(attempt)                 // delivered, tried again, or given up
//
// Three things always hold:
//   - the same event is sent to the same hook with the same body, hash and
//     message id, however often;
//   - a hook belongs to a store and an API client, and no other client sees it
//     or what was sent to it;
//   - the rules here take the time as an argument and touch neither network nor
//     database. Package webhook sends, package sqlstore keeps.
package hook

import (
	"strings"
	"time"
	"unicode"

	"cartwright/internal/fault"
)

// Hook is one subscription: events of a scope go to a destination (spec/04 §1).
type Hook struct {
	ID          int64
	Store       string
	Client      string // the API client that owns it
	Scope       string // a concrete event or a wildcard
	Destination string
	Headers     map[string]string // sent with each callback; nil shows as null
	Active      bool
	// Deactivated says that the dispatcher switched the hook off, not its owner.
	Deactivated bool
	Created     time.Time
	Updated     time.Time
	// LastDelivery is when something last arrived, to the hour; for a hook that
	// is new or was switched on again, that instant.
	LastDelivery time.Time
}

// The states of a hook (spec/04 §1.3).
const (
	StatusActive      = "active"
	StatusInactive    = "inactive"    // its owner switched it off
	StatusDeactivated = "deactivated" // the dispatcher did
)

// Status is the state in the vendor's word.
func (h *Hook) Status() string {
	switch {
	case h.Active:
		return StatusActive
	case h.Deactivated:
		return StatusDeactivated
	}
	return StatusInactive
}

// IdleLimit is after how long without any delivery a hook is deactivated.
const IdleLimit = 90 * 24 * time.Hour

// Fields are what a request says of a hook. Nil leaves a field as it is.
type Fields struct {
	Scope       *string
	Destination *string
	Active      *bool
	// Headers replaces the whole map when HasHeaders is set; nil clears it.
	Headers    map[string]string
	HasHeaders bool
}

func (f Fields) empty() bool {
	return f.Scope == nil && f.Destination == nil && f.Active == nil && !f.HasHeaders
}

// apply changes a hook. Switching it on clears what switched it off.
func (h *Hook) apply(f Fields, now time.Time) {
	if f.Scope != nil {
		h.Scope = *f.Scope
	}
	if f.Destination != nil {
		h.Destination = *f.Destination
	}
	if f.HasHeaders {
		h.Headers = f.Headers
	}
	if f.Active != nil {
		if *f.Active && !h.Active {
			h.LastDelivery = now
		}
		h.Active, h.Deactivated = *f.Active, false
	}
	h.Updated = now
}

// The limits of spec/04 §1, and of headers.
const (
	MaxPerScope    = 10
	maxHeaders     = 64
	maxHeaderName  = 64
	maxHeaderValue = 8 << 10
	// MaxDestination bounds the address of a receiver, in bytes.
	MaxDestination = 2048
	// MaxEmails bounds the addresses that are told of failures.
	MaxEmails = 50
)

// check refuses a hook that breaks a rule, alone or among the other hooks of
// its client.
func (h *Hook) check(others []Hook, p Policy) error {
	if !ValidScope(h.Scope) {
		return fault.Field("scope", "Scope is not valid")
	}
	if err := p.Check(h.Destination); err != nil {
		return err
	}
	if err := checkHeaders(h.Headers); err != nil {
		return err
	}
	sameScope := 0
	for i := range others {
		o := &others[i]
		if o.ID == h.ID {
			continue
		}
		if o.Scope == h.Scope {
			sameScope++
		}
		if err := h.clash(o); err != nil {
			return err
		}
	}
	if sameScope >= MaxPerScope {
		return fault.Field("scope", "A client can have at most 10 webhooks with one scope")
	}
	return nil
}

func (h *Hook) clash(o *Hook) error {
	sameTarget := o.Destination == h.Destination
	switch exceptional := h.Scope == ScopeException; {
	case o.Scope == h.Scope && sameTarget:
		return &fault.Error{Kind: fault.Invalid, Title: "Webhook with this scope and destination already exists",
			Fields: map[string]string{"destination": "error.duplicate"}}
	case exceptional && o.Scope == ScopeException:
		return fault.Field("scope", "A client can have only one webhook for delivery exceptions")
	case sameTarget && (exceptional || o.Scope == ScopeException):
		return fault.Field("destination", "Delivery exceptions need a destination that no other webhook has")
	}
	return nil
}

// hopByHop are the headers that are about the connection: whoever sets them
// changes where a request ends.
var hopByHop = []string{"connection", "content-length", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}

func checkHeaders(headers map[string]string) error {
	if len(headers) > maxHeaders {
		return fault.Field("headers", fault.MaxLength)
	}
	for name, value := range headers {
		path := "headers." + name
		switch {
		case name == "" || len(name) > maxHeaderName || strings.ContainsFunc(name, notToken):
			return fault.Field("headers", "error.header.name")
		case len(value) > maxHeaderValue:
			return fault.Field(path, fault.MaxLength)
		case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
			return fault.Field(path, "error.header.value")
		}
		for _, reserved := range hopByHop {
			if strings.EqualFold(name, reserved) {
				return fault.Field(path, "error.header.reserved")
			}
		}
	}
	return nil
}

// notToken reports whether a character may not stand in the name of a header.
func notToken(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
