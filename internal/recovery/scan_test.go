package recovery

import (
	"testing"
	"time"

	"cartwright/internal/cart"
)

func TestLook(t *testing.T) {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	m := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	const never = -1
	tests := map[string]struct {
		due, updated, continued int // minutes
		wait                    time.Duration
		now                     int
		addedBy                 int64
		want                    Finding
		at                      int
	}{
		"at the hour":                             {60, 0, never, time.Hour, 60, 0, Abandoned, 60},
		"found late, at the hour all the same":    {60, 0, never, time.Hour, 600, 0, Abandoned, 60},
		"touched since":                           {60, 30, never, time.Hour, 60, 0, Later, 90},
		"touched since and left again":            {60, 30, never, time.Hour, 95, 0, Abandoned, 90},
		"somebody went on from a link":            {60, 0, 40, time.Hour, 60, 0, Later, 100},
		"went on before the last change":          {60, 0, -50, time.Hour, 60, 0, Abandoned, 60},
		"the waiting time grew":                   {60, 0, never, 2 * time.Hour, 60, 0, Later, 120},
		"it shrank: not before the cart was due":  {60, 0, never, time.Minute, 60, 0, Abandoned, 60},
		"nothing in it that somebody put there":   {60, 0, never, time.Hour, 60, 3, Leave, 0},
		"expired before it was found":             {60, 0, never, time.Hour, int(cart.Lifetime.Minutes()), 0, Leave, 0},
		"found a minute before it would expire":   {60, 0, never, time.Hour, int(cart.Lifetime.Minutes()) - 1, 0, Abandoned, 60},
		"touched in the future of another server": {60, 61, never, time.Hour, 60, 0, Later, 121},
	}
	for name, tc := range tests {
		c := &cart.Cart{Updated: m(tc.updated), Lines: []cart.Line{{ID: "1", AddedBy: tc.addedBy}}}
		var continued time.Time
		if tc.continued != never {
			continued = m(tc.continued)
		}
		got, at := Look(c, m(tc.due), continued, tc.wait, m(tc.now))
		if got != tc.want || (got != Leave && !at.Equal(m(tc.at))) {
			t.Errorf("%s: %d, %s after noon", name, got, at.Sub(noon))
		}
	}
}
