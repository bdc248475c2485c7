package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cartwright/internal/fault"
	"cartwright/internal/merchant"
	"cartwright/internal/once"
)

// answers is the storage of answers while another server applies the request.
type answers struct{ kept *once.Answer }

func (a *answers) FindAnswer(context.Context, string, string, string) (*once.Answer, error) {
	return a.kept, nil
}

// A retry whose first attempt is applied by another server while the retry runs
// is refused for what that attempt did: the version has moved, the cart is gone.
// It must be told what the first attempt was told.
func TestARetryIsNotRefusedForWhatItsFirstAttemptDid(t *testing.T) {
	const body = `{"version":1}`
	tests := map[string]struct {
		err     error
		applied bool
		status  int // 0: the error is returned
	}{
		"a stale version":                   {fault.New(fault.Conflict, fault.TitleConflict), true, http.StatusCreated},
		"a cart that is gone":               {&fault.Error{Kind: fault.NotFound}, true, http.StatusCreated},
		"a key that was taken":              {once.ErrTaken, true, http.StatusCreated},
		"a version that others moved":       {fault.New(fault.Conflict, fault.TitleConflict), false, 0},
		"a database that cannot be asked":   {&fault.Error{Kind: fault.Unavailable}, true, 0},
		"an error that is nobody's refusal": {errors.New("broken"), true, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			storage := &answers{}
			a := &API{Config: Config{Answers: storage}}
			r := httptest.NewRequest("POST", "/stores/shop/v3/carts/c/items", strings.NewReader(body))
			r.Header.Set("Idempotency-Key", "k")
			r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, &session{token: &merchant.Token{ClientID: "client"}}))
			w := httptest.NewRecorder()
			err := a.applyOnce(w, r, func(http.ResponseWriter, *http.Request) error {
				if tt.applied {
					storage.kept = &once.Answer{Fingerprint: fingerprint(r, []byte(body)), Status: http.StatusCreated, Body: []byte(`{"data":{}}`)}
				}
				return tt.err
			})
			switch {
			case tt.status == 0 && !errors.Is(err, tt.err):
				t.Errorf("got %v", err)
			case tt.status != 0 && (err != nil || w.Code != tt.status || w.Body.String() != `{"data":{}}`):
				t.Errorf("got %v, %d %s", err, w.Code, w.Body)
			}
		})
	}
}
