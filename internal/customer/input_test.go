package customer

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/fault"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func ref[T any](v T) *T { return &v }

func called(emails ...string) []Fields {
	out := make([]Fields, len(emails))
	for i, email := range emails {
		out[i] = Fields{Email: ref(email), FirstName: ref("Ada"), LastName: ref("BYRON")}
	}
	return out
}

func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("p%d@shop.example", i)
	}
	return out
}

func TestMake(t *testing.T) {
	made, err := Make(called("Ada@shop.example"), noon)
	want := Customer{Email: "Ada@shop.example", FirstName: "Ada", LastName: "BYRON", OriginChannelID: 1, Created: noon, Modified: noon}
	if err != nil || len(made) != 1 || !cmp.Equal(made[0], want) {
		t.Errorf("made %+v, %v", made, err)
	}
	if name := made[0].SearchName(); name != "ada byron" {
		t.Errorf("found as %q", name)
	}
	if made, err := Make(called(many(MaxBatch)...), noon); err != nil || len(made) != MaxBatch {
		t.Errorf("a full batch = %d, %v", len(made), err)
	}
	for name, tt := range map[string]struct {
		in    []Fields
		kind  fault.Kind
		field string
	}{
		"none":          {nil, fault.Invalid, "body"},
		"one too many":  {called(many(MaxBatch + 1)...), fault.TooLarge, ""},
		"address twice": {called("a@shop.example", "A@shop.example"), fault.Invalid, ".1.email"},
	} {
		_, err := Make(tt.in, noon)
		refused(t, name, err, tt.kind, tt.field)
	}
}

func refused(t *testing.T, name string, err error, kind fault.Kind, field string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind {
		t.Errorf("%s = %v", name, err)
		return
	}
	if _, ok := f.Fields[field]; ok != (field != "") {
		t.Errorf("%s names %v, want %q", name, f.Fields, field)
	}
}

func TestChanges(t *testing.T) {
	for name, tt := range map[string]struct {
		in    []Change
		kind  fault.Kind
		field string
	}{
		"none":          {nil, fault.Invalid, "body"},
		"one too many":  {make([]Change, MaxBatch+1), fault.TooLarge, ""},
		"twice":         {[]Change{{ID: 1}, {ID: 2}, {ID: 1}}, fault.Invalid, ".2.id"},
		"address twice": {[]Change{{ID: 1, Fields: called("a@b.example")[0]}, {ID: 2, Fields: called("A@b.example")[0]}}, fault.Invalid, ".1.email"},
	} {
		refused(t, name, CheckChanges(tt.in), tt.kind, tt.field)
	}
	if err := CheckChanges([]Change{{ID: 1}, {ID: 2}}); err != nil {
		t.Error(err)
	}

	ada := &Customer{ID: 1, Email: "ada@shop.example", Company: "Analytical", ChannelIDs: []int64{1}, Created: noon, Modified: noon}
	bob := &Customer{ID: 2, Email: "bob@shop.example", Created: noon, Modified: noon}
	later := noon.Add(time.Hour)
	cyd := &Customer{ID: 3, Email: "cyd@shop.example", Created: noon, Modified: noon}
	dot := &Customer{ID: 4, Email: "dot@shop.example", Created: noon, Modified: noon}
	moved, err := Apply([]*Customer{ada, bob, cyd, dot}, []Change{
		{ID: 1, Fields: Fields{GroupID: ref(int64(4)), ChannelIDs: ref[[]int64](nil), AcceptsAbandonedCartEmails: ref(true)}},
		{ID: 2, Fields: Fields{Email: ref("Bob@shop.example")}},
		{ID: 3, Fields: Fields{Notes: ref("calls on Mondays"), GroupID: ref(int64(0))}},
		{ID: 4, Fields: Fields{TaxExemptCategory: ref("D")}},
	}, later)
	if err != nil || !cmp.Equal(moved, []int{0, 1, 3}) { // what carts are priced by, and nothing else
		t.Errorf("moved %v, %v", moved, err)
	}
	want := &Customer{ID: 1, Email: "ada@shop.example", Company: "Analytical", GroupID: 4, AcceptsAbandonedCartEmails: true, Created: noon, Modified: later}
	if diff := cmp.Diff(want, ada); diff != "" {
		t.Error(diff)
	}
	_, err = Apply([]*Customer{ada, nil}, []Change{{ID: 1}, {ID: 9}}, later)
	refused(t, "an unknown customer", err, fault.NotFound, ".1.id")
}

func TestSubscriberApply(t *testing.T) {
	s := Subscriber{Email: "a@shop.example", OrderID: 5, ChannelID: 1, Consents: []string{"abandoned_cart"}, Created: noon}
	s.Apply(SubscriberFields{FirstName: ref("Ada")}, noon)
	if s.FirstName != "Ada" || s.OrderID != 5 || len(s.Consents) != 1 || s.Modified != noon {
		t.Errorf("after a name: %+v", s)
	}
	s.Apply(SubscriberFields{OrderID: ref(int64(0)), Consents: ref([]string{"marketing_newsletter", "marketing_newsletter"})}, noon)
	if s.OrderID != 0 || !cmp.Equal(s.Consents, []string{"marketing_newsletter"}) {
		t.Errorf("after consents: %+v", s)
	}
	s.Apply(SubscriberFields{Consents: ref([]string{})}, noon)
	if len(s.Consents) != 0 {
		t.Errorf("withdrawn consents: %+v", s)
	}
}
