// Package mail hands mails over: it writes them as MIME, signs them, and speaks
// SMTP. In the sandbox it keeps them instead.
//
//	server, err := mail.ParseServer("smtp://user:password@mail.example:587?connections=8")
//	mailer := mail.NewSMTP(mail.Config{Server: server, Signer: mail.NewSigner(keys)})
//	err = mailer.Deliver(ctx, m) // nil once the server took it
//
// Three things always hold:
//   - a mail is handed over at most once for each call of Deliver: what breaks
//     before its content was sent is tried again on a fresh connection, what
//     breaks after its final dot never is;
//   - names, addresses and subjects cannot add a header or a recipient;
//   - a password goes over an encrypted connection, or not beyond this machine.
package mail

import (
	"errors"
	"strings"
	"unicode/utf8"

	"cartwright/internal/recovery"
)

// failure is a mail that was not accepted: kind is one of recovery's errors,
// and text what the mail server said.
type failure struct {
	kind error
	text string
}

// maxSaid bounds what is kept of what a mail server says, in bytes.
const maxSaid = 500

func failed(kind error, text string) error {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) > maxSaid {
		text = text[:maxSaid]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	return &failure{kind, text}
}

func (f *failure) Error() string { return f.text }

// Unwrap returns what can become of a mail. An address that does not exist is
// a refusal too.
func (f *failure) Unwrap() []error {
	if errors.Is(f.kind, recovery.ErrNoSuchAddress) {
		return []error{recovery.ErrNoSuchAddress, recovery.ErrRefused}
	}
	return []error{f.kind}
}
