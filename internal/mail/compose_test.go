package mail

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	stdmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/recovery"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func sample() recovery.Mail {
	return recovery.Mail{
		Store: "demo", ID: "7.1.0011223344556677@shop.example", From: recovery.Mailbox{Name: "Lämpchen & Söhne", Address: "shop@shop.example"},
		To:          recovery.Mailbox{Name: "Ada Byron", Address: "ada@example.com"},
		Message:     recovery.Message{Subject: "Dein Warenkorb wartet – schön!", HTML: "<p>Grüße = <b>Ada</b></p>\n.\n", Text: "Grüße\n.\nAda\n"},
		Unsubscribe: "https://shop.example/shop/demo/unsubscribe?t=0123", At: noon,
	}
}

// allHeaders are those of a mail to a shopper, and no others.
var allHeaders = []string{"Content-Type", "Date", "From", "List-Unsubscribe", "List-Unsubscribe-Post", "Message-Id", "Mime-Version", "Subject", "To"}

func names(h stdmail.Header) []string {
	var all []string
	for name, values := range h {
		for range values {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

func TestCompose(t *testing.T) {
	raw, err := Compose(sample())
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.SplitSeq(string(raw), "\r\n") {
		if len(l) > 200 || strings.ContainsAny(l, "\r\n") || !ascii(l) {
			t.Errorf("the line %q", l)
		}
	}
	m, err := stdmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got := names(m.Header); !slices.Equal(got, allHeaders) {
		t.Errorf("the headers are %v", got)
	}
	for name, want := range map[string]string{
		"Message-ID": "<7.1.0011223344556677@shop.example>", "Date": "Wed, 04 Mar 2026 12:00:00 +0000", "To": `"Ada Byron" <ada@example.com>`,
		"List-Unsubscribe": "<https://shop.example/shop/demo/unsubscribe?t=0123>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); subject != sample().Message.Subject {
		t.Errorf("the subject reads %q", subject)
	}
	if from, err := m.Header.AddressList("From"); err != nil || from[0].Name != "Lämpchen & Söhne" || from[0].Address != "shop@shop.example" {
		t.Errorf("from %v, %v", from, err)
	}
	kind, params, _ := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if kind != "multipart/alternative" {
		t.Fatalf("the type is %q", kind)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range [][2]string{{"text/plain; charset=UTF-8", sample().Message.Text}, {"text/html; charset=UTF-8", sample().Message.HTML}} {
		p, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Header.Get("Content-Type"); got != want[0] {
			t.Errorf("a part is %q, want %q", got, want[0])
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if got := strings.ReplaceAll(string(body), "\r\n", "\n"); err != nil || got != want[1] {
			t.Errorf("a part reads %q, %v", got, err)
		}
	}
}

func TestComposeMarksTests(t *testing.T) {
	m := sample()
	m.Test, m.Unsubscribe = true, ""
	raw, err := Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(raw); !strings.Contains(s, "\r\nX-Cartwright-Test: true\r\n") || strings.Contains(s, "List-Unsubscribe") {
		t.Errorf("composed %s", s)
	}
}

func TestComposeRefuses(t *testing.T) {
	tests := map[string]func(*recovery.Mail){
		"a line end in the recipient": func(m *recovery.Mail) { m.To.Address = "ada@example.com\r\nBcc: eve@example.com" },
		"a line end in the sender":    func(m *recovery.Mail) { m.From.Address = "shop@shop.example\nX: y" },
		"two recipients":              func(m *recovery.Mail) { m.To.Address = "ada@example.com, eve@example.com" },
		"a name in the address":       func(m *recovery.Mail) { m.To.Address = "Ada <ada@example.com>" },
		"parameters of the envelope":  func(m *recovery.Mail) { m.To.Address = "ada@example.com> NOTIFY=NEVER" },
		"no recipient":                func(m *recovery.Mail) { m.To.Address = "" },
		"a line end in the id":        func(m *recovery.Mail) { m.ID = "1@x\r\nBcc: eve@example.com" },
		"an id that ends early":       func(m *recovery.Mail) { m.ID = "1>@x" },
		"a link that runs scripts":    func(m *recovery.Mail) { m.Unsubscribe = "javascript:alert(1)" },
		"a link with a line end":      func(m *recovery.Mail) { m.Unsubscribe = "https://shop.example/\r\nBcc: eve@example.com" },
	}
	for name, change := range tests {
		m := sample()
		change(&m)
		if raw, err := Compose(m); !errors.Is(err, recovery.ErrRefused) {
			t.Errorf("%s: composed %q, %v", name, raw, err)
		}
	}
}

// Whatever strangers call themselves, a mail has its own headers and no more,
// goes to one recipient, and its parts are what was meant.
func FuzzCompose(f *testing.F) {
	f.Add("Ada\r\nBcc: eve@example.com", "Hello\r\n\r\n<script>", "ada@example.com")
	f.Add("a"+strings.Repeat(" ", 300)+"b", strings.Repeat("ü ", 200), "ada@example.com\r\n")
	f.Add("\" <eve@example.com>, \"", "=?utf-8?q?x?=\x00", "ü@example.com")
	f.Add(strings.Repeat("x", 80)+" "+strings.Repeat("y", 80), "\u2028\u202e", "a@b.c")
	f.Fuzz(func(t *testing.T, name, subject, to string) {
		m := sample()
		m.To, m.From.Name, m.Message.Subject = recovery.Mailbox{Name: name, Address: to}, name, subject
		raw, err := Compose(m)
		if err != nil {
			return
		}
		read, err := stdmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%v in %q", err, raw)
		}
		if got := names(read.Header); !slices.Equal(got, allHeaders) {
			t.Fatalf("the headers are %v in %q", got, raw)
		}
		list, err := read.Header.AddressList("To")
		if err != nil || len(list) != 1 || list[0].Address != to {
			t.Fatalf("it goes to %v, %v, and not to %q: %q", list, err, to, raw)
		}
	})
}
