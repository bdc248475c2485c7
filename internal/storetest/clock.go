package storetest

import (
	"errors"
	"testing"
	"time"

	"cartwright/internal/merchant"
	"cartwright/internal/sqlstore"
)

// clockBounded holds that steps at once do not add up beyond the bound.
func clockBounded(t *testing.T, db *sqlstore.DB) {
	t.Helper()
	before, err := db.ClockOffset(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []time.Duration{sqlstore.MaxClockOffset, sqlstore.MaxClockOffset + 1, 1<<63 - 1} {
		if _, err := db.AdvanceClock(t.Context(), step); !errors.Is(err, sqlstore.ErrClockTooFar) {
			t.Errorf("a step of %s = %v", step, err)
		}
	}
	half := ((sqlstore.MaxClockOffset - before) / 2).Truncate(time.Millisecond)
	done := 0
	for _, err := range inParallel(4, func(int) error {
		_, err := db.AdvanceClock(t.Context(), half)
		return err
	}) {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, sqlstore.ErrClockTooFar):
			t.Error(err)
		}
	}
	offset, err := db.ClockOffset(t.Context())
	if err != nil || offset > sqlstore.MaxClockOffset || offset != before+time.Duration(done)*half {
		t.Errorf("%d halves of what is left lead to %s, %v", done, offset, err)
	}
}

// clockBegins holds that only the clock of an empty database is set back, once.
func clockBegins(t *testing.T, db *sqlstore.DB) {
	const back = 60 * 24 * time.Hour
	want := func(what string, want time.Duration, offset time.Duration, err error) {
		t.Helper()
		if offset != want || err != nil {
			t.Errorf("%s = %s, %v; want %s", what, offset, err, want)
		}
	}
	offset, err := db.BeginClock(t.Context(), back)
	want("setting it back", -back, offset, err)
	offset, err = db.AdvanceClock(t.Context(), 24*time.Hour)
	want("a day later it", -59*24*time.Hour, offset, err)
	offset, err = db.BeginClock(t.Context(), back)
	want("setting it back again", -59*24*time.Hour, offset, err)
	offset, err = db.AdvanceClock(t.Context(), 59*24*time.Hour)
	want("at the end it", 0, offset, err)
	for _, wrong := range []time.Duration{-time.Hour, sqlstore.MaxClockOffset + 1} {
		if _, err := db.BeginClock(t.Context(), wrong); err == nil {
			t.Errorf("it was set back by %s", wrong)
		}
	}
}

// clockOfAStoreStays holds that nothing that exists moves into the future.
func clockOfAStoreStays(t *testing.T, db *sqlstore.DB) {
	if _, err := merchants(db).CreateStore(t.Context(), merchant.Setup{Hash: "alpha", Name: "Alpha"}); err != nil {
		t.Fatal(err)
	}
	if offset, err := db.BeginClock(t.Context(), time.Hour); offset != 0 || err != nil {
		t.Errorf("the clock of a database with a store is at %s, %v", offset, err)
	}
}
