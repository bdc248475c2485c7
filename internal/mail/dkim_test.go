package mail

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

type keyRing map[string]Key // by domain

func (r keyRing) FindDKIMKey(_ context.Context, store, domain string) (string, string, error) {
	if store == "broken" {
		return "", "", errors.New("the database is away")
	}
	return r[domain].Selector, r[domain].Private, nil
}

func newKey(t testing.TB) Key {
	t.Helper()
	k, err := NewKey("Shop.Example.", "Mail2026", noon)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// verify checks a mail as a mailbox provider does, with the record that was
// printed for the DNS.
func verify(t *testing.T, k Key, raw []byte) error {
	t.Helper()
	name, value, err := k.Record()
	if err != nil {
		t.Fatal(err)
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(asked string) ([]string, error) {
		if asked != name {
			return nil, errors.New("no record " + asked)
		}
		// As resolvers give it: the strings of TXT put together.
		return []string{strings.ReplaceAll(strings.Trim(TXT(value), `"`), `" "`, "")}, nil
	}})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d signatures, %v", len(found), err)
	}
	for _, header := range []string{"from", "subject", "list-unsubscribe", "list-unsubscribe-post"} {
		if !strings.Contains(strings.ToLower(strings.Join(found[0].HeaderKeys, " ")), header) {
			t.Errorf("the signature does not cover %s: %v", header, found[0].HeaderKeys)
		}
	}
	return found[0].Err
}

func TestSignaturesVerify(t *testing.T) {
	k := newKey(t)
	raw, err := Compose(sample())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := NewSigner(keyRing{k.Domain: k}).Sign(t.Context(), "demo", "shop@SHOP.example", raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(t, k, signed); err != nil {
		t.Errorf("the signature does not hold: %v", err)
	}
	for name, change := range map[string][2]string{
		"another recipient":          {"ada@example.com", "eve@example.com"},
		"another way to unsubscribe": {"unsubscribe?t=0123", "unsubscribe?t=4567"},
		"another text":               {"Ada</b>", "Eve</b>"},
		"no one-click":               {"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", ""},
	} {
		forged := bytes.Replace(signed, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(forged, signed) {
			t.Fatalf("%s: nothing to change in %s", name, signed)
		}
		if err := verify(t, k, forged); err == nil {
			t.Errorf("%s: the signature holds", name)
		}
	}
}

func TestSignerWithoutAKey(t *testing.T) {
	k := newKey(t)
	s := NewSigner(keyRing{k.Domain: k})
	raw := []byte("From: a@other.example\r\n\r\nx\r\n")
	if got, err := s.Sign(t.Context(), "demo", "a@other.example", raw); err != nil || !bytes.Equal(got, raw) {
		t.Errorf("signed %q, %v", got, err)
	}
	if _, err := s.Sign(t.Context(), "broken", "a@other.example", raw); err == nil {
		t.Error("a key that cannot be looked up is no mail without a signature")
	}
}

func TestNewKeyRefuses(t *testing.T) {
	for _, names := range [][2]string{{"", "s"}, {"shop", "s"}, {"shop.example/x", "s"}, {"shop example.com", "s"}, {"shop.example", ""}, {"shop.example", "a b"}, {"shop.example", "a;b"}} {
		if k, err := NewKey(names[0], names[1], noon); err == nil {
			t.Errorf("%v makes %+v", names, k)
		}
	}
}

func TestTXT(t *testing.T) {
	value := strings.Repeat("x", 255) + strings.Repeat("y", 100)
	if got, want := TXT(value), `"`+value[:255]+`" "`+value[255:]+`"`; got != want {
		t.Errorf("wrote %s", got)
	}
	if got := TXT("short"); got != `"short"` {
		t.Errorf("wrote %s", got)
	}
}
