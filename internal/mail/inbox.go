package mail

import (
	"bufio"
	"bytes"
	"context"
	"mime"
	"strings"

	"cartwright/internal/recovery"
)

// Keeper keeps the mails of the sandbox: sqlstore's.
type Keeper interface {
	// KeepMail keeps a mail and gives it its id.
	KeepMail(ctx context.Context, m recovery.InboxMail) error
}

// Inbox is the mailer of the sandbox: it sends nothing and keeps all.
type Inbox struct {
	keeper Keeper
	signer *Signer
}

var _ recovery.Mailer = (*Inbox)(nil)

// NewInbox returns a mailer that keeps mails as they would have been sent, so
// signed too; signer may be nil.
func NewInbox(k Keeper, signer *Signer) *Inbox { return &Inbox{k, signer} }

// inboxConnections is how many mails are made at a time.
const inboxConnections = 4

// Connections implements recovery.Mailer.
func (*Inbox) Connections() int { return inboxConnections }

// Deliver implements recovery.Mailer.
func (b *Inbox) Deliver(ctx context.Context, m recovery.Mail) error {
	raw, err := b.signer.compose(ctx, m)
	if err != nil {
		return err
	}
	kept := recovery.InboxMail{
		Store: m.Store, From: m.From, To: m.To, Subject: line(m.Message.Subject, recovery.MaxSubject), HTML: m.Message.HTML, Text: m.Message.Text,
		Headers: headers(raw), SentAt: m.At,
	}
	if err := b.keeper.KeepMail(ctx, kept); err != nil {
		return failed(recovery.ErrTemporary, "the inbox cannot keep the mail: "+err.Error())
	}
	return nil
}

// headers reads the head of a mail that was composed here, in its order and
// decoded.
func headers(raw []byte) []recovery.MailHeader {
	var all []recovery.MailHeader
	words := new(mime.WordDecoder)
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan() && lines.Text() != ""; {
		text := lines.Text()
		if (text[0] == ' ' || text[0] == '\t') && len(all) > 0 {
			all[len(all)-1].Value += " " + strings.TrimSpace(text)
			continue
		}
		name, value, _ := strings.Cut(text, ":")
		all = append(all, recovery.MailHeader{Name: name, Value: strings.TrimSpace(value)})
	}
	for i := range all {
		if text, err := words.DecodeHeader(all[i].Value); err == nil {
			all[i].Value = text
		}
	}
	return all
}
