package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartwright/internal/testkit"
)

// A write that is alone is done by its own goroutine.
func TestAWriteAloneLeadsItself(t *testing.T) {
	db := openWriter(t)
	_, err := write(t.Context(), db, func(*tx) (int, error) {
		pc := make([]uintptr, 50)
		frames := runtime.CallersFrames(pc[:runtime.Callers(0, pc)])
		for {
			frame, more := frames.Next()
			if frame.Function == "cartwright/internal/sqlstore.TestAWriteAloneLeadsItself" {
				return 0, nil
			}
			if !more {
				return 0, errors.New("another goroutine did it")
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// However many others write, whoever leads is answered after one group.
func TestALeaderIsNotKept(t *testing.T) {
	db := openWriter(t)
	free := hold(t, db)
	ctx, stop := context.WithCancel(context.Background())
	var others sync.WaitGroup
	for i := range 8 {
		others.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if _, err := write(t.Context(), db, func(t *tx) (int, error) {
					return 0, insertCounter(t, fmt.Sprint(i, ".", n))
				}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	awaitWaiting(db, 8)
	free() // returns when the write that led has been answered, while the others go on
	for len(counters(t, db)) < 50 {
		runtime.Gosched()
	}
	stop()
	others.Wait()
	db.writer.mu.Lock()
	defer db.writer.mu.Unlock()
	if db.writer.led || len(db.writer.waiting) > 0 || len(db.writer.room) > 0 {
		t.Errorf("at rest: led %v, %d wait, room for %d is taken", db.writer.led, len(db.writer.waiting), len(db.writer.room))
	}
}

// What waits when the database is closed is still written; what comes later is
// refused.
func TestCloseFinishesWhatWaits(t *testing.T) {
	db := openWriter(t)
	free := hold(t, db)
	var wg sync.WaitGroup
	errs := make([]error, 10)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = write(t.Context(), db, func(t *tx) (int, error) { return 0, insertCounter(t, fmt.Sprint(i)) })
		})
	}
	awaitWaiting(db, len(errs))
	wg.Go(func() { db.writer.stop() })
	<-db.writer.quit
	if _, err := write(t.Context(), db, func(*tx) (int, error) { return 0, nil }); !errors.Is(err, errClosed) {
		t.Errorf("a write after the end: %v", err)
	}
	free()
	wg.Wait()
	if err := errors.Join(errs...); err != nil || len(counters(t, db)) != len(errs) {
		t.Errorf("%v, written %v", err, counters(t, db))
	}
}

// A write whose time is over while it waits returns at once and is not written;
// those around it are.
func TestAWriteGivesUpWaiting(t *testing.T) {
	db := openWriter(t)
	free := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			if _, err := write(t.Context(), db, func(t *tx) (int, error) { return 0, insertCounter(t, fmt.Sprint(i)) }); err != nil {
				t.Error(err)
			}
		})
	}
	awaitWaiting(db, 3)
	late := make(chan error)
	go func() {
		_, err := write(ctx, db, func(t *tx) (int, error) { return 0, insertCounter(t, "late") })
		late <- err
	}()
	awaitWaiting(db, 4)
	cancel()
	if err := <-late; !errors.Is(err, context.Canceled) { // while the writer is held
		t.Errorf("got %v", err)
	}
	free()
	wg.Wait()
	if got := counters(t, db); got["late"] || len(got) != 3 {
		t.Errorf("written are %v", got)
	}
}

// A write whose turn has come is not given up: only its end tells what became
// of it.
func TestAWriteUnderWayIsAwaited(t *testing.T) {
	db := openWriter(t)
	free := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error)
	go func() {
		_, err := write(ctx, db, func(t *tx) (int, error) {
			cancel()
			return 0, insertCounter(t, "in time")
		})
		done <- err
	}()
	awaitWaiting(db, 1)
	free()
	if err := <-done; err != nil || !counters(t, db)["in time"] {
		t.Errorf("%v, written %v", err, counters(t, db))
	}
}

// Beyond maxWaiting a write waits for room, no longer than its context.
func TestWritesWaitForRoom(t *testing.T) {
	db := openWriter(t)
	free := hold(t, db)
	var wg sync.WaitGroup
	for range maxWaiting {
		wg.Go(func() {
			if _, err := write(t.Context(), db, func(*tx) (int, error) { return 0, nil }); err != nil {
				t.Error(err)
			}
		})
	}
	awaitWaiting(db, maxWaiting)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := write(ctx, db, func(*tx) (int, error) { return 0, nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	free()
	wg.Wait()
}

// What the goroutine that leads dies of, a write or the driver, leaves nothing
// open behind it: the group is taken back and told, and others go on.
func TestALeaderThatDiesLeavesNothing(t *testing.T) {
	db := openWriter(t)
	died := make(chan struct{})
	go func() { // like a test that fails inside a write
		defer close(died)
		_, _ = write(t.Context(), db, func(t *tx) (int, error) {
			if err := insertCounter(t, "half"); err != nil {
				return 0, err
			}
			runtime.Goexit()
			return 0, nil
		})
	}()
	<-died
	if _, err := write(t.Context(), db, func(t *tx) (int, error) { return 0, insertCounter(t, "whole") }); err != nil {
		t.Fatal(err)
	}
	if got := counters(t, db); got["half"] || !got["whole"] {
		t.Errorf("written are %v", got)
	}
}

// The log is emptied beside the writer: it does not grow with what is written.
func TestTheLogIsEmptied(t *testing.T) {
	db := openWriter(t)
	for range 3 * checkpointEvery / 50 {
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				_, err := write(t.Context(), db, func(t *tx) (int64, error) { return t.nextID("s", fmt.Sprint(i), 1) })
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	testkit.Eventually(t, "pages of the log are moved", func() bool {
		var busy, pages, moved int
		if err := db.reads.QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &pages, &moved); err != nil {
			t.Fatal(err)
		}
		return moved > 0
	})
}

// BenchmarkGroup is how long a write waits against how many share its commit.
func BenchmarkGroup(b *testing.B) {
	for _, writers := range []int{1, 2, 4, 8, 16, 32, 64, 128} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			db, err := Open(b.Context(), "sqlite://"+b.TempDir()+"/test.db", Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = db.Close() })
			var groups, writes int
			committed := db.writer.committed
			db.writer.committed = func(n int) {
				groups, writes = groups+1, writes+n
				committed(n)
			}
			var left atomic.Int64
			left.Store(int64(b.N))
			var all sync.WaitGroup
			b.ResetTimer()
			for i := range writers {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := write(b.Context(), db, func(t *tx) (int64, error) { return t.nextID("s", fmt.Sprint(i), 1) }); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			if groups > 0 {
				each := float64(b.Elapsed().Microseconds()) / float64(groups)
				b.ReportMetric(float64(writes)/float64(groups), "writes/group")
				b.ReportMetric(each, "us/group")
			}
		})
	}
}
