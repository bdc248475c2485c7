package id_test

import (
	"strings"
	"testing"

	"cartwright/internal/id"
)

func TestDerived(t *testing.T) {
	a := id.Derived("cart", "1", "2")
	if !id.IsUUID(a) || a[14] != '5' {
		t.Errorf("%s is no UUID of names", a)
	}
	if b := id.Derived("cart", "1", "2"); b != a {
		t.Errorf("%s and %s differ", a, b)
	}
	for _, other := range [][]string{{"cart", "12"}, {"cart", "1", "3"}, {"cart", "1"}, {"cart", "", "12"}, nil} {
		if id.Derived(other...) == a {
			t.Errorf("%q makes the same id", other)
		}
	}
	if id.UUID()[14] != '4' {
		t.Error("a random UUID is not of version 4")
	}
}

func TestLetters(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		s := id.Letters("AB1", 16)
		if len(s) != 16 || strings.Trim(s, "AB1") != "" || seen[s] {
			t.Fatalf("%q", s)
		}
		seen[s] = true
	}
}
