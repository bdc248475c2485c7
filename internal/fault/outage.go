package fault

import "errors"

// Outage is a database that cannot do now what it was asked for: it is away,
// stops, is overloaded or full. It is no refusal: the same request may succeed
// later, and whether a write that met it was done is not known.
type Outage struct {
	// Title is the sentence the client reads.
	Title string
	// Full says that there is no room left to write (507); otherwise the database
	// does not answer (503).
	Full bool
	// Err is the cause, for the log only.
	Err error
}

// Error returns the title and the cause.
func (o *Outage) Error() string {
	if o.Err == nil {
		return o.Title
	}
	return o.Title + ": " + o.Err.Error()
}

// Unwrap returns the cause.
func (o *Outage) Unwrap() error { return o.Err }

// IsOutage reports whether err is due to an outage. Whoever meets one beside a
// request tries again later and logs nothing: the database's own watch does.
func IsOutage(err error) bool {
	var o *Outage
	return errors.As(err, &o)
}

// Refusal returns what a client is told of err: the refusal inside it, or that
// of an outage. It returns nil for a defect.
func Refusal(err error) *Error {
	if e := As(err); e != nil {
		return e
	}
	var o *Outage
	if !errors.As(err, &o) {
		return nil
	}
	kind := Unavailable
	if o.Full {
		kind = Full
	}
	return &Error{Kind: kind, Title: o.Title, Err: o.Err}
}
