package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"cartwright/internal/testkit"
)

// mailServers are the mail servers of the scripts. A script starts one with
//
//	smtp-server NAME             sets $NAME to what --smtp takes
//
// and reads what arrived there with
//
//	mail ADDRESS NAME            writes the oldest unread mail to ADDRESS into files
//	! mail ADDRESS               there is no unread mail to ADDRESS
//
// NAME.head has its header, a line for each field, with the decoded subject in front of it,
// NAME.txt its text and NAME.html its HTML.
type mailServers struct {
	t    *testing.T
	mu   sync.Mutex
	sink map[string]*testkit.SMTPSink // by the folder of the script
	read map[string]map[int]bool      // the mails that were read, by their place
}

func (s *mailServers) start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: smtp-server NAME")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sink := (&testkit.SMTPSink{}).Start(s.t)
	s.sink[ts.Getenv("WORK")], s.read[ts.Getenv("WORK")] = sink, map[int]bool{}
	ts.Setenv(args[0], sink.URL())
}

func (s *mailServers) mail(ts *testscript.TestScript, neg bool, args []string) {
	if neg && len(args) != 1 || !neg && len(args) != 2 {
		ts.Fatalf("usage: mail ADDRESS NAME, or ! mail ADDRESS")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sink, read := s.sink[ts.Getenv("WORK")], s.read[ts.Getenv("WORK")]
	if sink == nil {
		ts.Fatalf("there is no mail server: start one with smtp-server")
	}
	for i, m := range sink.Mails() {
		if read[i] || !slices.Contains(m.To, args[0]) {
			continue
		}
		head, _, _ := strings.Cut(strings.ReplaceAll(string(m.Data), "\r\n", "\n"), "\n\n")
		head = strings.NewReplacer("\n ", " ", "\n\t", " ").Replace(head) // one line for each field
		if neg {
			ts.Fatalf("there is a mail to %s:\n%s\n\n%s", args[0], head, m.Text)
		}
		read[i] = true
		for end, text := range map[string]string{".head": "Subject, decoded: " + m.Subject + "\n" + head + "\n", ".txt": m.Text, ".html": m.HTML} {
			ts.Check(os.WriteFile(ts.MkAbs(args[1]+end), []byte(text), 0o600))
		}
		return
	}
	if !neg {
		ts.Fatalf("there is no unread mail to %s", args[0])
	}
}

// receivers are where the webhooks of the scripts go. A script starts one with
//
//	receiver NAME                sets $NAME to its address
//
// and reads what arrived there with
//
//	webhook SCOPE FILE           writes the oldest unread event of SCOPE into FILE
//	! webhook SCOPE              there is no unread event of SCOPE
type receivers struct {
	t      *testing.T
	mu     sync.Mutex
	events map[string][]string // by the folder of the script; "" is one that was read
}

func (r *receivers) start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: receiver NAME")
	}
	work := ts.Getenv("WORK")
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if err == nil {
			r.events[work] = append(r.events[work], string(body))
		}
	}))
	r.t.Cleanup(server.Close)
	ts.Setenv(args[0], server.URL)
}

func (r *receivers) webhook(ts *testscript.TestScript, neg bool, args []string) {
	if neg && len(args) != 1 || !neg && len(args) != 2 {
		ts.Fatalf("usage: webhook SCOPE FILE, or ! webhook SCOPE")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events[ts.Getenv("WORK")]
	for i, body := range events {
		var event struct{ Scope string }
		if body == "" || json.Unmarshal([]byte(body), &event) != nil || event.Scope != args[0] {
			continue
		}
		if neg {
			ts.Fatalf("there is an event: %s", body)
		}
		events[i] = ""
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(body), 0o600))
		return
	}
	if !neg {
		ts.Fatalf("there is no unread event %s in %q", args[0], events)
	}
}
