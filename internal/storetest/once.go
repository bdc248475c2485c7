package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/once"
	"cartwright/internal/sqlstore"
)

func onceRequest(key string) *once.Request {
	return &once.Request{Store: "a", Client: "c", Key: key, Fingerprint: "f",
		Render: func(result any) (once.Answer, error) {
			return once.Answer{Status: 201, Body: []byte(result.(*cart.Cart).ID)}, nil
		}}
}

func answerKept(t *testing.T, db *sqlstore.DB) {
	c := NewCart("a")
	request := onceRequest("k")
	if err := db.CreateCart(once.With(t.Context(), request), c, created); err != nil {
		t.Fatal(err)
	}
	if request.Stored == nil {
		t.Error("the request was not told that its answer is stored")
	}
	got, err := db.FindAnswer(t.Context(), "a", "c", "k")
	if err != nil {
		t.Fatal(err)
	}
	want := &once.Answer{Fingerprint: "f", Status: 201, Body: []byte(c.ID)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, other := range [][3]string{{"b", "c", "k"}, {"a", "d", "k"}, {"a", "c", "l"}} {
		if got, err := db.FindAnswer(t.Context(), other[0], other[1], other[2]); got != nil || err != nil {
			t.Errorf("answer of %v = %v, %v", other, got, err)
		}
	}
}

func oneKeyOneWrite(t *testing.T, db *sqlstore.DB) {
	c := mustCreate(t, db, NewCart("a"))
	errs := inParallel(16, func(int) error {
		_, err := db.UpdateCart(once.With(t.Context(), onceRequest("k")), "a", c.ID, addUnit)
		return err
	})
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, once.ErrTaken):
			t.Errorf("loser got %v", err)
		}
	}
	db.ForgetCarts()
	got, err := db.FindCart(t.Context(), "a", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if won != 1 || got.Lines[0].Quantity != 2 {
		t.Errorf("%d requests won, quantity is %d", won, got.Lines[0].Quantity)
	}
}

func failedWriteKeepsNoAnswer(t *testing.T, db *sqlstore.DB) {
	request := onceRequest("k")
	request.Render = func(any) (once.Answer, error) { return once.Answer{}, errors.New("cannot render") }
	c := NewCart("a")
	if err := db.CreateCart(once.With(t.Context(), request), c, created); err == nil {
		t.Error("no error")
	}
	if got, err := db.FindCart(t.Context(), "a", c.ID); got != nil || err != nil {
		t.Errorf("the cart is there: %v, %v", got, err)
	}
	if got, err := db.FindAnswer(t.Context(), "a", "c", "k"); got != nil || err != nil {
		t.Errorf("the answer is there: %v, %v", got, err)
	}
}
