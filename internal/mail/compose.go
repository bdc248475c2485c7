package mail

import (
	"bytes"
	"fmt"
	stdmail "net/mail"
	"net/url"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"

	"cartwright/internal/cart"
	"cartwright/internal/recovery"
)

// testHeader marks mails that a merchant had sent to see them.
const testHeader = "X-Cartwright-Test"

// maxName bounds the names beside addresses, in characters.
const maxName = 100

// Compose writes a mail as MIME: its text and its HTML as alternatives, in
// UTF-8 and quoted-printable. It returns recovery.ErrRefused for addresses and
// ids that cannot stand in a header.
func Compose(m recovery.Mail) ([]byte, error) {
	from, err := address(m.From)
	if err != nil {
		return nil, err
	}
	to, err := address(m.To)
	if err != nil {
		return nil, err
	}
	if local, domain, ok := strings.Cut(m.ID, "@"); !ok || !atoms(local) || !atoms(domain) {
		return nil, failed(recovery.ErrRefused, fmt.Sprintf("%q cannot be a Message-ID", m.ID))
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	msg.FromMailAddress(from)
	msg.ToMailAddress(to)
	msg.Subject(line(m.Message.Subject, recovery.MaxSubject))
	msg.SetDateWithValue(m.At)
	msg.SetMessageIDWithValue(m.ID)
	if m.Test {
		msg.SetGenHeader(testHeader, "true")
	}
	if err := unsubscribe(msg, m.Unsubscribe); err != nil {
		return nil, err
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Message.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, m.Message.HTML)
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, failed(recovery.ErrRefused, "the mail cannot be written: "+err.Error())
	}
	return b.Bytes(), nil
}

// unsubscribe says how one click takes the recipient off the list (RFC 8058).
// Mailbox providers take https only; a sandbox, or a server without TLS, shows
// what they would get.
func unsubscribe(msg *mail.Msg, link string) error {
	if link == "" {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return failed(recovery.ErrRefused, fmt.Sprintf("%q is no link to unsubscribe with", link))
	}
	msg.SetGenHeaderPreformatted(mail.HeaderListUnsubscribe, "<"+u.String()+">")
	msg.SetGenHeaderPreformatted(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	return nil
}

// address makes a mailbox ready for a header and for the envelope.
func address(box recovery.Mailbox) (*stdmail.Address, error) {
	if !cart.ValidEmail(box.Address) || strings.ContainsFunc(box.Address, unicode.IsControl) {
		return nil, failed(recovery.ErrRefused, fmt.Sprintf("%q is no e-mail address", box.Address))
	}
	return &stdmail.Address{Name: line(box.Name, maxName), Address: box.Address}, nil
}

// line makes one line of text: control characters and invisible ones that turn
// text around become blanks, and blanks in a row one.
func line(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > most {
		runes = runes[:most]
	}
	return strings.TrimSpace(string(runes))
}

// atoms reports whether s is what a Message-ID may have on either side.
func atoms(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>[]:;@\,"`, r)
	})
}
