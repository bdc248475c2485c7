package recovery

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/money"
)

func TestChanges(t *testing.T) {
	line := func(id, name string, quantity int64, price money.Amount) SentLine {
		return SentLine{ID: id, Name: name, Quantity: quantity, Price: price}
	}
	mug, vase := line("1", "Mug", 2, 5), line("2", "Vase", 1, 40)
	for name, tt := range map[string]struct {
		sent, now []SentLine
		want      []LineChange
	}{
		"nothing":          {[]SentLine{mug, vase}, []SentLine{mug, vase}, nil},
		"another order":    {[]SentLine{mug, vase}, []SentLine{vase, mug}, nil},
		"nothing was kept": {nil, []SentLine{mug}, nil},
		"a price": {[]SentLine{mug, vase}, []SentLine{mug, line("2", "Vase", 1, 44)},
			[]LineChange{{Was: &vase, Now: &SentLine{"2", "Vase", 1, 44}}}},
		"a quantity": {[]SentLine{mug}, []SentLine{line("1", "Mug", 3, 5)}, []LineChange{{Was: &mug, Now: &SentLine{"1", "Mug", 3, 5}}}},
		"a name":     {[]SentLine{mug}, []SentLine{line("1", "Cup", 2, 5)}, nil},
		"a new line": {[]SentLine{mug}, []SentLine{mug, vase}, []LineChange{{Now: &vase}}},
		"all is gone, and something else is there": {[]SentLine{mug, vase}, []SentLine{line("3", "Bowl", 1, 9)},
			[]LineChange{{Now: &SentLine{"3", "Bowl", 1, 9}}, {Was: &mug}, {Was: &vase}}},
		"all is gone":             {[]SentLine{mug}, nil, []LineChange{{Was: &mug}}},
		"taken out and put in":    {[]SentLine{mug, vase}, []SentLine{line("7", "Mug", 2, 5), vase}, nil},
		"put in at another price": {[]SentLine{mug}, []SentLine{line("7", "Mug", 2, 6)}, []LineChange{{Was: &mug, Now: &SentLine{"7", "Mug", 2, 6}}}},
		"the same name twice, one is gone": {[]SentLine{mug, line("2", "Mug", 1, 5)}, []SentLine{line("2", "Mug", 1, 5)},
			[]LineChange{{Was: &mug}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cart.Cart{}
			for _, l := range tt.now {
				c.Lines = append(c.Lines, cart.Line{ID: l.ID, Name: l.Name, Quantity: l.Quantity, SalePrice: l.Price, ListPrice: l.Price + 1})
			}
			if diff := cmp.Diff(tt.want, Changes(tt.sent, c)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
