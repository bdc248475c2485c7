package recovery

import (
	"context"
	"errors"
	"strings"

	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/once"
)

// TestOf says which mail is sent to whom, to be looked at.
type TestOf struct {
	PreviewOf

	To string
}

// TestMail is such a mail, once it was handed over.
type TestMail struct {
	To        string
	Subject   string
	MessageID string // without brackets
}

// Tests sends mails to those who want to see how they look. No step, decision
// or counter knows of them.
type Tests struct {
	service *Service
	mailer  Mailer
}

// NewTests returns what sends tests; mailer may be nil.
func NewTests(s *Service, m Mailer) *Tests { return &Tests{s, m} }

// Send renders a template as Preview does, and sends it. It returns the faults
// of Preview, an Invalid one for an address that the mail server refuses, and
// an Unavailable one when there is no mail server or it takes no mail now.
//
// A request with an idempotency key keeps its answer before the mail is handed
// over: a crash in between loses a test, and no retry sends a second one. When
// the mail was certainly not accepted, the key is free again.
func (t *Tests) Send(ctx context.Context, store string, of TestOf) (TestMail, error) {
	if t.mailer == nil {
		return TestMail{}, fault.New(fault.Unavailable, "No mail is sent by this server: it runs without --smtp.")
	}
	m, f, err := t.service.preview(ctx, store, of.PreviewOf)
	if err != nil {
		return TestMail{}, err
	}
	from := Sender(f.Shop)
	_, domain, _ := strings.Cut(from.Address, "@")
	mail := Mail{
		Store: store, ID: "test." + id.Hex(16) + "@" + domain, From: from, To: Mailbox{Address: of.To}, Message: m, Unsubscribe: f.Unsubscribe,
		At: f.Now, Test: true,
	}
	sent := TestMail{To: of.To, Subject: m.Subject, MessageID: mail.ID}
	if once.From(ctx) != nil {
		if sent, err = t.service.storage.KeepTest(ctx, sent); err != nil {
			return TestMail{}, err
		}
	}
	err = t.mailer.Deliver(ctx, mail)
	if err == nil {
		return sent, nil
	}
	if errors.Is(err, ErrTemporary) || errors.Is(err, ErrRefused) {
		if err := t.service.storage.DropTest(context.WithoutCancel(ctx)); err != nil {
			return TestMail{}, err
		}
	}
	return TestMail{}, testFault(err)
}

// testFault tells what the mail server said.
func testFault(err error) error {
	switch {
	case errors.Is(err, ErrRefused):
		return refused("to", "the mail server refused the mail: "+err.Error())
	case errors.Is(err, ErrTemporary):
		return fault.New(fault.Unavailable, "The mail was not sent: "+err.Error())
	}
	return fault.New(fault.Unavailable, "The mail may have been sent: "+err.Error())
}
