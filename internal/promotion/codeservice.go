package promotion

import (
	"context"
	"regexp"
	"strings"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/fault"
	"cartwright/internal/id"
)

// CodeFilter selects codes of promotions. Nil lists and an empty code select
// all.
type CodeFilter struct {
	Promotions []int64
	IDs        []int64
	Code       string
}

// CodeStorage keeps the codes of promotions.
type CodeStorage interface {
	// Codes returns a part of the codes that the filter selects.
	Codes(ctx context.Context, store string, f CodeFilter, r cursor.Range) (cursor.Part[Code], error)
	// PromotionsByCode returns the promotions that have a code with this part,
	// given as a CodeKey.
	PromotionsByCode(ctx context.Context, store, part string) ([]int64, error)
	// AddCodes stores all of the codes that make returns for a promotion and how
	// many it has, or none, and returns them with their ids. make may be called
	// again. It returns a NotFound fault when there is no such promotion and a
	// Conflict fault for a code in use.
	AddCodes(ctx context.Context, store string, promotionID int64, make func(p *Promotion, have int64) ([]Code, error)) ([]Code, error)
	// DeleteCodes removes the codes that the filter selects.
	DeleteCodes(ctx context.Context, store string, f CodeFilter) error
}

// CodeFields is what a request says of a code. 0 means no limit.
type CodeFields struct {
	Code                        string
	MaxUses, MaxUsesPerCustomer int64
}

// codePattern is what a code may be made of (spec/05 §7.1).
var codePattern = regexp.MustCompile(`^[A-Za-z0-9_ -]+$`)

// cleanCode checks a code and returns it without blanks around it.
func cleanCode(code string) (string, error) {
	code = strings.TrimSpace(code)
	switch {
	case code == "":
		return "", fault.Field("code", fault.MinLength)
	case len(code) > MaxCode:
		return "", fault.Field("code", fault.MaxLength)
	case !codePattern.MatchString(code):
		return "", fault.Field("code", "A code can have letters, digits, blanks, underscores and hyphens.")
	}
	return code, nil
}

// Codes returns a part of the codes of a promotion, or a NotFound fault.
func (s *Service) Codes(ctx context.Context, store string, promotionID int64, code string, r cursor.Range) (cursor.Part[Code], error) {
	shelf, err := s.shelves.Shelf(ctx, store)
	if err != nil {
		return cursor.Part[Code]{}, err
	}
	if shelf.Offers.Promotion(promotionID) == nil {
		return cursor.Part[Code]{}, errNotFound()
	}
	return s.storage.Codes(ctx, store, CodeFilter{Promotions: []int64{promotionID}, Code: code}, r)
}

// CodesNamed returns the code of whatever promotion that is written like this,
// if any.
func (s *Service) CodesNamed(ctx context.Context, store, code string, r cursor.Range) (cursor.Part[Code], error) {
	return s.storage.Codes(ctx, store, CodeFilter{Code: code}, r)
}

// AddCode gives a promotion a code.
func (s *Service) AddCode(ctx context.Context, store string, promotionID int64, f CodeFields) (Code, error) {
	code, err := cleanCode(f.Code)
	if err != nil {
		return Code{}, err
	}
	now := s.now()
	made, err := s.storage.AddCodes(ctx, store, promotionID, func(p *Promotion, have int64) ([]Code, error) {
		switch {
		case p.Redemption != ByCoupon:
			return nil, fault.New(fault.Invalid, "Only a promotion that is redeemed by coupon can have codes.")
		case p.CouponType == Single && have > 0:
			return nil, fault.New(fault.Invalid, "A promotion with coupon_type SINGLE can have one code, and has it already.")
		}
		return []Code{{Code: code, MaxUses: f.MaxUses, MaxUsesPerCustomer: f.MaxUsesPerCustomer, Created: now}}, nil
	})
	if err != nil {
		return Code{}, err
	}
	return made[0], nil
}

// MaxBatch bounds the codes that are generated at once.
const MaxBatch = 250

// GenerateCodes gives a promotion many codes. It returns a NotAllowed fault for
// one that cannot have many.
func (s *Service) GenerateCodes(ctx context.Context, store string, promotionID, n int64, f CodeFields) ([]Code, error) {
	now := s.now()
	return s.storage.AddCodes(ctx, store, promotionID, func(p *Promotion, _ int64) ([]Code, error) {
		if p.CouponType != Bulk {
			return nil, fault.New(fault.NotAllowed, "Codes can only be generated for promotions with redemption_type COUPON and coupon_type BULK.")
		}
		return generate(n, f, now), nil
	})
}

// codeLetters are what generated codes are made of, codeLength how many of
// them each has.
const (
	codeLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	codeLength  = 16
)

func generate(n int64, f CodeFields, now time.Time) []Code {
	codes := make([]Code, n)
	for i := range codes {
		codes[i] = Code{Code: id.Letters(codeLetters, codeLength), MaxUses: f.MaxUses, MaxUsesPerCustomer: f.MaxUsesPerCustomer, Created: now}
	}
	return codes
}

// DeleteCodes removes codes of a promotion. What is not there is passed over.
func (s *Service) DeleteCodes(ctx context.Context, store string, promotionID int64, ids []int64) error {
	return s.storage.DeleteCodes(ctx, store, CodeFilter{Promotions: []int64{promotionID}, IDs: ids})
}

// DeleteCode removes the code that is written like this, of whatever
// promotion, if there is one.
func (s *Service) DeleteCode(ctx context.Context, store, code string) error {
	return s.storage.DeleteCodes(ctx, store, CodeFilter{Code: code})
}
