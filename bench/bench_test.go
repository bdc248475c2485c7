package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/testkit"
)

func TestReadAnswer(t *testing.T) {
	tests := map[string]struct {
		text   string
		status int
		body   string
		fails  bool
	}{
		"with a length": {
			text:   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
			status: 200, body: "hello",
		},
		"any case, any space": {
			text:   "HTTP/1.1 201 Created\r\ncontent-LENGTH:5 \r\nX: y\r\n\r\nhello",
			status: 201, body: "hello",
		},
		"in chunks, with extension and trailer": {
			text:   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, everyone\r\n0\r\nX: y\r\n\r\n",
			status: 200, body: "hello, everyone",
		},
		"nothing to say": {
			text:   "HTTP/1.1 204 No Content\r\n\r\n",
			status: 204,
		},
		"an error is an answer": {
			text:   "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
			status: 503,
		},
		"neither length nor chunks": {text: "HTTP/1.1 200 OK\r\n\r\nhello", fails: true},
		"the connection ends":       {text: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", fails: true},
		"a body that stops early":   {text: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", fails: true},
		"a chunk that goes on":      {text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n", fails: true},
		"a chunk size of letters":   {text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", fails: true},
		"a negative length":         {text: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", fails: true},
		"another protocol":          {text: "SSH-2.0-OpenSSH_9.9\r\n\r\n", fails: true},
		"an interim answer":         {text: "HTTP/1.1 100 Continue\r\n\r\n", fails: true},
		"silence":                   {text: "", fails: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, err := readAnswer(bufio.NewReader(strings.NewReader(tt.text)), nil)
			if tt.fails {
				if err == nil {
					t.Fatalf("got %d %q, want an error", a.status, a.body)
				}
				return
			}
			if err != nil || a.status != tt.status || string(a.body) != tt.body {
				t.Fatalf("got %d %q %v, want %d %q", a.status, a.body, err, tt.status, tt.body)
			}
		})
	}
}

// An answer must end where the next one begins, whatever its framing.
func TestReadAnswerAfterAnswer(t *testing.T) {
	in := bufio.NewReader(strings.NewReader(
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n" +
			"HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\nsecond"))
	var buf []byte
	for _, want := range []string{"first", "second"} {
		a, err := readAnswer(in, buf[:0])
		if err != nil || string(a.body) != want {
			t.Fatalf("got %q %v, want %q", a.body, err, want)
		}
		buf = a.body
	}
}

func TestPercentile(t *testing.T) {
	ten := []time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	tests := map[string]struct {
		sorted []time.Duration
		p      float64
		want   time.Duration
	}{
		"half of ten":              {ten, 50, 5},
		"99 of ten is the slowest": {ten, 99, 10},
		"none of ten":              {ten, 0, 1},
		"all of ten":               {ten, 100, 10},
		"of one":                   {ten[:1], 50, 1},
		"of nothing":               {nil, 50, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := percentile(tt.sorted, tt.p); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestMedianLeavesItsInputAlone(t *testing.T) {
	values := []float64{9, 1, 4, 2}
	if got := median(values); got != 3 {
		t.Errorf("got %g, want 3", got)
	}
	if values[0] != 9 {
		t.Error("the values were sorted in place")
	}
	if got := median(values[:3]); got != 4 {
		t.Errorf("of three: got %g, want 4", got)
	}
}

// A round in which the machine was busy slows both: the ratio of medians
// would mix rounds, the median of ratios does not.
func TestRatiosGoRoundByRound(t *testing.T) {
	got := ratios([]float64{100, 40, 90}, []float64{200, 80, 100})
	if want := (spread{Median: 0.5, Low: 0.5, High: 0.9}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestGoals(t *testing.T) {
	tests := map[string]struct {
		row  row
		want bool
	}{
		"ratio reached":        {compare("", "", []float64{6}, []float64{10}, "", atLeast(0.6)), true},
		"ratio missed":         {compare("", "", []float64{5}, []float64{10}, "", atLeast(0.6)), false},
		"ratio, not its value": {compare("", "", []float64{15}, []float64{10}, "", atMost(1.5)), true},
		"value reached":        {plain("", "", 30, atMost(30)), true},
		"value, not its ratio": {beside("", "", 41, 100, atMost(40)), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if *tt.row.Reached != tt.want {
				t.Errorf("got %v, want %v", *tt.row.Reached, tt.want)
			}
		})
	}
}

func TestParseRSS(t *testing.T) {
	got, err := parseRSS([]byte("Name:\tx\nVmHWM:\t    9000 kB\nVmRSS:\t    2048 kB\nThreads:\t1\n"))
	if err != nil || got != 2<<20 {
		t.Errorf("got %d %v, want 2 MiB", got, err)
	}
	if _, err := parseRSS([]byte("Name:\tx\n")); !errors.Is(err, errNoProc) {
		t.Errorf("got %v, want errNoProc", err)
	}
}

func TestParseCPU(t *testing.T) {
	got, err := parseCPU([]byte("7 (a ) b) S 1 7 7 0 -1 4194560 900 0 0 0 123 45 6 7 20 0 1 0 99 1000 50\n"))
	if err != nil || got != 1680*time.Millisecond {
		t.Errorf("got %v %v, want 1.68 s", got, err)
	}
	if _, err := parseCPU([]byte("7 (a) S 1")); !errors.Is(err, errNoProc) {
		t.Errorf("got %v, want errNoProc", err)
	}
}

// A request that keeps the server computing shows, and of no other target.
func TestMetered(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	used := func() time.Duration {
		d, err := (&process{cmd: cmd}).cpu()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	var least time.Duration // of what it computed meanwhile
	busy := target{"busy", func(context.Context, time.Duration) (sample, error) {
		for began := used(); least < 200*time.Millisecond; time.Sleep(time.Millisecond) {
			least = used() - began
		}
		return sample{n: 2}, nil
	}}
	began := used()
	got, err := metered(busy, &process{cmd: cmd}).once(t.Context(), time.Second)
	if most := used() - began; err != nil || 2*got.cpu < least || 2*got.cpu > most {
		t.Errorf("%v for each of two requests, which took between %v and %v together (%v)", got.cpu, least, most, err)
	}
}

func newTestReference(t *testing.T) (*rowStore, string) {
	t.Helper()
	rows, err := openRowStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer((&reference{doc: sampleDoc(), rows: rows}).routes())
	t.Cleanup(func() {
		server.Close()
		if err := rows.close(); err != nil {
			t.Error(err)
		}
	})
	return rows, server.Listener.Addr().String()
}

// The generator against the reference: writes, reads and the commit loop.
func TestReferenceUnderLoad(t *testing.T) {
	_, addr := newTestReference(t)
	b := &bench{cfg: config{clients: 4}, ref: &process{addr: addr}, items: `{"line_items":[{"product_id":1,"quantity":1}]}`}
	got, err := rounds(t.Context(), 2, 20*time.Millisecond,
		b.groupCommitTarget(), b.pointReadTarget(), b.memoryTarget(), b.roundTripTarget(), commitTarget(addr, 1))
	if err != nil {
		t.Fatal(err)
	}
	for target, samples := range got {
		for round, s := range samples {
			if s.perSecond <= 0 || s.p50 <= 0 || s.p99 < s.p50 {
				t.Errorf("target %d, round %d: %+v", target, round, s)
			}
		}
	}
}

// The same on PostgreSQL, with the loop that all clients share.
func TestReferenceOnPostgres(t *testing.T) {
	ref := &reference{doc: sampleDoc()}
	var err error
	if ref.rows, err = openDocuments(t.Context(), testkit.Postgres(t), "", 4); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what is there already is left alone
		if err := ref.fill(4); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(ref.routes())
	defer server.Close()
	b := &bench{cfg: config{clients: 4}, ref: &process{addr: server.Listener.Addr().String()}, items: `{"line_items":[{"product_id":1,"quantity":1}]}`}
	got, err := rounds(t.Context(), 2, 20*time.Millisecond, b.groupCommitTarget(), b.pointReadTarget(),
		b.refTarget("new rows", "POST", "/rows", b.items, http.StatusCreated), commitTarget(b.ref.addr, 4), commitTarget(b.ref.addr, 1))
	if err := errors.Join(err, ref.rows.close()); err != nil {
		t.Fatal(err)
	}
	for target, samples := range got {
		for round, s := range samples {
			if s.perSecond <= 0 || s.p50 <= 0 || s.p99 < s.p50 {
				t.Errorf("target %d, round %d: %+v", target, round, s)
			}
		}
	}
}

// Each engine is measured on a database of its own, and PostgreSQL on one that
// waits for the disk.
func TestWithEngines(t *testing.T) {
	var asked []string
	got, err := withEngines(t.Context(), config{only: []string{"reads"}}, t.TempDir(), func(e engine) (result, error) {
		asked = append(asked, e.name)
		if e.name == "postgres" {
			db, err := e.open()
			if err != nil {
				return result{}, err
			}
			defer func() { _ = db.Close() }()
			for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
				var value string
				if err := db.QueryRowContext(t.Context(), "SHOW "+setting).Scan(&value); err != nil || value != "on" {
					t.Errorf("%s is %q (%v)", setting, value, err)
				}
			}
		}
		return result{Rows: []row{plain("x", "", 1, nil)}, Steps: []step{{Clients: 1}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != 2 || len(got.Steps) != 2 || len(got.Engines) != 2 {
		t.Fatalf("got %+v", got)
	}
	for i, name := range []string{"sqlite", "postgres"} {
		if asked[i] != name || got.Rows[i].Engine != name || got.Steps[i].Engine != name || got.Engines[i].Name != name || got.Engines[i].Version == "" {
			t.Errorf("%s: %s, %+v", name, asked[i], got)
		}
	}
}

func TestOnly(t *testing.T) {
	tests := map[string]struct {
		only         []string
		engine, part string
		want         bool
	}{
		"everything":            {nil, "sqlite", "reads", true},
		"an engine":             {[]string{"postgres"}, "postgres", "writes", true},
		"the other engine":      {[]string{"postgres"}, "sqlite", "writes", false},
		"a part of each":        {[]string{"scan", "writes"}, "sqlite", "writes", true},
		"a part of one":         {[]string{"postgres/writes"}, "postgres", "writes", true},
		"not of the other":      {[]string{"postgres/writes"}, "sqlite", "writes", false},
		"not the other of that": {[]string{"postgres/writes"}, "postgres", "reads", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := (config{only: tt.only}).wants(tt.engine, tt.part); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	for word, want := range map[string]bool{"postgres": true, "mails": true, "postgres/reads": true, "oracle": false, "oracle/reads": false, "": false} {
		if known(word) != want {
			t.Errorf("known(%q) is %v", word, !want)
		}
	}
}

func TestLoadRefusesWrongAnswers(t *testing.T) {
	_, addr := newTestReference(t)
	tests := map[string]call{
		"status": newCall("GET", addr, "/memory", "", "", http.StatusCreated, ""),
		"body":   newCall("GET", addr, "/memory", "", "", http.StatusOK, "another cart"),
		"row":    newCall("GET", addr, "/rows/1", "", "", http.StatusOK, ""),
		"empty":  newCall("POST", addr, "/rows/1", "", `{"line_items":[]}`, http.StatusCreated, ""),
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := load(context.Background(), []call{c}, time.Millisecond); err == nil {
				t.Error("no error")
			}
		})
	}
}

// Every write is there after put returned, and none is the same as before:
// SQLite would not write it.
func TestRowStoreWritesEveryTime(t *testing.T) {
	rows, _ := newTestReference(t)
	doc := sampleDoc()
	var all sync.WaitGroup
	for id := range int64(20) {
		all.Go(func() {
			if err := rows.put(id+1, doc); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for range 2 {
		for id := range int64(20) {
			got, err := rows.get(id + 1)
			if err != nil || len(got) != len(doc) || !bytes.Contains(got, []byte(cartMarker)) {
				t.Fatalf("row %d: %d bytes, %v", id+1, len(got), err)
			}
			if seen[string(got)] {
				t.Fatalf("row %d repeats what was written before", id+1)
			}
			seen[string(got)] = true
			if err := rows.put(id+1, doc); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Every mail of the row arrives, signed.
func TestMailRows(t *testing.T) {
	b := &bench{cfg: config{mails: 50}, engine: engine{dir: t.TempDir()}, progress: io.Discard}
	rows, err := b.mailRows(t.Context())
	if err != nil || len(rows) != 1 || rows[0].Value <= 0 {
		t.Fatalf("measured %+v, %v", rows, err)
	}
	t.Logf("%.0f mails a second", rows[0].Value)
}
