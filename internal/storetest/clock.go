package storetest

import (
	"errors"
	"testing"
	"time"

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
