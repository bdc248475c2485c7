package cart_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/cart"
)

// TestDocumentIsTheCart fills every field of random carts, found by
// reflection, so that a field which the hand-written document forgets is
// noticed the day it is added.
func TestDocumentIsTheCart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c cart.Cart
		fill(t, reflect.ValueOf(&c).Elem(), 0)
		want, err := json.Marshal(&c)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(c.AppendDocument(nil))); diff != "" {
			t.Fatal(diff)
		}
	})
}

// fill sets a value and what is inside it to something random, often zero.
func fill(t *rapid.T, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(0, rapid.Int64Range(0, 4e18).Draw(t, "time")).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i), depth+1)
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), depth+1)
		}
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "length")
		if n == 0 && depth > 1 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), depth+1)
		}
	case reflect.String:
		v.SetString(rapid.SampledFrom([]string{"", "plain", "Lámpara ☂", "<&>\"\\\n\x01\u2028", "\x7f", "\xff", `\",\\u00`}).Draw(t, "text"))
	case reflect.Int64:
		v.SetInt(rapid.SampledFrom([]int64{0, 1, -12_345, 120_000, 1 << 40, 1e16, -1e16}).Draw(t, "number"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	default:
		t.Fatalf("cannot fill a %s", v.Kind())
	}
}
