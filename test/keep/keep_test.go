// Package keep holds the tests that a copy of a database is as good as the
// database: everything is in it, and a server goes on with it.
package keep

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cartwright/internal/app"
	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
	"cartwright/internal/testkit"
	"cartwright/test/world"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// silent hears nothing of how a copy goes on.
type silent struct{}

func (silent) Begin(int64, bool)           {}
func (silent) Table(string, string, int64) {}
func (silent) Done(int)                    {}

// TestAServerGoesOnWithACopy makes everything that the API can make, waits until
// mails have gone about the carts that were left, copies the database to the
// other engine and from there back, and asks all three the same: each read, and
// each write after that, is answered alike.
func TestAServerGoesOnWithACopy(t *testing.T) {
	w := world.New(t)
	reads, writes := fill(w)
	original, err := w.App.Config.DatabaseURL()
	if err != nil {
		t.Fatal(err)
	}
	first := open(t, original)
	if err := first.Wind(t.Context(), 3*time.Hour); err != nil {
		t.Fatal(err)
	}
	file, postgres := "sqlite://"+filepath.Join(t.TempDir(), "copy.db"), testkit.Postgres(t)
	there, back := postgres, file
	if strings.HasPrefix(original, "postgres://") {
		there, back = file, postgres
	}
	report := mustCopy(t, original, there)
	mustCopy(t, there, back)
	wantMost(t, report)

	copies := map[string]*app.App{"the copy": open(t, there), "the copy of the copy": open(t, back)}
	for _, r := range reads {
		want := ask(w, first, r)
		for name, a := range copies {
			if got := ask(w, a, r); got.Code != want.Code || got.Body.String() != want.Body.String() {
				t.Errorf("%s %s: %s answers %d %s\nthe original %d %s", r.Method, r.Path, name, got.Code, got.Body, want.Code, want.Body)
			}
		}
	}
	for _, r := range writes {
		want := ask(w, first, r)
		for name, a := range copies {
			if got := ask(w, a, r); got.Code > 299 || got.Code != want.Code || numbers(got) != numbers(want) {
				t.Errorf("%s %s: %s answers %d %s\nthe original %d %s", r.Method, r.Path, name, got.Code, got.Body, want.Code, want.Body)
			}
		}
	}
}

// fill makes everything, and returns requests that read it and requests that
// write more.
func fill(w *world.World) (reads, writes []world.Request) {
	w.Helper()
	for _, op := range w.Doc.Operations() {
		r := w.Sample(op.OperationID)
		switch op.OperationID {
		case "getCart": // not with links, which are made anew each time
			r.Path, _, _ = strings.Cut(r.Path, "?")
		case "createCart", "addCartItems", "createCustomers", "createOrderFromCheckout":
			writes = append(writes, r)
			r = w.Sample(op.OperationID).With("Idempotency-Key", op.OperationID)
		}
		if !op.Write() {
			reads = append(reads, r)
		} else if answer := w.Do(r); answer.Status > 299 {
			w.Fatalf("%s answered %d: %s", op.OperationID, answer.Status, answer.Bytes)
		}
	}
	hooks, _ := w.Must(http.MethodGet, "/v3/hooks", nil).([]any)
	for _, h := range hooks { // nobody is at home there
		w.Must(http.MethodPut, fmt.Sprintf("/v3/hooks/%v", world.Get(h, "id")), world.M{"is_active": false})
	}
	if len(hooks) == 0 || len(reads) < 50 || len(writes) != 4 {
		w.Fatalf("there are %d requests that read and %d that write", len(reads), len(writes))
	}
	if _, err := w.App.Merchants.PutUser(w.Context(), merchant.Account{Store: world.Store, Email: "ada@example.com", Password: "a long password"}); err != nil {
		w.Fatal(err)
	}
	return reads, writes
}

// wantMost holds that most of the tables had something to be copied.
func wantMost(t *testing.T, report *sqlstore.CopyReport) {
	t.Helper()
	var empty []string
	for _, table := range report.Tables {
		if table.From.Rows == 0 {
			empty = append(empty, table.Name)
		}
	}
	if len(empty) > 12 {
		t.Errorf("of %d tables these are empty: %q", len(report.Tables), empty)
	}
}

var number = regexp.MustCompile(`"[a-z_]+":[0-9.]+`)

// numbers are those of an answer: ids that are counted, amounts and quantities,
// without ids that are drawn and times.
func numbers(w *httptest.ResponseRecorder) string {
	return strings.Join(number.FindAllString(w.Body.String(), -1), " ")
}

func mustCopy(t *testing.T, from, to string) *sqlstore.CopyReport {
	t.Helper()
	report, err := sqlstore.Copy(t.Context(), from, to, silent{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// open starts a server without a mail server: its mails are kept in the sandbox.
func open(t *testing.T, database string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{Database: database, PublicURL: "https://cartwright.example", Sandbox: true,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// ask has a server answer a request, again where it could not at first: a
// database may stand still for a moment.
func ask(w *world.World, a *app.App, r world.Request) *httptest.ResponseRecorder {
	for attempt := 1; ; attempt++ {
		answer := httptest.NewRecorder()
		a.Handler().ServeHTTP(answer, w.HTTP(r))
		if answer.Code != http.StatusServiceUnavailable || attempt == attempts {
			return answer
		}
		time.Sleep(time.Second)
	}
}

// attempts are how often a request is made.
const attempts = 10
