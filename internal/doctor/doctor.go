// Package doctor examines an installation: whether what is configured can work,
// and what to do where it cannot.
//
//	report := doctor.Examine(ctx, doctor.Setup{Config: config})
//	err := report.Write(os.Stdout)
//
// Three things always hold:
//   - nothing is changed: no file is made, nothing migrated, no mail sent;
//   - every check runs to its end or to its time limit, whatever becomes of the
//     others, and together they take less than fifteen seconds;
//   - whatever is not in order is said together with what to do about it, and
//     without passwords.
package doctor

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"sync"
	"time"

	"cartwright/internal/app"
)

// State is how something was found.
type State string

// The states. A warning is what will hurt later, or only some.
const (
	OK      State = "ok"
	Warning State = "warning"
	Failed  State = "failed"
)

// Finding is what one check came to.
type Finding struct {
	Check  string `json:"check"`
	State  State  `json:"state"`
	Said   string `json:"said"`
	Advice string `json:"advice,omitempty"` // what to do; "" where nothing is to be done
}

func ok(check, said string, args ...any) Finding {
	return Finding{Check: check, State: OK, Said: fmt.Sprintf(said, args...)}
}

// Slip is a variable of the environment that has no effect, and the one that
// was probably meant.
type Slip struct{ Name, Meant string }

// Resolver looks names up: net.Resolver.
type Resolver interface {
	LookupHost(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Setup is what is examined.
type Setup struct {
	Config app.Config
	Slips  []Slip
	// Resolver looks names up; nil asks as the machine does.
	Resolver Resolver
	// Roots are who is trusted to sign certificates; nil are the machine's.
	Roots *x509.CertPool
}

// part is a piece of the examination that goes on beside the others.
type part struct {
	name  string // what Finding.Check is when it takes too long
	limit time.Duration
	check func(context.Context) []Finding
}

// Examine runs all checks. It returns when the last has ended, whatever they
// find; a ctx that is done ends them early, as failed.
func Examine(ctx context.Context, s Setup) Report {
	if s.Resolver == nil {
		s.Resolver = net.DefaultResolver
	}
	parts := parts(s)
	found := make([][]Finding, len(parts))
	var all sync.WaitGroup
	for i, p := range parts {
		all.Go(func() { found[i] = p.run(ctx) })
	}
	all.Wait()
	var r Report
	for _, f := range found {
		r.Checks = append(r.Checks, f...)
	}
	r.count()
	return r
}

// grace is how long a check may take to notice that its time is over.
const grace = time.Second

// run runs a check, and gives it up when it does not end in time.
func (p part) run(ctx context.Context) []Finding {
	ctx, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	done := make(chan []Finding, 1)
	go func() { done <- p.check(ctx) }()
	select {
	case found := <-done:
		return found
	case <-ctx.Done():
	}
	last := time.NewTimer(grace)
	defer last.Stop()
	select {
	case found := <-done:
		return found
	case <-last.C:
		return []Finding{{p.name, Failed, fmt.Sprintf("no answer within %s", p.limit+grace), "something hangs: look at the disk and at the network, then ask again"}}
	}
}

// parts are all checks, in the order in which they are reported. They go on beside
// each other, so that a machine that is busy costs nobody a check that would take
// no time.
func parts(s Setup) []part {
	d := &database{Setup: s, known: make(chan struct{})}
	return []part{
		{"configuration", 5 * time.Second, s.configuration},
		{"database", 6 * time.Second, d.examine},
		{"integrity", 10 * time.Second, d.integrity},
		{"clock", 7 * time.Second, d.clock},
		{"server", 5 * time.Second, s.server},
		{"public URL", 10 * time.Second, s.publicURL},
		{"TLS files", 5 * time.Second, s.tlsFiles},
		{"mail server", 12 * time.Second, s.mailServer},
		{"mail domains", 13 * time.Second, d.mailDomains},
		{"webhooks", 5 * time.Second, s.webhooks},
		{"machine", 5 * time.Second, machine},
	}
}
