package money

import (
	"cmp"
	"math/bits"
	"slices"
)

// Allocate shares total over weights in proportion, in steps of the minor unit
// with the given number of decimal places. Shares are rounded towards zero and
// the units left over go to the largest remainders, ties to the earlier weight
// (spec/01 §7.3), so the shares add up to total exactly. A remainder of total
// below one minor unit goes to the first weight that is not zero.
//
// Weights must not be negative. When all of them are zero every share is zero.
func Allocate(total Amount, weights []Amount, places int) []Amount {
	shares := make([]Amount, len(weights))
	var sum uint64
	for _, w := range weights {
		sum += uint64(w)
	}
	if sum == 0 || total == 0 {
		return shares
	}
	step := uint64(minorUnit(places))
	whole, rest := magnitude(int64(total))/step, magnitude(int64(total))%step

	type fraction struct {
		index     int
		remainder uint64
	}
	left := whole
	fractions := make([]fraction, 0, len(weights))
	for i, w := range weights {
		hi, lo := bits.Mul64(whole, uint64(w))
		q, r := bits.Div64(hi, lo, sum) // hi < sum, because w <= sum
		shares[i] = Amount(q * step)
		left -= q
		if w > 0 {
			fractions = append(fractions, fraction{i, r})
		}
	}
	slices.SortFunc(fractions, func(a, b fraction) int {
		return cmp.Or(cmp.Compare(b.remainder, a.remainder), cmp.Compare(a.index, b.index))
	})
	for i := range left {
		shares[fractions[i].index] += Amount(step)
	}
	for i, w := range weights {
		if w > 0 {
			shares[i] += Amount(rest)
			break
		}
	}
	if total < 0 {
		for i := range shares {
			shares[i] = -shares[i]
		}
	}
	return shares
}
