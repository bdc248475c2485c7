package recovery

import (
	"strings"
	"testing"

	"cartwright/internal/id"
)

func TestReadToken(t *testing.T) {
	const token = "305cfbf5bf9ad4d6e6c9bbe8f1bd3c0a"
	tests := map[string]struct {
		in string
		ok bool
	}{
		"as it stands in links":         {token, true},
		"in capitals":                   {strings.ToUpper(token), true},
		"as a UUID":                     {"305cfbf5-bf9a-d4d6-e6c9-bbe8f1bd3c0a", true},
		"dashes anywhere":               {"3-05cfbf5bf9ad4d6e6c9bbe8f1bd3c0-a", true},
		"nothing":                       {"", false},
		"a digit short":                 {token[1:], false},
		"a digit long":                  {token + "0", false},
		"no hexadecimal digit":          {"g" + token[1:], false},
		"blanks":                        {" " + token, false},
		"another kind of digit":         {"３" + token[3:], false},
		"more dashes than digits":       {token + strings.Repeat("-", 40), false},
		"a NUL":                         {"\x00" + token[1:], false},
		"no text":                       {"\xff" + token[1:], false},
		"a letter that becomes another": {"K" + token[1:], false}, // the Kelvin sign
	}
	for name, tc := range tests {
		got, ok := ReadToken(tc.in)
		if ok != tc.ok || (ok && got != token) {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
}

func TestNewToken(t *testing.T) {
	plain, hash := NewToken()
	if got, ok := ReadToken(plain); !ok || got != plain || hash != id.Hash(plain) {
		t.Errorf("%q, %q", plain, hash)
	}
	if again, _ := NewToken(); again == plain {
		t.Error("the same token twice")
	}
}
