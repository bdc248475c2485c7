package recovery

import (
	"math"
	"time"
)

// HoldoutWindow is how long after being drawn a shopper may order and count as
// one who did. A shopper counts once that time is over.
const HoldoutWindow = 7 * 24 * time.Hour

const (
	// holdoutLevel is how often the interval of a difference is right, counted
	// over all comparisons and all times at which somebody may look.
	holdoutLevel = 0.95
	// holdoutLeast is how many shoppers each side needs before a comparison says
	// anything.
	holdoutLeast = 30
)

// Arm is one side of a comparison: shoppers whose time is over, and how many of
// them ordered in it.
type Arm struct {
	Shoppers int64
	Ordered  int64
}

// Rate is the share of shoppers who ordered; ok is false without shoppers.
func (a Arm) Rate() (rate float64, ok bool) {
	if a.Shoppers == 0 {
		return 0, false
	}
	return float64(a.Ordered) / float64(a.Shoppers), true
}

// Comparison is what a set of mails brings, shown by those who did not get it.
type Comparison struct {
	// Channel is whose set of mails; AllChannels is the store's.
	Channel int64
	Mailed  Arm
	HeldOut Arm
	// Waiting is how many shoppers were drawn whose time is not over.
	Waiting int64
}

// Verdict is what a comparison says.
type Verdict string

// The verdicts.
const (
	NotEnoughData   Verdict = "not_enough_data"
	MailsBringMore  Verdict = "mails_bring_orders"
	MailsBringFewer Verdict = "mails_cost_orders"
)

// Verdict is NotEnoughData while a side has fewer than 30 shoppers, and while
// the interval of the difference contains 0: then nothing is shown, however the
// two rates look.
func (c Comparison) Verdict() Verdict {
	low, high := c.Interval()
	switch {
	case c.Mailed.Shoppers < holdoutLeast || c.HeldOut.Shoppers < holdoutLeast:
		return NotEnoughData
	case low > 0:
		return MailsBringMore
	case high < 0:
		return MailsBringFewer
	}
	return NotEnoughData
}

// Difference is how much larger the share that ordered is among those who were
// written to; ok is false while a side has no shoppers.
func (c Comparison) Difference() (d float64, ok bool) {
	mailed, one := c.Mailed.Rate()
	held, two := c.HeldOut.Rate()
	return mailed - held, one && two
}

// Interval returns bounds of the true difference that are right at all times at
// once in at least 95 of 100 stores: one may look every day, and stop when one
// likes what one sees. An interval of the usual kind does not allow that; a
// merchant who looks often enough sees it exclude 0 although mails bring nothing.
//
// Each side has a confidence sequence for the mean p of a Bernoulli variable,
// at α/2, and the union bound joins them. After n shoppers of whom s ordered,
// the likelihoods of all p, mixed by a Beta(½, ½) distribution, divided by the
// likelihood of the true p, are a nonnegative martingale that begins at 1:
//
//	M(p) = B(s+½, n−s+½) / B(½, ½) / (p^s · (1−p)^(n−s))
//
// By Ville's inequality it ever reaches 1/α with a probability of at most α. So
// the p with M(p) < 1/α contain the true one at all n at once, but for α.
//
// Sources: J. Ville, Étude critique de la notion de collectif (1939); H. Robbins,
// Statistical methods related to the law of the iterated logarithm, Annals of
// Mathematical Statistics 41 (1970), 1397–1409; S. R. Howard, A. Ramdas,
// J. McAuliffe and J. Sekhon, Time-uniform, nonparametric, nonasymptotic
// confidence sequences, Annals of Statistics 49 (2021), 1055–1080.
func (c Comparison) Interval() (low, high float64) {
	const alpha = (1 - holdoutLevel) / 2
	mailedLow, mailedHigh := c.Mailed.bounds(alpha)
	heldLow, heldHigh := c.HeldOut.bounds(alpha)
	return mailedLow - heldHigh, mailedHigh - heldLow
}

// IntervalLevel is the share of comparisons whose interval is right.
func IntervalLevel() float64 { return holdoutLevel }

// likely returns what tells whether M(p) < 1/alpha.
func (a Arm) likely(alpha float64) func(p float64) bool {
	s, f := float64(a.Ordered), float64(a.Shoppers-a.Ordered)
	least := lnBeta(s+.5, f+.5) - lnBeta(.5, .5) + math.Log(alpha)
	return func(p float64) bool { return xlny(s, p)+xlny(f, 1-p) > least }
}

// bounds returns the ends of the set of p that are likely. M falls up to s/n and
// rises behind it, so each end is found by halving. Without shoppers every p is
// likely.
func (a Arm) bounds(alpha float64) (low, high float64) {
	lowest, ok := a.Rate()
	if !ok {
		return 0, 1
	}
	inside := a.likely(alpha)
	return edge(inside, lowest, 0), edge(inside, lowest, 1)
}

// edge returns the last point from in towards out that is inside, rounded
// outwards.
func edge(inside func(float64) bool, in, out float64) float64 {
	if inside(out) {
		return out
	}
	for range 60 {
		if mid := (in + out) / 2; inside(mid) {
			in = mid
		} else {
			out = mid
		}
	}
	return out
}

// lnBeta is the logarithm of the beta function.
func lnBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}

// xlny is x · ln y, and 0 when x is 0.
func xlny(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(y)
}
