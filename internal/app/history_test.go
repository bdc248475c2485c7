package app

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"cartwright/internal/demo"
	"cartwright/internal/order"
	"cartwright/internal/recovery"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// openLively opens a demo whose clock begins some days back, and which waits for
// its history for as long as patience says.
func openLively(t *testing.T, database string, days int, patience time.Duration, post *testkit.Mailer) *App {
	t.Helper()
	a, err := Open(t.Context(), Config{Database: database, PublicURL: "http://cart.example:8080", Sandbox: true, Log: slog.New(slog.DiscardHandler),
		lively: true, back: time.Duration(days) * day, patience: patience, mailer: post})
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(t.Context(), a.demoServices()); err != nil {
		t.Fatal(err)
	}
	return a
}

// A history is lived: carts are filled, left, written about, continued and
// ordered, and the clock ends at the present. One that was interrupted goes on.
func TestAHistoryIsLived(t *testing.T) {
	database, post := testdb.URL(t), &testkit.Mailer{}
	a := openLively(t, database, 6, time.Hour, post)
	ctx, interrupt := context.WithCancel(t.Context())
	var said bytes.Buffer
	post.Answer = func(recovery.Mail) error {
		if a.Clock.Offset() >= -4*day {
			interrupt()
		}
		return nil
	}
	err := a.liveHistory(ctx, DemoOutput{Out: &said, Err: &said})
	stopped := a.Clock.Offset()
	if err == nil || stopped >= 0 {
		t.Fatalf("the history was not interrupted: %s, %v", stopped, err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Database: database, Log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "finish it with cartwright demo") {
		t.Errorf("an unfinished history was served: %v", err)
	}

	a = openLively(t, database, 6, time.Hour, post)
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	if at := a.Clock.Offset(); at != stopped {
		t.Errorf("it stopped at %s and goes on at %s", stopped, at)
	}
	if err := a.liveHistory(t.Context(), DemoOutput{Out: &said, Err: &said}); err != nil || a.Clock.Offset() != 0 {
		t.Fatalf("the clock ends %s, %v", a.Clock.Offset(), err)
	}
	if !strings.Contains(said.String(), "Living the last 6 days") || !strings.Contains(said.String(), "complete") {
		t.Errorf("it said %q", &said)
	}
	now := a.Clock.Now()
	report, err := a.Recoveries.Report(t.Context(), demo.Store, recovery.ReportFilter{From: now.Add(-7 * day), To: now})
	if err != nil {
		t.Fatal(err)
	}
	total := report.Total.Figures
	for _, figure := range []recovery.Figure{recovery.CountAbandoned, recovery.CountMails, recovery.CountRecovered, recovery.CountConverted} {
		if total.Counts[figure] == 0 {
			t.Errorf("nothing was %s: %+v", figure, total)
		}
	}
	if n := len(post.Mails()); n < 20 {
		t.Errorf("%d mails", n)
	}

	// Later they go on. A single day may pass without an order.
	orders, mails := countOrders(t, a), len(post.Mails())
	if err := a.Wind(t.Context(), 3*day); err != nil {
		t.Fatal(err)
	}
	if countOrders(t, a) == orders || len(post.Mails()) == mails {
		t.Error("nobody came on the next days")
	}
}

// A history that takes longer than the demo waits for it is lived beside the
// requests.
func TestALongHistoryIsNotWaitedFor(t *testing.T) {
	a := openLively(t, testdb.URL(t), 2, time.Nanosecond, &testkit.Mailer{})
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	var said bytes.Buffer
	if err := a.liveHistory(t.Context(), DemoOutput{Out: &said, Err: &said}); err != nil || a.Clock.Offset() >= 0 || len(a.beside) != 1 {
		t.Fatalf("the clock is at %s, beside the requests go on %d things, %v", a.Clock.Offset(), len(a.beside), err)
	}
	if said.String() != "Living the last 2 days of the store.\nThe store opens now; the rest of its history goes on beside that.\n" {
		t.Errorf("it said %q", &said)
	}
	a.beside[0](t.Context())
	if a.Clock.Offset() != 0 || !strings.HasSuffix(said.String(), "is complete: its clock shows the present.\n") {
		t.Errorf("the clock ends %s; it said %q", a.Clock.Offset(), &said)
	}
}

func countOrders(t *testing.T, a *App) int64 {
	t.Helper()
	all, err := a.Orders.Count(t.Context(), demo.Store)
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	for _, of := range []order.Status{order.AwaitingFulfillment, order.Shipped} {
		n += all[of]
	}
	return n
}
