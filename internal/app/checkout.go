package app

import (
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/promotion"
)

// admit asks the store's offers whether a code goes onto a cart.
func admit(c *cart.Cart, shop cart.Shop, typed string, code *promotion.Code, uses promotion.Uses, now time.Time) (promotion.Admission, error) {
	b := &promotion.Basket{GroupID: c.Shopper.GroupID, Orders: c.Shopper.Orders, Channel: c.ChannelID, Manual: c.Manual, ManualOff: c.ManualOff}
	if currency := shop.Store.Currency(c.Currency); currency != nil {
		b.Currency = promotion.Currency{Code: currency.Code, Rate: currency.Rate, Places: currency.DecimalPlaces, Default: currency.Default,
			StoreCode: shop.Store.DefaultCurrency().Code}
	}
	for i := range c.Lines {
		if l := &c.Lines[i]; l.IsCatalog() && l.AddedBy == 0 {
			b.Lines = append(b.Lines, promotion.Line{ID: l.ID, Product: shop.Catalog.Product(l.ProductID), ProductID: l.ProductID,
				VariantID: l.VariantID, List: l.ListPrice, Original: l.OriginalPrice, Quantity: l.Quantity, ManualOff: l.ManualOff})
		}
	}
	for _, a := range c.Coupons {
		b.Codes = append(b.Codes, promotion.Redeemed{Code: a.Code, CouponID: a.ID, PromotionID: a.PromotionID})
	}
	return shop.Offers.Admit(b, typed, code, uses, now)
}
