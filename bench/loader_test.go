package main

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"cartwright/internal/id"
	"cartwright/internal/sqlstore"
	"cartwright/internal/testkit"
)

// onBoth runs a test on a database of each engine, as the server makes it.
func onBoth(t *testing.T, test func(t *testing.T, e engine)) {
	open := func(t *testing.T, e engine) {
		db, err := sqlstore.Open(t.Context(), e.databaseURL(), sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		test(t, e)
	}
	t.Run("sqlite", func(t *testing.T) { open(t, engine{name: "sqlite", dir: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) { open(t, engine{name: "postgres", dir: t.TempDir(), url: testkit.Postgres(t)}) })
}

func TestMain(m *testing.M) { testkit.Main(m) }

// insertModel writes a cart with its journal, as the server would.
func insertModel(t *testing.T, db *sql.DB, model string) {
	t.Helper()
	for _, statement := range []string{
		`INSERT INTO stores (hash, revision, doc) VALUES ('bench', 1, '{}')`,
		`INSERT INTO carts (store, id, version, customer_id, updated, sweep_at, doc, due_at)
			VALUES ('bench', '` + model + `', 2, 7, 1000, 2000, '{"id":"` + model + `","store":"bench","lines":[]}', 3601000)`,
		`INSERT INTO journal (store, cart_id, version, n, channel, at, events) VALUES ('bench', '` + model + `', 1, 0, 1, 900, '[]')`,
		`INSERT INTO journal (store, cart_id, version, n, channel, at, events) VALUES ('bench', '` + model + `', 2, 0, 1, 1000, '["` + model + `"]')`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

const testModel = "11111111-2222-4333-8444-555555555555"

// Copies are what the model is, under ids of their own that Go knows too.
func TestCopyCart(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		db, err := e.open()
		if err != nil {
			t.Fatal(err)
		}
		insertModel(t, db, testModel)
		if err := db.Close(); err != nil { // fill wants SQLite for itself
			t.Fatal(err)
		}
		const carts = 11
		if err := errors.Join(e.fill(t.Context(), "bench", testModel, 1, 4), e.fill(t.Context(), "bench", testModel, 5, carts)); err != nil {
			t.Fatal(err)
		}
		if db, err = e.open(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		for i := range int64(carts) {
			checkCopy(t, db, i+1)
		}
		for table, want := range map[string]int{"carts": carts + 1, "journal": 2 * (carts + 1)} {
			var n int
			if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil || n != want {
				t.Errorf("%s has %d rows, want %d (%v)", table, n, want, err)
			}
		}
	})
}

func checkCopy(t *testing.T, db *sql.DB, i int64) {
	t.Helper()
	var version, customer, sweep int64
	var due sql.NullInt64
	var doc, events string
	err := db.QueryRowContext(t.Context(), `SELECT c.version, c.customer_id, c.sweep_at, c.due_at, c.doc, j.events FROM carts c
		JOIN journal j ON j.store = c.store AND j.cart_id = c.id AND j.version = c.version WHERE c.store = 'bench' AND c.id = $1`, copyID(i)).
		Scan(&version, &customer, &sweep, &due, &doc, &events)
	if err != nil || version != 2 || customer != 7 || sweep != 2000 ||
		doc != `{"id":"`+copyID(i)+`","store":"bench","lines":[]}` || events != `["`+copyID(i)+`"]` {
		t.Errorf("copy %d: version %d, customer %d, sweep %d, %s, %s (%v)", i, version, customer, sweep, doc, events, err)
	}
	if waits := i%2 == 1; due.Valid != waits || waits && due.Int64 != 1000+86_400_000+i {
		t.Errorf("copy %d: due at %v", i, due)
	}
}

func TestCopyIDs(t *testing.T) {
	const ids = 100_000
	seen, ascents, last := map[string]bool{}, 0, ""
	for i := range int64(ids) {
		copied := copyID(i + 1)
		if !id.IsUUID(copied) || seen[copied] {
			t.Fatalf("the id of copy %d is %q", i+1, copied)
		}
		if copied > last {
			ascents++
		}
		seen[copied], last = true, copied
	}
	if ascents < ids*4/10 || ascents > ids*6/10 {
		t.Errorf("%d of %d ids come after the one before: they are in order", ascents, ids)
	}
}

// What requests go to is drawn from the whole table, and stays within it.
func TestDraw(t *testing.T) {
	for _, of := range []int{1, 2, 9, 10} {
		for among, want := range map[copies]func(i int64) bool{
			allCopies:     func(int64) bool { return true },
			waitingCopies: func(i int64) bool { return i%2 == 1 },
		} {
			drawn := map[int64]bool{}
			for range 2_000 {
				i := among.draw(of)
				if i < 1 || i > int64(of) || !want(i) {
					t.Fatalf("%d of %d was drawn", i, of)
				}
				drawn[i] = true
			}
			for i := int64(1); i <= int64(of); i++ {
				if drawn[i] != want(i) {
					t.Errorf("copies %d, %d of %d: drawn is %v", among, i, of, drawn[i])
				}
			}
		}
	}
}

// In each round other carts fall due, and in those of the large population none
// that a request has changed.
func TestDueCopies(t *testing.T) {
	tests := map[string]struct {
		carts, rounds int
		untouched     bool
	}{
		"the small one":            {fewCarts, scanRounds, false},
		"the smallest large one":   {20_000, 10, true},
		"an uneven one":            {33_333, 10, true},
		"a million":                {1_000_000, 10, true},
		"as many rounds as can be": {1_000_000, 500, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			seen := map[int]bool{}
			for round := 1; round <= tt.rounds; round++ {
				first, step := dueCopies(round, tt.carts)
				for k := range scanDue {
					i := first + k*step
					if seen[i] || i < 1 || i > tt.carts || tt.untouched && i%2 == 1 {
						t.Fatalf("cart %d falls due in round %d", i, round)
					}
					seen[i] = true
				}
			}
		})
	}
}

// The scan finds what fell due, on both engines.
func TestScan(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		db, err := e.open()
		if err != nil {
			t.Fatal(err)
		}
		insertModel(t, db, testModel)
		if err := errors.Join(db.Close(), e.fill(t.Context(), "bench", testModel, 1, 2_000)); err != nil {
			t.Fatal(err)
		}
		p := &population{engine: e, model: testModel, carts: 2_000}
		scan, done, err := p.scanner(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if ms, err := scan(); err != nil || ms <= 0 {
				t.Errorf("scanned in %g ms: %v", ms, err)
			}
		}
		if err := done(); err != nil {
			t.Error(err)
		}
	})
}

func TestRoomFor(t *testing.T) {
	if err := roomFor("/x", 1_000_000, 2_000, 2_400_000_000); err != nil {
		t.Errorf("just enough: %v", err)
	}
	err := roomFor("/x", 10_000_000, 2_500, 12<<30)
	if err == nil {
		t.Fatal("too little is enough")
	}
	for _, want := range []string{"10000000 carts", "27.9 GB", "/x", "12.0 GB", "--dir", "--carts"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

// A call on a population goes somewhere else each time, and to nowhere else than
// its answer is checked for.
func TestAim(t *testing.T) {
	s := &shop{server: &process{addr: "127.0.0.1:1"}, products: []int64{5}, token: "t"}
	c := s.addCall(copyID(1))
	c.among, c.of = allCopies, 1_000_000
	length := len(c.raw)
	var last []byte
	for range 10 {
		c.aim()
		aimed := c.marker[len(cartMarker):]
		if !id.IsUUID(string(aimed)) || slices.Equal(aimed, last) || len(c.raw) != length {
			t.Fatalf("aimed at %q", c.marker)
		}
		if !strings.HasPrefix(string(c.raw), "POST "+shopPath+"/carts/"+string(aimed)+"/items HTTP/1.1\r\n") {
			t.Fatalf("the answer is to hold %q, the request is %.120q", aimed, c.raw)
		}
		last = slices.Clone(aimed)
	}
}
