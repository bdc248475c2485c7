package app

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/sqlstore"
	"cartwright/internal/testdb"
)

// A mail that went after the backup was made does not go again when it is
// restored, and those that are due later do, once.
func TestRestoredMails(t *testing.T) {
	tests := map[string]struct {
		later     time.Duration // when it is restored, after the backup
		sendAgain bool
		want      []string // the ledger a day after that
	}{
		"the first was due": {later: 2 * time.Hour,
			want: []string{"1 skipped restored", "2 " + claimedDue, "2 " + sentAccepted}},
		"the first was due, and goes again": {later: 2 * time.Hour, sendAgain: true,
			want: []string{"1 " + claimedDue, "1 " + sentAccepted, "2 " + claimedDue, "2 " + sentAccepted}},
		"none was due": {later: 10 * time.Second,
			want: []string{"1 " + claimedDue, "1 " + sentAccepted, "2 " + claimedDue, "2 " + sentAccepted}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, testdb.SQLite(t))
			backup := filepath.Join(t.TempDir(), "backup.db")
			id := p.guest("ada@example.com")
			p.wind(119 * time.Minute)
			if in, err := sqlstore.Backup(t.Context(), p.database, backup); err != nil || in.Stores != 1 || in.Carts != 1 {
				t.Fatalf("%+v, %v", in, err)
			}
			made := p.machine.Now()
			p.wind(2 * time.Minute)
			p.wantMails("after the backup", 1)
			p.close()
			_, err := sqlstore.Restore(t.Context(), backup, p.database, sqlstore.RestoreOptions{Now: made.Add(tc.later), SendAgain: tc.sendAgain})
			if err != nil {
				t.Fatal(err)
			}
			p.open()
			p.wantLedger(id)
			p.wind(2 * time.Minute)
			p.wind(24 * time.Hour)
			p.wantLedger(id, tc.want...)
			p.mailer.Take()
		})
	}
}

func TestCopyProgressWithoutATerminal(t *testing.T) {
	var said bytes.Buffer
	now := clock.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	p := &copyProgress{Output: Output{Err: &said}, clock: now}
	p.Begin(4000, true)
	p.Table("Copying", "brands", 0)
	p.Table("Copying", "carts", 2000)
	p.Done(1000)
	now.Advance(lineEvery)
	p.Done(1000)
	p.Done(0)
	p.Table("Comparing", "carts", 2000)
	p.Done(2000)
	p.end()
	want := `Copying.
Copying carts (2000 rows), 50% of everything is done.
Comparing.
`
	warning, rest, _ := strings.Cut(said.String(), "\n")
	if !strings.HasPrefix(warning, "WARNING: a server works on the source.") || rest != want {
		t.Errorf("said %q", said.String())
	}
}

func TestCopiedTables(t *testing.T) {
	var said bytes.Buffer
	printCopy(&said, &sqlstore.CopyReport{Tables: []sqlstore.CopiedTable{
		{Name: "brands"},
		{Name: "carts", From: sqlstore.TableSum{Rows: 12}, To: sqlstore.TableSum{Rows: 12}},
		{Name: "coupons"},
		{Name: "orders", To: sqlstore.TableSum{Rows: 1}},
	}})
	var lines []string
	for line := range strings.Lines(said.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"TABLE SOURCE TARGET CHECKSUMS", "carts 12 12 ZERO same", "orders 0 1 ZERO ZERO DIFFERENT", "and 2 empty tables"}
	zero := sqlstore.TableSum{}.Checksum()
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "ZERO", zero)
	}
	if !slices.Equal(lines, want) {
		t.Errorf("said %q,\nwant %q", lines, want)
	}
}
