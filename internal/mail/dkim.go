package mail

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"cartwright/internal/clock"
	"cartwright/internal/recovery"
)

// Key is what mails of a store from a domain are signed with.
type Key struct {
	Domain   string
	Selector string
	// Private is a PKCS #8 key in base64.
	Private string
	Created time.Time
}

// Keys finds keys: sqlstore's.
type Keys interface {
	// FindDKIMKey returns the private key, as in Key, with which a store signs
	// for a domain, and its selector; both are "" without one.
	FindDKIMKey(ctx context.Context, store, domain string) (selector, private string, err error)
}

// KeyStorage keeps keys: sqlstore's.
type KeyStorage interface {
	Keys
	// PutDKIMKey keeps the key with which a store signs for a domain, and reports
	// whether it did: one of the same selector stays.
	PutDKIMKey(ctx context.Context, store, domain, selector, private string, now time.Time) (bool, error)
}

// CreateKey makes the key with which a store signs for a domain. A key of the
// same selector is returned as it is, and added is false: its record is
// published already.
func CreateKey(ctx context.Context, keys KeyStorage, store, domain, selector string, now time.Time) (k Key, added bool, err error) {
	if k, err = NewKey(domain, selector, now); err != nil {
		return Key{}, false, err
	}
	added, err = keys.PutDKIMKey(ctx, store, k.Domain, k.Selector, k.Private, k.Created)
	if err == nil && !added {
		k.Selector, k.Private, err = keys.FindDKIMKey(ctx, store, k.Domain)
	}
	return k, added, err
}

// keyBits is what RFC 8301 asks for and every verifier takes.
const keyBits = 2048

var dnsLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// NewKey makes a key for a domain. selector is the name in front of it in DNS.
func NewKey(domain, selector string, now time.Time) (Key, error) {
	k := Key{Domain: strings.ToLower(strings.TrimSuffix(domain, ".")), Selector: strings.ToLower(selector), Created: now}
	if !dnsName(k.Domain) || !strings.Contains(k.Domain, ".") {
		return Key{}, fmt.Errorf("the domain %q: write the domain of the sender's address, such as shop.example", domain)
	}
	if !dnsName(k.Selector) {
		return Key{}, fmt.Errorf("the selector %q: write letters, digits and dashes, such as mail2026", selector)
	}
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return Key{}, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return Key{}, fmt.Errorf("write a key: %w", err)
	}
	k.Private = base64.StdEncoding.EncodeToString(der)
	return k, nil
}

func dnsName(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if !dnsLabel.MatchString(label) {
			return false
		}
	}
	return len(s) <= 253
}

// Record returns the name and the value of the DNS record, type TXT, by which
// others check the signatures.
func (k Key) Record() (name, value string, err error) {
	private, err := readKey(k.Private)
	if err != nil {
		return "", "", err
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return "", "", fmt.Errorf("write a public key: %w", err)
	}
	return k.Selector + "._domainkey." + k.Domain, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
}

// maxTXT is how long a string of a TXT record may be, in bytes.
const maxTXT = 255

// TXT writes the value of a TXT record as a zone file has it: strings of 255
// bytes at most, in quotes, which whoever reads puts together again.
func TXT(value string) string {
	var parts []string
	for len(value) > maxTXT {
		parts = append(parts, `"`+value[:maxTXT]+`"`)
		value = value[maxTXT:]
	}
	return strings.Join(append(parts, `"`+value+`"`), " ")
}

func readKey(private string) (crypto.Signer, error) {
	der, err := base64.StdEncoding.DecodeString(private)
	if err != nil {
		return nil, fmt.Errorf("read a DKIM key: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read a DKIM key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("read a DKIM key: it cannot sign")
	}
	return signer, nil
}

// keyFresh is for how long a key, or that there is none, is believed to be
// unchanged: real time.
const keyFresh = 10 * time.Second

// Signer signs mails with the keys of their stores (RFC 6376). It is safe for
// use by many goroutines.
type Signer struct {
	keys  Keys
	clock clock.Real
	mu    sync.Mutex
	known map[[2]string]signingKey // by store and domain
}

// signingKey is a key as it was read; key is nil where there is none.
type signingKey struct {
	selector, private string
	key               crypto.Signer
	until             time.Time
}

// NewSigner returns a signer that looks up the keys that it needs.
func NewSigner(keys Keys) *Signer {
	return &Signer{keys: keys, known: map[[2]string]signingKey{}}
}

// signedHeaders are what a signature covers. One that a mail lacks is signed as
// missing, so that nobody can add it.
var signedHeaders = []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post"}

// compose writes a mail as MIME and signs it. A signer that is nil does not sign.
func (s *Signer) compose(ctx context.Context, m recovery.Mail) ([]byte, error) {
	raw, err := Compose(m)
	if err != nil || s == nil {
		return raw, err
	}
	if raw, err = s.Sign(ctx, m.Store, m.From.Address, raw); err != nil {
		return nil, failed(recovery.ErrTemporary, "the mail cannot be signed: "+err.Error())
	}
	return raw, nil
}

// Sign puts a signature in front of a mail, or returns it as it is when the
// store has no key for the domain of the sender.
func (s *Signer) Sign(ctx context.Context, store, from string, raw []byte) ([]byte, error) {
	_, domain, _ := strings.Cut(from, "@")
	domain = strings.ToLower(domain)
	k, err := s.key(ctx, store, domain)
	if err != nil || k.key == nil {
		return raw, err
	}
	var signed bytes.Buffer
	signed.Grow(len(raw) + 1<<10)
	err = dkim.Sign(&signed, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: domain, Selector: k.selector, Signer: k.key, Hash: crypto.SHA256, HeaderKeys: signedHeaders,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign for %s: %w", domain, err)
	}
	return signed.Bytes(), nil
}

// key returns the key of a store for a domain. Reading the text of a key takes
// longer than signing with it, so one that has not changed is not read again.
func (s *Signer) key(ctx context.Context, store, domain string) (signingKey, error) {
	name, now := [2]string{store, domain}, s.clock.Now()
	s.mu.Lock()
	k, ok := s.known[name]
	s.mu.Unlock()
	if ok && now.Before(k.until) {
		return k, nil
	}
	selector, private, err := s.keys.FindDKIMKey(ctx, store, domain)
	if err != nil {
		return k, fmt.Errorf("find the DKIM key of %s: %w", domain, err)
	}
	if private != k.private {
		k = signingKey{private: private}
		if private != "" {
			if k.key, err = readKey(private); err != nil {
				return signingKey{}, err
			}
		}
	}
	k.selector, k.until = selector, now.Add(keyFresh)
	s.mu.Lock()
	s.known[name] = k
	s.mu.Unlock()
	return k, nil
}
