package recovery

import (
	"context"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
)

// LandingStorage keeps what the page behind a link asks for.
type LandingStorage interface {
	// FindStep returns what became of a mail of an episode, or nil.
	FindStep(ctx context.Context, store string, episode, template int64) (*Step, error)
	// ContinueFromLink notes a click, ends the open episode of the cart and lets
	// its waiting time begin at that instant, in one transaction and without
	// changing the cart. It returns a NotFound fault, and notes nothing, when
	// the cart is gone.
	ContinueFromLink(ctx context.Context, t *Token, at time.Time) error
}

// Landing is what the page behind a link to a cart shows (spec/02 §6).
type Landing struct {
	Token *Token
	// Cart has the prices of now; it is nil when it is gone, or empty.
	Cart *cart.Cart
	// Coupon is the code that stood in the mail, or "".
	Coupon string
	// Changes are what is no longer as the mail said.
	Changes []LineChange
}

// LineChange is a line of a cart that is not as a mail showed it.
type LineChange struct {
	// Was is nil for a line that was added since, and Now for one that is gone.
	Was, Now *SentLine
}

// Landing returns what the page behind a link shows. Asking changes nothing. It
// returns a Malformed or a NotFound fault for a token that leads nowhere.
func (s *Service) Landing(ctx context.Context, store, token string) (*Landing, error) {
	t, err := s.Resolve(ctx, store, token, Recover)
	if err != nil {
		return nil, err
	}
	l := &Landing{Token: t}
	l.Cart, err = s.carts.Get(ctx, store, t.Cart)
	switch {
	case fault.Is(err, fault.NotFound):
		return l, nil
	case err != nil:
		return nil, err
	case l.Cart.Empty():
		l.Cart = nil
		return l, nil
	}
	step, err := s.storage.FindStep(ctx, store, t.Episode, t.Template)
	if err != nil || step == nil { // the link of a webhook stood in no mail
		return l, err
	}
	l.Coupon, l.Changes = step.Coupon, Changes(step.Lines, l.Cart)
	return l, nil
}

// Continue does what a person asks for on that page: it notes the click and
// ends the episode, so that no further mail of it goes out; the cart may be
// abandoned anew (spec/02 §5.3). Of a cart that is gone it notes nothing. It
// returns the faults of Landing.
func (s *Service) Continue(ctx context.Context, store, token string) (*Landing, error) {
	l, err := s.Landing(ctx, store, token)
	if err != nil || l.Cart == nil {
		return l, err
	}
	err = s.storage.ContinueFromLink(ctx, l.Token, s.now())
	if fault.Is(err, fault.NotFound) {
		l.Cart, err = nil, nil
	}
	return l, err
}

// Changes compares what a mail showed with a cart, in the order of the cart;
// what is gone comes last. A line that was taken out and put in again is the
// same to whoever reads the mail, so lines with other ids are told apart by
// their names. Of a mail that showed nothing there is nothing to say.
func Changes(sent []SentLine, c *cart.Cart) []LineChange {
	if len(sent) == 0 {
		return nil
	}
	now := sentLines(c)
	pairs := pair(sent, now)
	var changes []LineChange
	matched := make([]bool, len(sent))
	for i := range now {
		n := pairs[i]
		if n < 0 {
			changes = append(changes, LineChange{Now: &now[i]})
			continue
		}
		matched[n] = true
		if sent[n].Price != now[i].Price || sent[n].Quantity != now[i].Quantity {
			changes = append(changes, LineChange{Was: &sent[n], Now: &now[i]})
		}
	}
	for n := range sent {
		if !matched[n] {
			changes = append(changes, LineChange{Was: &sent[n]})
		}
	}
	return changes
}

// pair returns for each line of now which of sent it is, or -1.
func pair(sent, now []SentLine) []int {
	byID := make(map[string]int, len(sent))
	for n := range sent {
		byID[sent[n].ID] = n
	}
	pairs, taken := make([]int, len(now)), make([]bool, len(sent))
	for i := range now {
		n, ok := byID[now[i].ID]
		if !ok {
			n = -1
		} else {
			taken[n] = true
		}
		pairs[i] = n
	}
	byName := map[string][]int{}
	for n := range sent {
		if !taken[n] {
			byName[sent[n].Name] = append(byName[sent[n].Name], n)
		}
	}
	for i := range now {
		if rest := byName[now[i].Name]; pairs[i] < 0 && len(rest) > 0 {
			pairs[i], byName[now[i].Name] = rest[0], rest[1:]
		}
	}
	return pairs
}
