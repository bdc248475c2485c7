package sqlstore

import "context"

// Tell does what a write does that webhooks tell of.
func (db *DB) Tell() { db.told() }

// BellRest is bellRest.
const BellRest = bellRest

// Bell is a bell for tests.
type Bell struct{ *bell }

// NewBell returns one that sends its messages there.
func NewBell(send func(ctx context.Context, message string) error) Bell { return Bell{newBell(send)} }

// RingAll wakes for everything.
func (b Bell) RingAll() { b.ring(wakeShops | wakeWork | wakeClock) }

// Close is close.
func (b Bell) Close() { b.close() }
