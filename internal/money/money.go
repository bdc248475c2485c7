// Package money holds exact amounts of money and the only places where they
// are rounded or shared out.
//
// An Amount counts ten-thousandths of a currency's main unit in an int64, so
// adding and multiplying are exact and cost nothing on the hot path. Rounding
// to what a currency can pay happens in Round, MulDiv and Percent; sharing an
// amount over lines happens in Allocate, whose shares always add up to the
// whole.
//
// No float stands between the digits a client sent and the digits it gets
// back: the JSON codec reads and writes decimal text.
package money

import (
	"errors"
	"math/bits"
)

// Amount is a signed amount of money in ten-thousandths of the main unit:
// 12.5 USD is Amount(125000).
type Amount int64

// Unit is one main unit (one dollar, one yen).
const Unit Amount = 10_000

// Max bounds every amount a product, a line or a total may hold, on either
// side of zero. It leaves room for the sum of several hundred such amounts.
const Max Amount = 1_000_000_000_000 * Unit

// ErrOverflow says that a result lies beyond Max.
var ErrOverflow = errors.New("the amount is too large")

// Check returns ErrOverflow when a lies beyond Max on either side.
func (a Amount) Check() error {
	if a > Max || a < -Max {
		return ErrOverflow
	}
	return nil
}

// Times returns a × n, or ErrOverflow when the product lies beyond Max.
func (a Amount) Times(n int64) (Amount, error) {
	neg := (a < 0) != (n < 0)
	hi, lo := bits.Mul64(magnitude(int64(a)), magnitude(n))
	if hi != 0 || lo > uint64(Max) {
		return 0, ErrOverflow
	}
	return signed(lo, neg), nil
}

// MulDiv returns a × num ÷ den rounded half away from zero to the last of the
// four digits an Amount holds. den must not be zero.
func (a Amount) MulDiv(num, den int64) (Amount, error) {
	neg := (a < 0) != ((num < 0) != (den < 0))
	d := magnitude(den)
	hi, lo := bits.Mul64(magnitude(int64(a)), magnitude(num))
	if hi >= d {
		return 0, ErrOverflow
	}
	q, r := bits.Div64(hi, lo, d)
	if r >= d-r {
		q++
	}
	if q > uint64(Max) {
		return 0, ErrOverflow
	}
	return signed(q, neg), nil
}

// Part returns a × num ÷ den, rounded once, half away from zero, to a number of
// decimal places. Rounding the result of MulDiv would round twice.
func (a Amount) Part(num, den int64, places int) (Amount, error) {
	step := minorUnit(places)
	units, err := a.MulDiv(num, den*int64(step))
	if err != nil {
		return 0, err
	}
	return units.Times(int64(step))
}

// Percent returns p per cent of a, where p is written like an amount: 12.5 %
// is Amount(125000).
func (a Amount) Percent(p Amount) (Amount, error) {
	return a.MulDiv(int64(p), int64(100*Unit))
}

// Round rounds a half away from zero to the given number of decimal places,
// which is at most four. spec/00 §7 asks for half-up on each amount.
func (a Amount) Round(places int) Amount {
	step := minorUnit(places)
	if step == 1 {
		return a
	}
	neg := a < 0
	m := magnitude(int64(a))
	r := m % uint64(step)
	m -= r
	if r*2 >= uint64(step) {
		m += uint64(step)
	}
	return signed(m, neg)
}

// Divide returns a ÷ n rounded half away from zero to the given number of
// decimal places. n must be above zero.
func (a Amount) Divide(n int64, places int) Amount {
	step := uint64(minorUnit(places))
	d := step * uint64(n)
	m := magnitude(int64(a))
	q, r := m/d, m%d
	if r >= d-r {
		q++
	}
	return signed(q*step, a < 0)
}

// minorUnit is the smallest amount with the given number of decimal places.
func minorUnit(places int) Amount {
	step := Unit
	for range min(max(places, 0), 4) {
		step /= 10
	}
	return step
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

func signed(m uint64, neg bool) Amount {
	if neg {
		return Amount(-int64(m))
	}
	return Amount(m)
}
