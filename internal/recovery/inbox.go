package recovery

import "time"

// InboxMail is a mail that the sandbox kept instead of sending it.
type InboxMail struct {
	// ID grows from mail to mail and is unique among the mails of all stores.
	ID       int64
	Store    string
	From, To Mailbox
	Subject  string
	HTML     string
	Text     string
	// Headers are those of the whole mail, in their order, decoded.
	Headers []MailHeader
	SentAt  time.Time // by the clock of the sandbox
}

// MailHeader is one line of a mail's head.
type MailHeader struct{ Name, Value string }

// InboxQuery says which mails of the inbox are asked for: newest first.
type InboxQuery struct {
	// Recipient is a part of the address or the name of whom a mail is for, in
	// any case; "" is everybody.
	Recipient string
	// Before leaves out this mail and all that are newer; 0 leaves out none.
	Before int64
	// Most is how many are given at most.
	Most int
}
