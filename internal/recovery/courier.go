package recovery

import (
	"context"
	"time"
)

// Courier has mails that the sending engine delivers besides those of the
// sequences: notices to merchants. Whoever sends asks it when there is a
// connection free (decisions 20).
type Courier interface {
	// Next returns the earliest instant at which there is a mail to send, which
	// may be past; ok is false when none is in sight.
	Next(ctx context.Context) (at time.Time, ok bool, err error)
	// Take claims the next mail that is due at now, or returns nil. A mail that
	// was taken is never taken again unless Done was told ErrTemporary.
	Take(ctx context.Context, now time.Time) (*Parcel, error)
}

// Parcel is a claimed mail.
type Parcel struct {
	Mail Mail
	// Done keeps what became of the mail: err is what Mailer.Deliver returned.
	Done func(ctx context.Context, now time.Time, err error) error
}
