package hook

import (
	"strconv"
	"time"
)

// The codes of store/hook/deliveryException (spec/04 §3).
const (
	CodeRetry   = 90001 // a delivery failed and is tried again
	CodeDisable = 90002 // every attempt failed: the hook is switched off
	CodeBlocked = 90003 // the receiver's origin is left alone for a while
)

// WarnEvery is how often CodeRetry is told of one destination at most.
const WarnEvery = 10 * time.Minute

var exceptionText = map[int]string{
	CodeRetry:   "Non-200 response received when delivering to %, will retry",
	CodeDisable: "Non-200 response received when delivering to %, the retries are exhausted and the webhook will be disabled",
	CodeBlocked: "Too many deliveries to % failed, the domain is blocked temporarily",
}

// Exception returns the delivery that tells the exception hook of a client
// about another of its hooks. number makes it unlike all others.
func Exception(to, about *Hook, code int, number int64, now time.Time) Delivery {
	data := encode(struct {
		Type    string `json:"type"`
		ID      int64  `json:"id"`
		Code    int    `json:"error_code"`
		Message string `json:"message"`
	}{"webhook", about.ID, code, exceptionMessage(code, about.Destination)})
	row := Row{Store: to.Store, Subject: "hook/" + strconv.FormatInt(about.ID, 10), Version: number, At: now}
	return newDelivery(to, row, Notice{Scope: ScopeException, Data: data}, now)
}

func exceptionMessage(code int, destination string) string {
	text := exceptionText[code]
	for i := range len(text) {
		if text[i] == '%' {
			return text[:i] + destination + text[i+1:]
		}
	}
	return text
}
