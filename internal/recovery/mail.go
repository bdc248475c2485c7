package recovery

import (
	"context"
	"errors"
	"time"
)

// Mail is a message with whom it is from and for. Names are text that may come
// from strangers.
type Mail struct {
	Store string
	// ID is the Message-ID without brackets: the same at every attempt.
	ID       string
	From, To Mailbox
	Message  Message
	// Unsubscribe is where one POST takes the recipient off the list (RFC 8058);
	// "" for mails to the merchant.
	Unsubscribe string
	At          time.Time
	// Test marks a mail that a merchant had sent to see it; nothing counts it.
	Test bool
}

// Mailbox is an address with the name of whose it is, which may be "".
type Mailbox struct{ Name, Address string }

// Mailer hands mails over. It is safe for use by many goroutines.
type Mailer interface {
	// Deliver returns nil once the mail was accepted, and an error that is one of
	// ErrTemporary, ErrRefused or ErrNoAnswer when it was not: its text is what
	// the mail server said.
	Deliver(ctx context.Context, m Mail) error
	// Connections is how many mails can be handed over at a time.
	Connections() int
}

// What can become of a mail that was not accepted (decisions 20).
var (
	// ErrTemporary says that it was refused for the time being, or that nothing
	// of it was handed over: it can be tried again.
	ErrTemporary = errors.New("refused for the time being")
	// ErrRefused says that the mail is refused for good; ErrNoSuchAddress that
	// it is because of the recipient, who is written to no more.
	ErrRefused       = errors.New("refused")
	ErrNoSuchAddress = errors.New("no such address")
	// ErrNoAnswer says that the whole mail was sent and nothing came back: it
	// may have been accepted, so it is never sent again.
	ErrNoAnswer = errors.New("no answer")
)
