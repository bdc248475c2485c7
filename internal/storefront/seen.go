package storefront

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"cartwright/internal/cart"
	"cartwright/internal/id"
)

// snapshot is what the last step of the checkout shows. It goes out with the
// form and comes back with the order, so that an order is only made of what its
// shopper saw. Forging one fools nobody but the forger: the order is still made
// at the prices of now.
//
// The total is among it. The cart's version is not: a write that changes nothing
// that is shown, like this shopper's own request a moment ago, need not ask
// again. The order is placed with the version that was compared.
type snapshot struct {
	Shown []item `json:"s"`
}

// item is one thing that a snapshot shows.
type item struct {
	Key   string `json:"k"`
	Label string `json:"l"`
	Value string `json:"v"` // as it was shown
	// Mark stands for what else was shown of it.
	Mark string `json:"m,omitempty"`
}

// change is what differs between two snapshots, by name.
type change struct{ Label, Old, New string }

// maxSeen bounds the items of a snapshot that is read.
const maxSeen = 2 * cart.MaxLines

// snapshot returns what the page shows of a cart.
func (v *visit) snapshot(c *cart.Cart, view *checkoutView) snapshot {
	var s snapshot
	for i := range view.Lines {
		l := &view.Lines[i]
		s.Shown = append(s.Shown, item{Key: "line " + l.ID, Label: shorten(l.Name, 120), Value: l.Quantity + " for " + l.Amount, Mark: lineMark(l)})
		if l.Warning != "" {
			s.Shown = append(s.Shown, item{Key: "stock " + l.ID, Label: shorten(l.Name, 120), Value: l.Warning})
		}
	}
	counts := map[string]int{}
	for _, row := range append(view.Summary.Rows, view.Summary.Paid...) {
		counts[row.Label]++
		s.Shown = append(s.Shown, item{Key: "sum " + row.Label + " " + strconv.Itoa(counts[row.Label]), Label: shorten(row.Label, 120), Value: row.Amount})
	}
	for i, note := range view.Summary.Notes {
		s.Shown = append(s.Shown, item{Key: "note " + strconv.Itoa(i), Label: "Note", Value: note})
	}
	s.Shown = append(s.Shown, item{Key: "total", Label: "Total", Value: view.Summary.Total})
	if view.Summary.Due != "" {
		s.Shown = append(s.Shown, item{Key: "due", Label: view.Summary.DueLabel, Value: view.Summary.Due})
	}
	if co := c.Checkout; co != nil {
		var addresses strings.Builder
		if co.Billing != nil {
			addresses.WriteString(fingerprint(co.Billing))
		}
		for n := range co.Consignments {
			addresses.WriteString(fingerprint(&co.Consignments[n].Address))
		}
		s.Shown = append(s.Shown, item{Key: "addresses", Label: "Addresses", Value: "as shown", Mark: id.Hash(addresses.String())[:16]})
		s.Shown = append(s.Shown, item{Key: "way", Label: "Way of shipping", Value: strings.Join(v.sentBy(c), ", ")})
	}
	return s
}

// lineMark stands for what a line shows beside its name and amount.
func lineMark(l *lineView) string {
	return id.Hash(fmt.Sprintf("%q %+v %q %q %q", l.SKU, l.Choices, l.Details, l.Wrap, l.WrapNotes))[:16]
}

// encode writes a snapshot for a form.
func (s snapshot) encode() string {
	b, err := json.Marshal(s)
	if err != nil {
		return "" // texts always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeSnapshot reads what encode wrote; what is not that shows nothing.
func decodeSnapshot(text string) snapshot {
	var s snapshot
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(b, &s) != nil || len(s.Shown) > maxSeen {
		return snapshot{}
	}
	return s
}

// differences returns what now shows that s did not, and the other way round,
// in the order in which it is shown.
func (s snapshot) differences(now snapshot) []change {
	before := make(map[string]item, len(s.Shown))
	for _, it := range s.Shown {
		before[it.Key] = it
	}
	var changes []change
	for _, it := range now.Shown {
		old, was := before[it.Key]
		delete(before, it.Key)
		switch {
		case !was:
			changes = append(changes, change{Label: it.Label, New: it.Value})
		case old.Label != it.Label:
			changes = append(changes, change{Label: old.Label, Old: old.Value, New: it.Label + ", " + it.Value})
		case old.Value != it.Value:
			changes = append(changes, change{Label: it.Label, Old: old.Value, New: it.Value})
		case old.Mark != it.Mark:
			changes = append(changes, change{Label: it.Label, Old: old.Value, New: "changed in another window"})
		}
	}
	for _, it := range s.Shown {
		if _, gone := before[it.Key]; gone {
			delete(before, it.Key)
			changes = append(changes, change{Label: shorten(it.Label, 200), Old: shorten(it.Value, 200)})
		}
	}
	return changes
}

// blocked says why an order cannot be made of a cart as it stands: its lines
// that cannot be bought, or a gift certificate that cannot pay.
func blocked(view *cartView, b bill) []string {
	var why []string
	if b.Problem != "" {
		why = append(why, b.Problem+" Please remove it.")
	}
	for i := range view.Lines {
		if l := &view.Lines[i]; l.Warning != "" {
			why = append(why, l.Name+": "+l.Warning)
		}
	}
	return why
}
