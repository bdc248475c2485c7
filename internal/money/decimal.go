package money

import (
	"errors"
	"fmt"
	"strconv"
)

// ErrSyntax says that a text is not a decimal number.
var ErrSyntax = errors.New("not a decimal number")

// rateScale is the number of digits a Rate keeps behind the point, the ten
// that the vendor's currencies resource shows (spec/05 §6).
const rateScale = 10

// Rate is an exchange rate: units of a currency for one unit of the store's
// default currency, in ten-thousand-millionths.
type Rate int64

// RateOne is the rate of the default currency itself.
const RateOne Rate = 10_000_000_000

// Parse reads a decimal number such as "12.5", "-3" or "1e2". Digits beyond
// the fourth behind the point are rounded half away from zero. It returns
// ErrSyntax for anything else and ErrOverflow beyond Max.
func Parse(s string) (Amount, error) {
	n, err := parseScaled(s, 4)
	if err != nil {
		return 0, err
	}
	a := Amount(n)
	return a, a.Check()
}

// ParseRate reads an exchange rate, which must be above zero.
func ParseRate(s string) (Rate, error) {
	n, err := parseScaled(s, rateScale)
	if err != nil {
		return 0, err
	}
	if n <= 0 {
		return 0, fmt.Errorf("an exchange rate must be above zero: %w", ErrSyntax)
	}
	return Rate(n), nil
}

// Convert turns an amount of the default currency into the currency of the
// rate, rounded to that currency's decimal places.
func (r Rate) Convert(a Amount, places int) (Amount, error) {
	if r == RateOne {
		return a.Round(places), nil
	}
	c, err := a.MulDiv(int64(r), int64(RateOne))
	if err != nil {
		return 0, err
	}
	return c.Round(places), nil
}

// ToDefault turns an amount of the rate's currency into the default currency.
func (r Rate) ToDefault(a Amount) (Amount, error) {
	return a.MulDiv(int64(RateOne), int64(r))
}

// String writes a rate with ten digits behind the point, as the vendor does.
func (r Rate) String() string {
	return fmt.Sprintf("%d.%010d", int64(r)/int64(RateOne), int64(r)%int64(RateOne))
}

// MarshalJSON writes the rate as the vendor's string.
func (r Rate) MarshalJSON() ([]byte, error) { return strconv.AppendQuote(nil, r.String()), nil }

// UnmarshalJSON reads a rate from a JSON number or string.
func (r *Rate) UnmarshalJSON(b []byte) error {
	v, err := ParseRate(unquote(b))
	if err == nil {
		*r = v
	}
	return err
}

// parseScaled reads a decimal number as a count of 10^-scale. It never builds
// a number larger than an int64, whatever the exponent says.
func parseScaled(s string, scale int) (int64, error) {
	p := scanner{text: s}
	neg := p.accept('-')
	digits, point, err := p.mantissa()
	if err != nil {
		return 0, err
	}
	exp, err := p.exponent()
	if err != nil {
		return 0, err
	}
	n, err := shift(digits, point+exp+scale)
	if err != nil {
		return 0, err
	}
	if neg {
		n = -n
	}
	return n, nil
}

type scanner struct {
	text string
	pos  int
}

func (p *scanner) accept(c byte) bool {
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *scanner) digits() string {
	from := p.pos
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.pos++
	}
	return p.text[from:p.pos]
}

// mantissa reads the digits and returns them without the point, with the
// place of the point counted from the left.
func (p *scanner) mantissa() (digits string, point int, err error) {
	whole := p.digits()
	if whole == "" {
		return "", 0, ErrSyntax
	}
	if !p.accept('.') {
		return whole, len(whole), nil
	}
	frac := p.digits()
	if frac == "" {
		return "", 0, ErrSyntax
	}
	return whole + frac, len(whole), nil
}

func (p *scanner) exponent() (int, error) {
	if !p.accept('e') && !p.accept('E') {
		return 0, p.end()
	}
	neg := p.accept('-')
	if !neg {
		p.accept('+')
	}
	d := p.digits()
	if d == "" {
		return 0, ErrSyntax
	}
	if len(d) > 4 {
		d = "9999" // far beyond either end: shift decides which
	}
	exp, _ := strconv.Atoi(d)
	if neg {
		exp = -exp
	}
	return exp, p.end()
}

func (p *scanner) end() error {
	if p.pos != len(p.text) {
		return ErrSyntax
	}
	return nil
}

// shift reads the first n of digits as an integer, padding with zeros, and
// rounds half up by the digit behind.
func shift(digits string, n int) (int64, error) {
	for len(digits) > 0 && digits[0] == '0' {
		digits, n = digits[1:], n-1
	}
	if digits == "" || n < 0 {
		return 0, nil
	}
	if n > 18 {
		return 0, ErrOverflow
	}
	var v int64
	for i := range n {
		v *= 10
		if i < len(digits) {
			v += int64(digits[i] - '0')
		}
	}
	if n < len(digits) && digits[n] >= '5' {
		v++
	}
	return v, nil
}

// Append writes a as a JSON number without trailing zeros: 5, 74.75.
func (a Amount) Append(b []byte) []byte {
	if a < 0 {
		b = append(b, '-')
	}
	m := magnitude(int64(a))
	b = strconv.AppendUint(b, m/uint64(Unit), 10)
	frac := m % uint64(Unit)
	if frac == 0 {
		return b
	}
	b = append(b, '.', byte('0'+frac/1000), byte('0'+frac/100%10), byte('0'+frac/10%10), byte('0'+frac%10))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// String writes a without trailing zeros.
func (a Amount) String() string { return string(a.Append(nil)) }

// Fixed writes a with exactly the given number of decimal places, rounded.
func (a Amount) Fixed(places int) string {
	a = a.Round(places)
	sign := ""
	if a < 0 {
		sign = "-"
	}
	m := magnitude(int64(a))
	if places <= 0 {
		return sign + strconv.FormatUint(m/uint64(Unit), 10)
	}
	frac := fmt.Sprintf("%04d", m%uint64(Unit))
	for len(frac) < places {
		frac += "0"
	}
	return fmt.Sprintf("%s%d.%s", sign, m/uint64(Unit), frac[:places])
}

// MarshalJSON writes a JSON number, as V3 does (spec/00 §7).
func (a Amount) MarshalJSON() ([]byte, error) { return a.Append(nil), nil }

// UnmarshalJSON reads a JSON number or a numeric string; clients send both
// (spec/01 §17, row 2). null leaves a as it is.
func (a *Amount) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	v, err := Parse(unquote(b))
	if err == nil {
		*a = v
	}
	return err
}

func unquote(b []byte) string {
	if len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"' {
		b = b[1 : len(b)-1]
	}
	return string(b)
}

// Read reads an amount as Append writes it from the beginning of a text, and
// returns how many bytes that took. That is none where the text does not begin
// with such an amount, or with one beyond Max; there is more to an amount that a
// digit, a point or an exponent follows: Parse reads that.
func Read(s string) (a Amount, n int) {
	neg := n < len(s) && s[n] == '-'
	if neg {
		n++
	}
	v, digits := leadingDigits(s[n:], 13)
	if digits == 0 || digits > 1 && s[n] == '0' {
		return 0, 0
	}
	n += digits
	v *= int64(Unit)
	if n < len(s) && s[n] == '.' {
		frac, digits := leadingDigits(s[n+1:], 4)
		if digits == 0 {
			return 0, 0
		}
		n += 1 + digits
		for ; digits < 4; digits++ {
			frac *= 10
		}
		v += frac
	}
	if a = Amount(v); neg {
		a = -a
	}
	if a.Check() != nil {
		return 0, 0
	}
	return a, n
}

// leadingDigits reads the digits that a text begins with, but not more than most.
func leadingDigits(s string, most int) (v int64, n int) {
	for n < len(s) && n < most && s[n] >= '0' && s[n] <= '9' {
		v = v*10 + int64(s[n]-'0')
		n++
	}
	return v, n
}
