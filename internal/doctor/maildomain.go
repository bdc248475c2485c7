package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"cartwright/internal/cart"
	"cartwright/internal/mail"
	"cartwright/internal/recovery"
)

// maxDomains bounds how many sender domains are looked up in one examination.
const maxDomains = 50

// sender is a domain that mails come from, and how they are signed.
type sender struct {
	domain string
	stores []string
	keys   []mail.Key // of the stores that have one
	bare   []string   // stores that sign nothing
}

// mailDomains asks the DNS what mailbox providers ask it about the senders of
// the stores.
func (d *database) mailDomains(ctx context.Context) []Finding {
	if d.Config.SMTP == "" || !d.wait(ctx) {
		return nil // no mail goes out, or it is not known from where
	}
	senders := d.senders()
	var rest []Finding
	if n := len(senders) - maxDomains; n > 0 {
		senders = senders[:maxDomains]
		rest = []Finding{ok("mail domains", "%d more were not looked up", n)}
	}
	found := make([][]Finding, len(senders))
	var all sync.WaitGroup
	for i, s := range senders {
		all.Go(func() { found[i] = d.sender(ctx, s) })
	}
	all.Wait()
	return append(slices.Concat(found...), rest...)
}

// senders returns the domains that the stores write from, by name.
func (d *database) senders() []sender {
	by := map[string]*sender{}
	for _, store := range d.facts.Stores {
		address := recovery.Sender(cart.Shop{Store: store, PublicURL: d.Config.PublicURL}).Address
		_, domain, _ := strings.Cut(strings.ToLower(address), "@")
		s := by[domain]
		if s == nil {
			s = &sender{domain: domain}
			by[domain] = s
		}
		s.stores = append(s.stores, store.Hash)
		signs := false
		for _, k := range d.facts.Keys {
			if k.Store == store.Hash && k.Domain == domain {
				s.keys = append(s.keys, mail.Key{Domain: k.Domain, Selector: k.Selector, Private: k.Private})
				signs = true
			}
		}
		if !signs {
			s.bare = append(s.bare, store.Hash)
		}
	}
	var all []sender
	for _, s := range by {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b sender) int { return strings.Compare(a.domain, b.domain) })
	return all
}

// sender looks at one domain.
func (s Setup) sender(ctx context.Context, from sender) []Finding {
	check := "mail from " + from.domain
	if !strings.Contains(from.domain, ".") || net.ParseIP(from.domain) != nil || from.domain == "localhost.localdomain" {
		return []Finding{{check, Failed, fmt.Sprintf("%s write from a domain that is none, and mail servers refuse that", strings.Join(from.stores, ", ")),
			"set --public-url to this server's own name, or make the store with --email-from"}}
	}
	var found []Finding
	add := func(state State, said, advice string) {
		if said != "" {
			found = append(found, Finding{check, state, said, advice})
		}
	}
	add(s.exists(ctx, from.domain))
	add(s.spf(ctx, from.domain))
	for _, k := range from.keys {
		add(s.dkim(ctx, k))
	}
	for _, store := range from.bare {
		add(Warning, "mails of the store "+store+" are not signed", fmt.Sprintf("cartwright dkim create --store %s --domain %s --selector mail1, and publish what it prints", store, from.domain))
	}
	add(s.dmarc(ctx, from.domain))
	if len(found) == 0 {
		found = append(found, ok(check, "takes mail; SPF, DKIM of %s and DMARC are published", strings.Join(from.stores, ", ")))
	}
	return found
}

// exists asks whether answers and bounces can reach a domain.
func (s Setup) exists(ctx context.Context, domain string) (State, string, string) {
	mx, err := s.Resolver.LookupMX(ctx, domain)
	if len(mx) == 1 && strings.Trim(mx[0].Host, ".") == "" {
		return Failed, domain + " says that it takes no mail (a null MX record), so many refuse mail from it", "write from a domain that takes mail"
	}
	if len(mx) > 0 {
		return OK, "", ""
	}
	if err != nil && !notFound(err) {
		return unknown("MX", domain, err)
	}
	hosts, err := s.Resolver.LookupHost(ctx, domain)
	switch {
	case err != nil && !notFound(err):
		return unknown("A", domain, err)
	case len(hosts) == 0:
		return Failed, domain + " has neither an MX nor an address record, so many refuse mail from it", "publish an MX record, or write from a domain that has one"
	}
	return OK, "", ""
}

func (s Setup) spf(ctx context.Context, domain string) (State, string, string) {
	records, err := s.text(ctx, domain, "v=spf1")
	advice := fmt.Sprintf(`publish a TXT record of %s that names your mail server, such as "v=spf1 include:_spf.mail.example -all"`, domain)
	switch {
	case err != nil:
		return unknown("TXT", domain, err)
	case len(records) == 0:
		return Warning, "there is no SPF record: nobody can tell your mail server from others", advice
	case len(records) > 1:
		return Warning, fmt.Sprintf("there are %d SPF records, and with more than one none counts", len(records)), "make one of them"
	}
	for term := range strings.FieldsSeq(strings.ToLower(records[0])) {
		if term == "+all" || term == "all" {
			return Warning, "the SPF record lets everybody send (" + term + ")", advice
		}
	}
	return OK, "", ""
}

func (s Setup) dkim(ctx context.Context, k mail.Key) (State, string, string) {
	name, want, err := k.Record()
	if err != nil {
		return Failed, fmt.Sprintf("the key %s cannot be read: %s", k.Selector, err), "make another with cartwright dkim create and a new --selector"
	}
	advice := fmt.Sprintf("publish it: cartwright dkim create with --selector %s prints it again", k.Selector)
	records, err := s.Resolver.LookupTXT(ctx, name)
	switch {
	case err != nil && !notFound(err):
		return unknown("TXT", name, err)
	case len(records) == 0:
		return Failed, "mails are signed, and the record " + name + " is not published, so the signatures do not hold", advice
	case !slices.ContainsFunc(records, func(r string) bool { return tag(r, "p") == tag(want, "p") }):
		return Failed, "the record " + name + " is not that of the key that mails are signed with, so the signatures do not hold", advice
	}
	return OK, "", ""
}

// dmarc asks for the policy of a domain: its own, or that of a domain above it.
func (s Setup) dmarc(ctx context.Context, domain string) (State, string, string) {
	for at := domain; strings.Contains(at, "."); _, at, _ = strings.Cut(at, ".") {
		records, err := s.text(ctx, "_dmarc."+at, "v=dmarc1")
		if err != nil {
			return unknown("TXT", "_dmarc."+at, err)
		}
		if len(records) > 0 {
			return OK, "", ""
		}
	}
	return Warning, "there is no DMARC record, which large mailbox providers ask for",
		fmt.Sprintf(`publish a TXT record _dmarc.%[1]s, such as "v=DMARC1; p=none; rua=mailto:dmarc@%[1]s"`, domain)
}

// text returns the TXT records of a name that begin with a version.
func (s Setup) text(ctx context.Context, name, version string) ([]string, error) {
	all, err := s.Resolver.LookupTXT(ctx, name)
	if err != nil && !notFound(err) {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(r string) bool {
		rest, is := strings.CutPrefix(strings.ToLower(strings.TrimSpace(r)), version)
		return !is || rest != "" && rest[0] != ' ' && rest[0] != ';'
	}), nil
}

// tag returns one value of a DKIM record, without the spaces that may be in it.
func tag(record, name string) string {
	for field := range strings.SplitSeq(record, ";") {
		if key, value, _ := strings.Cut(field, "="); strings.TrimSpace(key) == name {
			return strings.Join(strings.Fields(value), "")
		}
	}
	return ""
}

// unknown is what is said when the DNS does not answer.
func unknown(kind, name string, err error) (State, string, string) {
	return Warning, fmt.Sprintf("the %s record of %s cannot be looked up: %s", kind, name, reason(err)), "see that this machine can ask the DNS, then ask again"
}

func notFound(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound
}
