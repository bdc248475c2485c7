package promotion

import (
	"regexp"
	"strings"
)

// standing is how far a promotion came.
type standing struct {
	partly  bool // a condition is met in part
	held    bool // a condition is met
	applied bool // something came of it
}

func (s *standing) add(f fit) {
	s.held, s.partly = s.held || f.holds, s.partly || (f.partly && !f.holds)
}

// The types of notifications (spec/05 §7.4).
const (
	notifyPromotion = "PROMOTION"
	notifyUpsell    = "UPSELL"
	notifyEligible  = "ELIGIBLE"
	notifyApplied   = "APPLIED"
)

// state returns the type of notification that is true of a promotion now,
// beside PROMOTION, which always is; "" when none is.
func (s standing) state() string {
	switch {
	case s.applied:
		return notifyApplied
	case s.held:
		return notifyEligible
	case s.partly:
		return notifyUpsell
	}
	return ""
}

// banners returns what the promotions that count have to say, in their order.
func (r *run) banners() []Banner {
	if r.seen == nil {
		return nil
	}
	var out []Banner
	for i, p := range r.offers.promotions {
		if len(p.Notifications) == 0 || !p.running(r.now) || !p.fits(r.basket) {
			continue
		}
		s := r.seen[i]
		if p.Redemption == ByCoupon && r.basket.codeOf(p) == nil && !r.closed {
			for n := range p.Rules { // whoever has the code may use it
				s.add(r.check(p, p.Rules[n].Condition))
			}
		}
		for _, n := range p.Notifications {
			if n.Type == notifyPromotion || n.Type == s.state() {
				out = append(out, r.banner(p, n))
			}
		}
	}
	return out
}

func (r *run) banner(p *Promotion, n Notification) Banner {
	b := Banner{PromotionID: p.ID, Type: strings.ToLower(n.Type), Text: r.fill(p, n.Content)}
	for _, page := range n.Locations {
		b.Pages = append(b.Pages, strings.ToLower(page))
	}
	return b
}

var placeholder = regexp.MustCompile(`%[A-Z][A-Z0-9_.]*%`)

// fill replaces the placeholders of a banner. The vendor's papers name one; any
// other is dropped.
func (r *run) fill(p *Promotion, content string) string {
	if !strings.Contains(content, "%") {
		return content
	}
	return placeholder.ReplaceAllStringFunc(content, func(name string) string {
		if name == "%ACTION.FREE_PRODUCT%" && r.basket.Name != nil {
			if gift := p.gift(); gift != nil {
				return r.basket.Name(gift.ProductID, gift.VariantID)
			}
		}
		return ""
	})
}

// gift returns the first thing that a promotion gives away, or nil.
func (p *Promotion) gift() *GiftItem {
	for i := range p.Rules {
		a := &p.Rules[i].Action
		if a.GiftItem != nil {
			return a.GiftItem
		}
		if a.CartItems == nil || !a.CartItems.AddFree || a.CartItems.Items == nil {
			continue
		}
		switch m := a.CartItems.Items; {
		case len(m.Products) > 0:
			return &GiftItem{ProductID: m.Products[0]}
		case len(m.Variants) > 0:
			return &GiftItem{VariantID: m.Variants[0]}
		}
	}
	return nil
}
