package hostile

import (
	"net/http"
	"strings"
	"testing"

	"cartwright/internal/testkit"
)

// A client that takes no JSON gets no answer, and does nothing.
func TestAccept(t *testing.T) {
	attack(t, everything, func(s *suspect) {
		for _, accept := range []string{"text/html", "application/xml", "image/*", "text/*;q=1, application/xml;q=0.9", "json", "application/jsonx", strings.Repeat("text/html,", 6000)} {
			s.refused(s.request.With("Accept", accept), "Accept "+clip([]byte(accept)), http.StatusNotAcceptable)
		}
	})
}

// Headers of 64 KB, and headers with what does not belong there.
func TestOddHeaders(t *testing.T) {
	huge := strings.Repeat("x", 64<<10)
	attack(t, everything, func(s *suspect) {
		for _, token := range []string{huge, " ", "\x00", "é", "'", strings.Repeat("0", 40)} {
			s.refused(s.request.With("X-Auth-Token", token), "X-Auth-Token "+clip([]byte(token)), http.StatusUnauthorized)
		}
		s.survives(s.request.With("X-Anything", huge), "a header of 64 KB")
	})
}

// Keys that are none.
func TestOddIdempotencyKeys(t *testing.T) {
	posts := func(op testkit.Operation) bool { return op.Method == http.MethodPost }
	attack(t, posts, func(s *suspect) {
		for _, key := range []string{strings.Repeat("k", 256), strings.Repeat("k", 64<<10)} {
			s.refused(s.request.With("Idempotency-Key", key), "Idempotency-Key "+clip([]byte(key)), http.StatusUnprocessableEntity)
		}
		for _, key := range []string{"\x00", "\xff\xfe", "é", "'; DROP TABLE carts; --"} {
			s.survives(s.request.With("Idempotency-Key", key), "Idempotency-Key "+key)
		}
	})
}
