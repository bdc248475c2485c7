package money

import "math/bits"

// Restate returns the rate for one unit of the currency whose rate is base,
// instead of one unit of the default currency: what the rates become when that
// currency becomes the default. It is rounded half up to the digits a Rate
// keeps. It returns ErrOverflow when the result does not fit, at either end.
func (r Rate) Restate(base Rate) (Rate, error) {
	if r <= 0 || base <= 0 {
		return 0, ErrOverflow
	}
	hi, lo := bits.Mul64(uint64(r), uint64(RateOne))
	d := uint64(base)
	if hi >= d {
		return 0, ErrOverflow
	}
	q, rest := bits.Div64(hi, lo, d)
	if rest >= d-rest {
		q++
	}
	const largest = 1_000_000_000_000_000_000 // what eighteen digits hold, as parseScaled reads them
	if q == 0 || q >= largest {
		return 0, ErrOverflow
	}
	return Rate(q), nil
}
