package recovery

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/merchant"
)

func ptr[T any](v T) *T { return &v }

func given[T any](v T) Own[T] { return Own[T]{Given: true, To: &v} }

func TestDefaultSettings(t *testing.T) {
	want := Settings{Notify: true, UntilRecovered: true, Frequency: Individual, DigestSize: 10, MerchantEmail: "hello@shop.example"}
	if got := DefaultSettings(&merchant.Store{EmailFrom: "hello@shop.example"}); got != want {
		t.Errorf("%+v", got)
	}
	want.MerchantEmail = ""
	for _, from := range []string{"", "Shop <hello@shop.example>"} {
		if got := DefaultSettings(&merchant.Store{EmailFrom: from}); got != want {
			t.Errorf("%q: %+v", from, got)
		}
	}
}

// TestSettingsWith: what a channel has of its own counts, also where it is
// false or empty; the rest follows the store, also when that changes later.
func TestSettingsWith(t *testing.T) {
	store := Settings{Notify: true, TellAbandoned: true, MerchantEmail: "a@b.example", Frequency: Individual, DigestSize: 10}
	own := Overrides{Notify: ptr(false), MerchantEmail: ptr(""), DigestSize: ptr(int64(3))}
	want := Settings{TellAbandoned: true, Frequency: Individual, DigestSize: 3}
	if diff := cmp.Diff(want, store.With(own)); diff != "" {
		t.Error(diff)
	}
	store.TellAbandoned, store.Notify = false, false
	if got := store.With(own); got.TellAbandoned || got.Notify {
		t.Errorf("%+v", got)
	}
	if got := store.With(Overrides{}); got != store {
		t.Errorf("%+v", got)
	}
}

func TestOverridesApply(t *testing.T) {
	var o Overrides
	for i, step := range []struct {
		change  OverridesChange
		changed bool
		want    Overrides
	}{
		{OverridesChange{}, false, Overrides{}},
		{OverridesChange{Notify: Own[bool]{Given: true}}, false, Overrides{}},
		{OverridesChange{Notify: given(false), DigestSize: given(int64(5))}, true, Overrides{Notify: ptr(false), DigestSize: ptr(int64(5))}},
		{OverridesChange{Notify: given(false), DigestSize: Own[int64]{}}, false, Overrides{Notify: ptr(false), DigestSize: ptr(int64(5))}},
		{OverridesChange{DigestSize: Own[int64]{Given: true}}, true, Overrides{Notify: ptr(false)}},
		{OverridesChange{Notify: given(true)}, true, Overrides{Notify: ptr(true)}},
	} {
		changed := o.apply(step.change)
		if diff := cmp.Diff(step.want, o); diff != "" || changed != step.changed {
			t.Errorf("step %d: changed is %v, %s", i, changed, diff)
		}
	}
}

// TestOverridesNeverLeak: a change touches only the settings that it gives,
// and taking everything away leaves the store's settings.
func TestOverridesNeverLeak(t *testing.T) {
	flag := rapid.Custom(func(t *rapid.T) Own[bool] {
		return Own[bool]{Given: rapid.Bool().Draw(t, "given"), To: rapid.Ptr(rapid.Bool(), true).Draw(t, "to")}
	})
	rapid.Check(t, func(t *rapid.T) {
		store := Settings{Notify: rapid.Bool().Draw(t, "notify"), TellConverted: rapid.Bool().Draw(t, "converted"), DigestSize: 10}
		var o Overrides
		want := Overrides{}
		for range rapid.IntRange(0, 5).Draw(t, "changes") {
			c := OverridesChange{Notify: flag.Draw(t, "a"), TellConverted: flag.Draw(t, "b")}
			o.apply(c)
			if c.Notify.Given {
				want.Notify = c.Notify.To
			}
			if c.TellConverted.Given {
				want.TellConverted = c.TellConverted.To
			}
			if diff := cmp.Diff(want, o); diff != "" {
				t.Fatal(diff)
			}
		}
		none := Own[bool]{Given: true}
		o.apply(OverridesChange{Notify: none, TellConverted: none})
		if store.With(o) != store {
			t.Fatalf("%+v", o)
		}
	})
}
