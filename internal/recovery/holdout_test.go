package recovery

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestVerdict(t *testing.T) {
	tests := map[string]struct {
		mailed, held Arm
		want         Verdict
	}{
		"nobody yet":             {Arm{}, Arm{}, NotEnoughData},
		"one side only":          {Arm{5000, 900}, Arm{}, NotEnoughData},
		"too few on one side":    {Arm{5000, 4900}, Arm{29, 0}, NotEnoughData},
		"just enough, and clear": {Arm{5000, 4900}, Arm{30, 0}, MailsBringMore},
		"no difference":          {Arm{5000, 500}, Arm{500, 50}, NotEnoughData},
		"a small one":            {Arm{1000, 120}, Arm{100, 9}, NotEnoughData},
		"mails help":             {Arm{9000, 1350}, Arm{1000, 60}, MailsBringMore},
		"mails hurt":             {Arm{9000, 540}, Arm{1000, 150}, MailsBringFewer},
		"nobody orders":          {Arm{1000, 0}, Arm{1000, 0}, NotEnoughData},
		"everybody orders":       {Arm{1000, 1000}, Arm{1000, 1000}, NotEnoughData},
	}
	for name, tc := range tests {
		c := Comparison{Mailed: tc.mailed, HeldOut: tc.held}
		if got := c.Verdict(); got != tc.want {
			low, high := c.Interval()
			t.Errorf("%s: %s, want %s (%.4f to %.4f)", name, got, tc.want, low, high)
		}
	}
}

// TestBoundsAreThoseOfTheMartingale compares the ends with the definition.
func TestBoundsAreThoseOfTheMartingale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1_000_000).Draw(t, "shoppers")
		a := Arm{n, rapid.Int64Range(0, n).Draw(t, "ordered")}
		low, high := a.bounds(.025)
		rate, ok := a.Rate()
		if low < 0 || high > 1 || low > high || ok && (rate < low || rate > high) {
			t.Fatalf("%v: %v to %v", a, low, high)
		}
		s, f := float64(a.Ordered), float64(n-a.Ordered)
		wealth := func(p float64) float64 {
			return lnBeta(s+.5, f+.5) - lnBeta(.5, .5) - xlny(s, p) - xlny(f, 1-p)
		}
		for _, end := range []float64{low, high} {
			if end > 0 && end < 1 && math.Abs(wealth(end)-math.Log(40)) > 1e-3*(1+math.Log(float64(n))) {
				t.Fatalf("%v: ln M(%v) is %v, want %v", a, end, wealth(end), math.Log(40))
			}
		}
	})
}

// TestTheIntervalHoldsHoweverOftenOneLooks draws shoppers one by one, looks
// after each of them, and counts the streams in which the true difference was
// outside even once. The usual interval is outside in most of them.
func TestTheIntervalHoldsHoweverOftenOneLooks(t *testing.T) {
	const streams, shoppers = 200, 1000
	rng := rand.New(rand.NewPCG(1, 2))
	usual := 0
	wrong := 0
	for range streams {
		p, q := .02+.4*rng.Float64(), .02+.4*rng.Float64()
		share := .1 + .4*rng.Float64()
		var c Comparison
		missed, missedUsual := false, false
		for range shoppers {
			arm, mean := &c.Mailed, p
			if rng.Float64() < share {
				arm, mean = &c.HeldOut, q
			}
			arm.Shoppers++
			if rng.Float64() < mean {
				arm.Ordered++
			}
			low, high := c.Interval()
			missed = missed || p-q < low || p-q > high
			missedUsual = missedUsual || outsideUsual(c, p-q)
		}
		if missed {
			wrong++
		}
		if missedUsual {
			usual++
		}
	}
	// At most 5 % may be; twice the standard deviation more is luck.
	if share := float64(wrong) / streams; share > .08 {
		t.Errorf("the true difference was outside in %.1f %% of the streams", 100*share)
	}
	if usual < streams/5 {
		t.Errorf("the usual interval was wrong in %d of %d streams only: the test does not look often enough", usual, streams)
	}
	t.Logf("outside once: %d of %d; the usual interval: %d", wrong, streams, usual)
}

// TestTheBoundsOfOneSideHold does the same for one side, whose bounds are not
// widened by the union bound: so it sees whether they are as narrow as they say.
func TestTheBoundsOfOneSideHold(t *testing.T) {
	const streams, shoppers, alpha = 2000, 1000, .05
	rng := rand.New(rand.NewPCG(3, 4))
	wrong := 0
	for range streams {
		p := .02 + .4*rng.Float64()
		var a Arm
		for range shoppers {
			a.Shoppers++
			if rng.Float64() < p {
				a.Ordered++
			}
			if !a.likely(alpha)(p) {
				wrong++
				break
			}
		}
	}
	if share := float64(wrong) / streams; share > alpha || share < alpha/10 {
		t.Errorf("the true share was outside in %.2f %% of the streams", 100*share)
	}
}

// outsideUsual reports whether a difference is outside the interval of the
// normal approximation, which is right for one look.
func outsideUsual(c Comparison, d float64) bool {
	if c.Mailed.Shoppers < holdoutLeast || c.HeldOut.Shoppers < holdoutLeast {
		return false
	}
	p, _ := c.Mailed.Rate()
	q, _ := c.HeldOut.Rate()
	wide := 1.96 * math.Sqrt(p*(1-p)/float64(c.Mailed.Shoppers)+q*(1-q)/float64(c.HeldOut.Shoppers))
	return math.Abs(p-q-d) > wide
}

// TestTheIntervalNarrows holds that more shoppers with the same rates say more.
func TestTheIntervalNarrows(t *testing.T) {
	width := 2.0
	for n := int64(30); n < 1_000_000; n *= 3 {
		low, high := Comparison{Mailed: Arm{n, n / 10}, HeldOut: Arm{n, n / 10}}.Interval()
		if high-low >= width {
			t.Errorf("%d shoppers: %v, not below %v", n, high-low, width)
		}
		width = high - low
	}
	if width > .01 {
		t.Errorf("many shoppers still leave %v", width)
	}
}
