package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// referenceCommand, as first argument, turns this program into the reference
// server: it runs as a process of its own, as cartwright does.
const referenceCommand = "reference-server"

// reference is what cartwright is held against: net/http and a database doing
// the least that the same answer takes.
type reference struct {
	doc  []byte // both the answer and the row: a real cart
	rows documents
}

// documents is the least that the reference wants of a database: documents by
// number.
type documents interface {
	// get reads a document.
	get(id int64) ([]byte, error)
	// put returns when the document is durable, in the row of that id, or for
	// id 0 in a new one.
	put(id int64, doc []byte) error
	// loop has clients put a document each, again and again for d, without HTTP,
	// and returns how long each put took.
	loop(ctx context.Context, doc []byte, clients int, d time.Duration) ([]time.Duration, error)
	close() error
}

// openDocuments opens a database for the reference: PostgreSQL if there is a URL,
// else SQLite in a folder.
func openDocuments(ctx context.Context, url, folder string, clients int) (documents, error) {
	if url != "" {
		return openPGStore(ctx, url, clients)
	}
	return openRowStore(folder)
}

// serveReference runs until it is told to stop.
func serveReference(args []string) error {
	flags := flag.NewFlagSet(referenceCommand, flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:0", "address")
	data := flags.String("data", ".", "folder of the SQLite database")
	database := flags.String("database", "", "PostgreSQL database, instead of SQLite")
	doc := flags.String("doc", "", "file that holds the document")
	count := flags.Int("rows", 32, "rows to have from the beginning")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	bytes, err := os.ReadFile(*doc)
	if err != nil {
		return fmt.Errorf("read document: %w", err)
	}
	rows, err := openDocuments(ctx, *database, *data, *count)
	if err != nil {
		return err
	}
	ref := &reference{doc: bytes, rows: rows}
	if err := ref.fill(*count); err != nil {
		return errors.Join(err, rows.close())
	}
	server := &http.Server{Addr: *listen, Handler: ref.routes(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return errors.Join(err, rows.close())
	case <-ctx.Done():
		last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return errors.Join(server.Shutdown(last), rows.close())
	}
}

// fill makes the rows 1 to n, unless they are there: the numbers of new rows
// begin at 1.
func (ref *reference) fill(n int) error {
	for id := range n {
		if _, err := ref.rows.get(int64(id + 1)); err == nil {
			continue
		}
		if err := ref.rows.put(0, ref.doc); err != nil {
			return fmt.Errorf("make row %d: %w", id+1, err)
		}
	}
	return nil
}

func (ref *reference) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { send(w, http.StatusOK, nil) })
	mux.HandleFunc("GET /memory", func(w http.ResponseWriter, _ *http.Request) { send(w, http.StatusOK, ref.doc) })
	mux.HandleFunc("GET /rows/{id}", ref.read)
	mux.HandleFunc("POST /rows/{id}", ref.write)
	mux.HandleFunc("POST /rows", ref.write)
	mux.HandleFunc("POST /commits", ref.commits)
	return mux
}

// read answers with one point read.
func (ref *reference) read(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	doc, err := ref.rows.get(id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	send(w, http.StatusOK, doc)
}

// lineItems is the body of cartwright's own POST requests.
type lineItems struct {
	LineItems []struct {
		ProductID int64 `json:"product_id"`
		Quantity  int64 `json:"quantity"`
	} `json:"line_items"`
}

// write decodes the request and answers when one row is durable: the row of
// that id, as adding to a cart does, or without an id a new one, as creating
// a cart does.
func (ref *reference) write(w http.ResponseWriter, r *http.Request) {
	var body lineItems
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.LineItems) == 0 {
		http.Error(w, "line_items wanted", http.StatusBadRequest)
		return
	}
	var id int64
	if text := r.PathValue("id"); text != "" {
		var err error
		if id, err = strconv.ParseInt(text, 10, 64); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	if err := ref.rows.put(id, ref.doc); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	send(w, http.StatusCreated, ref.doc)
}

// commitTimes is the answer of POST /commits.
type commitTimes struct {
	PerSecond float64       `json:"per_second"`
	P50       time.Duration `json:"p50_ns"`
	P99       time.Duration `json:"p99_ns"`
}

// commits measures the database alone, inside this process: each of so many
// clients makes one durable commit after the other, without HTTP.
func (ref *reference) commits(w http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.URL.Query().Get("for"))
	clients, notNumber := strconv.Atoi(r.URL.Query().Get("clients"))
	if err = errors.Join(err, notNumber); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	began := time.Now()
	each, err := ref.rows.loop(r.Context(), ref.doc, clients, d)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s := summarize(each, time.Since(began))
	body, err := json.Marshal(commitTimes{s.perSecond, s.p50, s.p99})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	send(w, http.StatusOK, body)
}

// sampleDoc stands in for a cart when there is no cartwright to ask for one.
func sampleDoc() []byte {
	const size = 2 << 10
	head, end := `{`+cartMarker+`sample","note":"`, `"}}`
	return []byte(head + strings.Repeat("x", size-len(head)-len(end)) + end)
}

func send(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// A client that went away is no concern of the yardstick's.
	_, _ = w.Write(body)
}

// commitTarget has the reference server measure its database, without HTTP.
func commitTarget(addr string, clients int) target {
	return target{"commit loop", func(_ context.Context, d time.Duration) (sample, error) {
		cl, err := dial(addr)
		if err != nil {
			return sample{}, err
		}
		defer cl.close()
		a, err := newCall("POST", addr, fmt.Sprintf("/commits?for=%s&clients=%d", d, clients), "", "", http.StatusOK, "p50_ns").once(cl)
		if err != nil {
			return sample{}, err
		}
		var times commitTimes
		if err := json.Unmarshal(a.body, &times); err != nil {
			return sample{}, fmt.Errorf("decode commit times: %w", err)
		}
		return sample{perSecond: times.PerSecond, p50: times.P50, p99: times.P99}, nil
	}}
}
