// Package id makes the identifiers that must not be guessed or repeated.
package id

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// UUID returns a random version 4 UUID in lower case, the form of cart and
// line item ids (spec/00 §7).
func UUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand crashes the program instead
	return format(b, 4)
}

// Derived returns a UUID that is the same for the same parts. It is marked as
// version 5, the kind that is made of names.
func Derived(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return format([16]byte(h.Sum(nil)), 5)
}

// format writes 16 bytes as a UUID of a version.
func format(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// IsUUID reports whether s is written as a UUID in lower or upper case.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		}
	}
	return true
}

// Hex returns n random bytes as lower-case hex digits: Hex(32) is the 64
// digits of a redirect token (spec/01 §10).
func Hex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// Letters returns n random letters of an alphabet of at most 256, each as likely
// as any other.
func Letters(alphabet string, n int) string {
	limit := 256 / len(alphabet) * len(alphabet)
	out := make([]byte, 0, n)
	for b := make([]byte, n); len(out) < n; {
		_, _ = rand.Read(b)
		for _, c := range b {
			if int(c) < limit && len(out) < n { // else the first letters would be more likely
				out = append(out, alphabet[int(c)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// Hash returns the SHA-256 of a random token in hex, which is what is stored
// of it. Tokens have 128 random bits or more, so no salt and no slow hash is
// needed.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
