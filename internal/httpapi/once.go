package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"cartwright/internal/fault"
	"cartwright/internal/once"
)

// maxKey bounds an Idempotency-Key (decisions 2).
const maxKey = 255

// runningKeys are the idempotency keys of requests that are being answered.
type runningKeys struct{ keys sync.Map }

// applyOnce serves a POST that carries an Idempotency-Key: the first such
// request is applied and its answer kept with the write, each further one gets
// that answer (decisions 2).
func (a *API) applyOnce(w http.ResponseWriter, r *http.Request, serve handler) error {
	key := r.Header.Get("Idempotency-Key")
	if len(key) > maxKey {
		return fault.Newf(fault.Reused, "The Idempotency-Key can have at most %d characters.", maxKey)
	}
	if !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl) {
		return fault.New(fault.Reused, "The Idempotency-Key must be text in UTF-8 without control characters.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return bodyError(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	request := &once.Request{Store: storeOf(r), Client: tokenOf(r).ClientID, Key: key, Fingerprint: fingerprint(r, body)}

	slot := request.Store + "\x00" + request.Client + "\x00" + key
	if _, taken := a.running.keys.LoadOrStore(slot, true); taken {
		return fault.New(fault.Conflict, "A request with this Idempotency-Key is still running.")
	}
	defer a.running.keys.Delete(slot)

	if done, err := a.repeat(w, r, request); done || err != nil {
		return err
	}
	err = serve(w, r.WithContext(once.With(r.Context(), request)))
	if errors.Is(err, once.ErrTaken) || fault.As(err) != nil && !fault.Is(err, fault.Unavailable) {
		// The same request may have been applied meanwhile, by another server: what
		// refuses this one may be what that one did.
		if done, err := a.repeat(w, r, request); done || err != nil {
			return err
		}
	}
	return err
}

// repeat sends the answer that was kept for a key, if there is one.
func (a *API) repeat(w http.ResponseWriter, r *http.Request, request *once.Request) (done bool, err error) {
	answer, err := a.Answers.FindAnswer(r.Context(), request.Store, request.Client, request.Key)
	if answer == nil || err != nil {
		return false, err
	}
	if answer.Fingerprint != request.Fingerprint {
		return false, fault.New(fault.Reused, "This Idempotency-Key was used for another request.")
	}
	w.Header().Set("Idempotency-Replayed", "true")
	if len(answer.Body) == 0 {
		w.WriteHeader(answer.Status)
	} else {
		writeBytes(w, answer.Status, answer.Body)
	}
	return true, nil
}

func fingerprint(r *http.Request, body []byte) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\n%s\n%s\n", r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// answering tells the write behind a POST how to render its result, so that
// the answer can be kept with it. It does nothing for a request without an
// Idempotency-Key. T is what the storage returns from its transaction.
func answering[T any](ctx context.Context, status int, render func(T) any) context.Context {
	return answeringWith(ctx, func(v T) (int, any) { return status, render(v) })
}

// answeringWith is answering for a write whose result decides the status. An
// answer of 300 or above is not kept.
func answeringWith[T any](ctx context.Context, render func(T) (status int, answer any)) context.Context {
	request := once.From(ctx)
	if request == nil {
		return ctx
	}
	request.Render = func(result any) (once.Answer, error) {
		v, ok := result.(T)
		if !ok {
			return once.Answer{}, fmt.Errorf("idempotency: the write returned %T", result)
		}
		status, shown := render(v)
		if shown == nil {
			return once.Answer{Status: status}, nil
		}
		b, err := encodeJSON(shown)
		return once.Answer{Status: status, Body: b}, err
	}
	return ctx
}
