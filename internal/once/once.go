// Package once carries an Idempotency-Key from the request that named it to
// the transaction that must keep it (decisions 2).
//
// The surface puts a Request into the context. The first write of the request
// stores the key with the answer's status and bytes, in the same transaction,
// so that a retry after any crash either finds both or neither.
package once

import (
	"context"
	"errors"
)

// ErrTaken says that another request with the same key was committed first.
// The surface then looks the answer up and repeats it.
var ErrTaken = errors.New("the idempotency key is taken")

// Request is one request that must be applied once.
type Request struct {
	Store  string
	Client string
	Key    string
	// Fingerprint is a hash of method, path, query and body. The same key with
	// another fingerprint is refused.
	Fingerprint string
	// Render turns what the write returns into the answer. It runs inside the
	// transaction, so it must be pure.
	Render func(result any) (Answer, error)
	// Stored is the answer that went into the transaction, for the surface to
	// send; nil until then.
	Stored *Answer
}

// Answer is the status and body of a response.
type Answer struct {
	Fingerprint string
	Status      int
	Body        []byte
}

type contextKey struct{}

// With returns a context that carries the request.
func With(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// From returns the request that the context carries, or nil.
func From(ctx context.Context) *Request {
	r, _ := ctx.Value(contextKey{}).(*Request)
	return r
}
