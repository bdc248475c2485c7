package recovery

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cartwright/internal/cursor"
	"cartwright/internal/id"
)

// NoticeFilter selects notices. Zero values select all.
type NoticeFilter struct {
	Kind  NoticeKind
	State NoticeState
}

// NoticeStorage keeps the mails to merchants. Those who tell of something write
// them in the transaction of what they tell of.
type NoticeStorage interface {
	// NextNotice returns the earliest instant at which a notice is tried, or at
	// which a claimed one is given up of which nobody has said what became.
	NextNotice(ctx context.Context) (at time.Time, ok bool, err error)
	// DueNotice returns the notice that has been due longest at now, or nil. What
	// was claimed longer ago than ClaimTime and never settled is unknown from then
	// on.
	DueNotice(ctx context.Context, now time.Time) (*Notice, error)
	// ClaimNotice writes that a notice is being sent, if it is as it was read. It
	// is due again when it may not take any longer: so a winding does not wait at
	// now for a server that is no more.
	ClaimNotice(ctx context.Context, n *Notice, now time.Time) (bool, error)
	// SettleNotice keeps what became of a claimed notice.
	SettleNotice(ctx context.Context, n Notice) error
	// Notices returns a part of the notices that the filter selects.
	Notices(ctx context.Context, store string, f NoticeFilter, r cursor.Range) (cursor.Part[Notice], error)
}

// Notices are the mails to merchants. They implement Courier.
type Notices struct {
	storage NoticeStorage
	shops   Shops
}

// NewNotices returns a courier on this storage.
func NewNotices(s NoticeStorage, shops Shops) *Notices { return &Notices{s, shops} }

// Next implements Courier.
func (s *Notices) Next(ctx context.Context) (time.Time, bool, error) {
	return s.storage.NextNotice(ctx)
}

// Take implements Courier.
func (s *Notices) Take(ctx context.Context, now time.Time) (*Parcel, error) {
	for ctx.Err() == nil {
		n, err := s.storage.DueNotice(ctx, now)
		if err != nil || n == nil {
			return nil, err
		}
		if n.tooLate(now) {
			if err := s.drop(ctx, n, now); err != nil {
				return nil, err
			}
			continue
		}
		shop, err := s.shops.Shop(ctx, n.Store)
		if err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
		from := Sender(shop)
		if n.MessageID == "" {
			_, domain, _ := strings.Cut(from.Address, "@")
			n.MessageID = fmt.Sprintf("notice-%d.%s@%s", n.ID, id.Hex(8), domain)
		}
		m, err := n.message(ctx, shop)
		if err != nil {
			return nil, fmt.Errorf("write notice %d: %w", n.ID, err)
		}
		mine, err := s.storage.ClaimNotice(ctx, n, now)
		if err != nil {
			return nil, err
		}
		if !mine {
			continue
		}
		mail := Mail{Store: n.Store, ID: n.MessageID, From: from, To: Mailbox{Address: n.Recipient}, Message: m, At: now}
		return &Parcel{mail, func(ctx context.Context, now time.Time, said error) error {
			done := *n
			done.settle(now, said)
			return s.storage.SettleNotice(ctx, done)
		}}, nil
	}
	return nil, ctx.Err()
}

// drop gives a notice up, unless another server does something with it.
func (s *Notices) drop(ctx context.Context, n *Notice, now time.Time) error {
	mine, err := s.storage.ClaimNotice(ctx, n, now)
	if err != nil || !mine {
		return err
	}
	n.giveUp(now, "too late: it was not sent within a day")
	return s.storage.SettleNotice(ctx, *n)
}

// List returns a part of the notices of a store.
func (s *Notices) List(ctx context.Context, store string, f NoticeFilter, r cursor.Range) (cursor.Part[Notice], error) {
	return s.storage.Notices(ctx, store, f, r)
}
