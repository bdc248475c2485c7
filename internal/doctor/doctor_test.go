package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cartwright/internal/app"
	"cartwright/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// names is a DNS without a network. What is not in it does not exist; away is
// a name that nobody answers for.
type names struct {
	hosts, txt map[string][]string
	mx         map[string][]string
	away       string
}

func (n names) look(name string, found []string) ([]string, error) {
	switch {
	case name == n.away:
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	case len(found) == 0:
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return found, nil
}

func (n names) LookupHost(_ context.Context, name string) ([]string, error) {
	if net.ParseIP(name) != nil {
		return []string{name}, nil
	}
	return n.look(name, n.hosts[name])
}

func (n names) LookupTXT(_ context.Context, name string) ([]string, error) {
	return n.look(name, n.txt[name])
}

func (n names) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	hosts, err := n.look(name, n.mx[name])
	var all []*net.MX
	for _, h := range hosts {
		all = append(all, &net.MX{Host: h, Pref: 10})
	}
	return all, err
}

// config is a set-up in which nothing runs.
func config(t *testing.T, change func(*app.Config)) app.Config {
	c := app.Config{Listen: "127.0.0.1:0", Data: t.TempDir(), Sandbox: true}
	if change != nil {
		change(&c)
	}
	return c
}

// of returns what a report says of one check.
func (r Report) of(check string) []Finding {
	var found []Finding
	for _, f := range r.Checks {
		if f.Check == check {
			found = append(found, f)
		}
	}
	return found
}

// expect compares what a report says of one check, without the check's name.
func expect(t *testing.T, r Report, check string, want ...Finding) {
	t.Helper()
	got := r.of(check)
	if len(got) != len(want) {
		t.Fatalf("%s: found %d, want %d: %+v", check, len(got), len(want), got)
	}
	for i, w := range want {
		if w.Check = check; got[i] != w {
			t.Errorf("found %+v\n want %+v", got[i], w)
		}
	}
}

func TestConfiguration(t *testing.T) {
	const refused = "change the setting; serve refuses to start with it"
	tests := map[string]struct {
		change func(*app.Config)
		slips  []Slip
		want   []Finding
	}{
		"in order": {nil, nil, []Finding{{"", OK, "can be served with", ""}}},
		"two that cannot work": {func(c *app.Config) { c.Listen, c.PublicURL = "8080", "shop.example" }, nil, []Finding{
			{"", Failed, "--listen 8080: write an address and a port, for example 127.0.0.1:8080, or :8080 for every address of this machine", refused},
			{"", Failed, "--public-url shop.example: write it with its scheme, for example https://shop.example", refused},
		}},
		"a database URL that cannot be read": {func(c *app.Config) { c.Database = "postgres://shop:se/cret@db/shop" }, nil, []Finding{
			{"", Failed, "the database URL cannot be read: write postgres://user:password@host/database, with special characters of the password " +
				"percent-encoded, such as %2F for /, %40 for @, %3A for :, %23 for #, %3F for ? and %25 for %", refused},
		}},
		"a variable with a slip": {nil, []Slip{{"CARTWRIGHT_LISTN", "CARTWRIGHT_LISTEN"}}, []Finding{
			{"", Warning, "CARTWRIGHT_LISTN in the environment has no effect", "did you mean CARTWRIGHT_LISTEN?"},
		}},
		"an open sandbox": {func(c *app.Config) { c.Listen = ":0" }, nil, []Finding{
			{"", Warning, "the sandbox is open to everyone who reaches :0: no sign-in, a clock to wind, mail to read", "listen on 127.0.0.1, or serve without --sandbox"},
		}},
		"an open server": {func(c *app.Config) { c.Listen, c.Sandbox = ":0", false }, nil, []Finding{{"", OK, "can be served with", ""}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := Examine(t.Context(), Setup{Config: config(t, tc.change), Slips: tc.slips, Resolver: names{}})
			expect(t, r, "configuration", tc.want...)
		})
	}
}

func TestWebhooks(t *testing.T) {
	dns := names{hosts: map[string][]string{"intern.example": {"10.0.0.7"}, "public.example": {"203.0.113.9"}, "cloud.example": {"169.254.169.254"}}}
	const metadata = "take it out: whoever may make a webhook could ask there"
	tests := map[string]struct {
		allow   string
		sandbox bool
		want    Finding
	}{
		"none":                 {"", false, Finding{"", OK, "go to https on port 443 at public addresses", ""}},
		"none in a sandbox":    {"", true, Finding{"", OK, "may go anywhere, since this is a sandbox", ""}},
		"a pointless one":      {"http://10.0.0.7:9000", true, Finding{"", OK, "may go anywhere, since this is a sandbox: --webhook-allow changes nothing", ""}},
		"a private address":    {"http://10.0.0.7:9000", false, Finding{"", OK, "go to https on port 443 at public addresses, and to http://10.0.0.7:9000", ""}},
		"a private name":       {"https://intern.example:8443", false, Finding{"", OK, "go to https on port 443 at public addresses, and to https://intern.example:8443", ""}},
		"an unknown name":      {"https://nowhere.example", false, Finding{"", Warning, "--webhook-allow https://nowhere.example: the name cannot be looked up: there is no name nowhere.example", "correct the name, or take the exception out"}},
		"unencrypted":          {"http://public.example", false, Finding{"", Warning, "--webhook-allow http://public.example: events, with what shoppers bought, go over the internet unencrypted", "have the receiver speak https"}},
		"needless":             {"https://public.example", false, Finding{"", Warning, "--webhook-allow https://public.example is allowed anyway", "take the exception out"}},
		"a machine's secrets":  {"http://169.254.169.254", false, Finding{"", Warning, "--webhook-allow http://169.254.169.254 leads to 169.254.169.254, where clouds keep the credentials of machines", metadata}},
		"the same by its name": {"https://cloud.example", false, Finding{"", Warning, "--webhook-allow https://cloud.example leads to 169.254.169.254, where clouds keep the credentials of machines", metadata}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := config(t, func(c *app.Config) { c.Sandbox = tc.sandbox })
			if tc.allow != "" {
				c.WebhookAllow = []string{tc.allow}
			}
			expect(t, Examine(t.Context(), Setup{Config: c, Resolver: dns}), "webhooks", tc.want)
		})
	}
}

func TestMachine(t *testing.T) {
	r := Examine(t.Context(), Setup{Config: config(t, nil), Resolver: names{}})
	for _, check := range []string{"machine", "clock", "disk"} {
		if found := r.of(check); len(found) != 1 || found[0].Said == "" || (found[0].State == OK) != (found[0].Advice == "") {
			t.Errorf("%s: %+v", check, found)
		}
	}
}

// Whatever hangs is given up, and everything else is said all the same.
func TestEveryCheckEnds(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	at := silent.Addr().String()
	c := config(t, func(c *app.Config) {
		c.Listen, c.PublicURL, c.SMTP, c.Database = at, "http://"+at, "smtp://"+at, "postgres://u:p@"+at+"/x"
	})
	var r Report
	for try := 1; ; try++ { // a machine that stands still for a moment ends nothing sooner
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		began := time.Now()
		r = Examine(ctx, Setup{Config: c, Resolver: names{}})
		took := time.Since(began)
		cancel()
		if took <= 200*time.Millisecond+2*grace {
			break
		}
		if try == 5 {
			t.Errorf("it took %s, and no less four times before", took)
			break
		}
	}
	for _, check := range []string{"database", "server", "mail server"} {
		if found := r.of(check); len(found) != 1 || found[0].State != Failed || found[0].Advice == "" {
			t.Errorf("%s: %+v", check, found)
		}
	}
	if found := r.of("machine"); len(found) != 1 {
		t.Errorf("the machine: %+v", found)
	}
}

func TestACheckThatHangsIsGivenUp(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	p := part{"disk", 10 * time.Millisecond, func(context.Context) []Finding { <-hang; return nil }}
	want := Finding{"disk", Failed, "no answer within 1.01s", "something hangs: look at the disk and at the network, then ask again"}
	if got := p.run(t.Context()); len(got) != 1 || got[0] != want {
		t.Errorf("found %+v", got)
	}
}

// All limits together leave an examination below fifteen seconds, since its
// checks go on beside each other.
func TestLimits(t *testing.T) {
	for _, p := range parts(Setup{}) {
		if p.limit <= 0 || p.limit+grace > 14*time.Second {
			t.Errorf("%s may take %s", p.name, p.limit)
		}
	}
}

func TestNothingIsChanged(t *testing.T) {
	c := config(t, func(c *app.Config) { c.Data = filepath.Join(c.Data, "none") })
	Examine(t.Context(), Setup{Config: c, Resolver: names{}})
	if _, err := os.Stat(c.Data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the data folder was made: %v", err)
	}
}

func TestPasswordsAreNotRepeated(t *testing.T) {
	c := config(t, func(c *app.Config) {
		c.SMTP, c.Database = "smtp://user:hunter2@127.0.0.1:1", "postgres://user:hunter2@127.0.0.1:1/x"
	})
	for _, change := range []func(){
		func() {},
		func() { c.SMTP, c.Database = "smtp://user:hunter2@h:%zz", "postgres://user:hunter2@h:%zz/x" },
		func() { c.Database = "mysql://user:hunter2@h/x" },
		func() { c.PublicURL = "https://user:hunter2@shop.example" },
	} {
		change()
		var b bytes.Buffer
		r := Examine(t.Context(), Setup{Config: c, Resolver: names{}})
		if err := errors.Join(r.Write(&b), r.WriteJSON(&b)); err != nil {
			t.Fatal(err)
		}
		if r.Failed < 1 || strings.Contains(b.String(), "hunter2") {
			t.Errorf("said\n%s", &b)
		}
	}
}

func TestReport(t *testing.T) {
	r := Report{Checks: []Finding{ok("clock", "right"), {"public URL", Warning, "bad", "mend it"}, {"disk", Failed, "full", "make room"}}}
	r.count()
	var text, raw bytes.Buffer
	if err := errors.Join(r.Write(&text), r.WriteJSON(&raw)); err != nil {
		t.Fatal(err)
	}
	const want = `ok       clock       right
warning  public URL  bad
                     -> mend it
failed   disk        full
                     -> make room

1 failed, 1 to be warned of.
`
	if text.String() != want {
		t.Errorf("wrote\n%s", &text)
	}
	var back Report
	if err := json.Unmarshal(raw.Bytes(), &back); err != nil || back.OK || back.Failed != 1 || back.Warnings != 1 || len(back.Checks) != 3 || back.Checks[1] != r.Checks[1] {
		t.Errorf("%s is read as %+v, %v", &raw, back, err)
	}
	if err := r.Err(); err == nil || err.Error() != "one check failed" {
		t.Errorf("the error is %v", err)
	}
	r = Report{Checks: r.Checks[:2]}
	if r.count(); r.Err() != nil || !r.OK {
		t.Errorf("a warning is no failure: %v", r.Err())
	}
}
