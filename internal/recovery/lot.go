package recovery

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// holdoutOf is the share of shoppers, in percent, who get no mail of a set.
func (o Options) holdoutOf(channel int64) int64 {
	for _, h := range o.Holdouts {
		if h.Channel == channel {
			return h.Percent
		}
	}
	return 0
}

// drawn reports whether a shopper is among so many percent who get no mail of
// a set. The same shopper always draws the same lot, on whichever server, and
// another one for another set.
func drawn(store string, channel int64, address string, percent int64) bool {
	sum := sha256.Sum256([]byte("hold-out " + strconv.FormatInt(channel, 10) + " " + AddressHash(store, address)))
	return binary.BigEndian.Uint64(sum[:8])%100 < uint64(percent)
}
