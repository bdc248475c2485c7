package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"cartwright/internal/pgcluster"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// The scripts in testdata/script run the real command line and read like a
// manual. Besides what testscript offers they know:
//
//	cartwright …            the program itself
//	curl [flags] URL        makes one request and prints the answer, see curl
//	listen NAME             sets $NAME to an address with a port that is free, $NAME_PORT to the port
//	await URL               waits until URL answers 200
//	capture NAME PATTERN [FILE]  sets $NAME to the first group in what was printed last, or in FILE
//	expand FILE             replaces ${NAME} in a file
//	postgres NAME           sets $NAME to the URL of an empty database of PostgreSQL
//	smtp-server, mail       a mail server and what arrived there, see mailServers
//	receiver, webhook       a receiver of webhooks and what arrived there, see receivers
//
// Each has a database of its own: a file in its folder, or one of PostgreSQL when
// the tests run there. A line that begins with [postgres] or [!postgres] is for
// one of the two: where the data is a file, and what that means.
func TestMain(m *testing.M) {
	testscript.Main(testkit.Tests{M: m}, map[string]func(){"cartwright": main, "curl": curl})
}

func TestScripts(t *testing.T) {
	mails := &mailServers{t: t, sink: map[string]*testkit.SMTPSink{}, read: map[string]map[int]bool{}}
	hooks := &receivers{t: t, events: map[string][]string{}}
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script",
		Setup: func(env *testscript.Env) error {
			// What is set where the tests run must not configure the scripts.
			var kept []string
			for _, entry := range env.Vars {
				if !strings.HasPrefix(entry, envPrefix+"_") {
					kept = append(kept, entry)
				}
			}
			env.Vars = kept
			if testdb.Postgres() {
				env.Vars = append(env.Vars, envPrefix+"_DATABASE="+testdb.URL(t))
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "postgres" {
				return false, fmt.Errorf("there is no condition %s", name)
			}
			return testdb.Postgres(), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"listen": listenCommand, "await": awaitCommand, "capture": captureCommand, "expand": expandCommand,
			"smtp-server": mails.start, "mail": mails.mail, "receiver": hooks.start, "webhook": hooks.webhook,
			"postgres": postgresCommand(t),
		},
	})
}

func listenCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: listen NAME")
	}
	port, err := pgcluster.FreePort()
	ts.Check(err)
	ts.Setenv(args[0], net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	ts.Setenv(args[0]+"_PORT", strconv.Itoa(port))
}

func captureCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 && len(args) != 3 {
		ts.Fatalf("usage: capture NAME PATTERN [FILE]")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	where := []string{"stdout", "stderr"}
	if len(args) == 3 {
		where = args[2:]
	}
	for _, stream := range where {
		if found := pattern.FindStringSubmatch(ts.ReadFile(stream)); len(found) > 1 {
			ts.Setenv(args[0], found[1])
			return
		}
	}
	ts.Fatalf("nothing there matches %s", args[1])
}

func expandCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func awaitCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await URL")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for {
		err := answers(ctx, args[0])
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("%s does not answer: %v", args[0], err)
		case <-every.C:
		}
	}
}

// client takes certificates as they come: the scripts make their own.
var client = &http.Client{
	Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func answers(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", res.StatusCode)
	}
	return err
}

// curl makes one request, prints the status line, the headers that matter to
// a reader, and the body. It fails when there was no answer, or with -f when
// the status is 400 or above.
func curl() {
	flags := flag.NewFlagSet("curl", flag.ExitOnError)
	method := flags.String("X", "", "method; GET, or POST with a body")
	token := flags.String("token", "", "X-Auth-Token")
	body := flags.String("d", "", "JSON body")
	cookie := flags.String("b", "", "cookie, as name=value")
	form := flags.String("F", "", "body of a form, as name=value&name=value")
	accept := flags.String("accept", "", "Accept")
	fail := flags.Bool("f", false, "fail when the status is 400 or above")
	_ = flags.Parse(os.Args[1:])
	if err := request(*method, flags.Arg(0), *body, map[string]string{"X-Auth-Token": *token, "Cookie": *cookie, "Accept": *accept}, *form, *fail); err != nil {
		fmt.Fprintln(os.Stderr, "curl:", err)
		os.Exit(1)
	}
}

func request(method, url, body string, header map[string]string, form string, fail bool) error {
	kind := "application/json"
	if form != "" {
		body, kind = form, "application/x-www-form-urlencoded"
	}
	if method == "" && body != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range header {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if body != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	fmt.Println(res.Proto, res.Status)
	for _, name := range []string{"Content-Type", "Location", "Set-Cookie"} {
		for _, value := range res.Header.Values(name) {
			fmt.Println(name + ": " + value)
		}
	}
	fmt.Println()
	if _, err := io.Copy(os.Stdout, res.Body); err != nil {
		return err
	}
	fmt.Println()
	if fail && res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("the answer is %s", res.Status)
	}
	return nil
}
