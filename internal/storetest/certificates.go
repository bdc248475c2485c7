package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cartwright/internal/cart"
	"cartwright/internal/fault"
	"cartwright/internal/money"
	"cartwright/internal/order"
	"cartwright/internal/sqlstore"
)

func certificate(code string) order.Certificate {
	return order.Certificate{
		Code: code, OrderID: 75, CustomerID: 7, From: cart.Person{Name: "Ada", Email: "ada@shop.example"},
		To: cart.Person{Name: "Lámpara ☂", Email: "bob@shop.example"}, Amount: 50 * money.Unit, Balance: 12_3456, Currency: "USD",
		Status: order.CertificateActive, Template: "boy.html", Message: "<&>\"", Purchased: Noon, Expires: Noon.Add(time.Hour),
	}
}

// giftCertificates holds that certificates are found as they were written, by
// each filter and by their code in either case.
func giftCertificates(t *testing.T, db *sqlstore.DB) {
	made, err := db.CreateCertificate(t.Context(), "a", certificate("AbCd-1"))
	if err != nil || made.ID != 1 {
		t.Fatalf("made %+v, %v", made, err)
	}
	other := certificate("second")
	other.OrderID, other.To.Name = 76, "Bob"
	if _, err := db.CreateCertificate(t.Context(), "a", other); err != nil {
		t.Fatal(err)
	}
	for name, find := range map[string]func() (*order.Certificate, error){
		"by id":   func() (*order.Certificate, error) { return db.FindCertificate(t.Context(), "a", 1) },
		"by code": func() (*order.Certificate, error) { return db.FindCertificateByCode(t.Context(), "a", "ABCD-1") },
	} {
		got, err := find()
		if diff := cmp.Diff(&made, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", name, diff, err)
		}
	}
	if got, err := db.FindCertificateByCode(t.Context(), "b", "ABCD-1"); got != nil || err != nil {
		t.Errorf("in another store: %+v, %v", got, err)
	}
	for name, tt := range map[string]struct {
		filter order.CertificateFilter
		want   int
	}{
		"all":              {order.CertificateFilter{}, 2},
		"from an id on":    {order.CertificateFilter{MinID: 2}, 1},
		"up to an id":      {order.CertificateFilter{MaxID: 1}, 1},
		"code":             {order.CertificateFilter{Code: "abcd-1"}, 1},
		"order":            {order.CertificateFilter{OrderID: 76}, 1},
		"recipient":        {order.CertificateFilter{ToName: "Bob", ToEmail: "bob@shop.example"}, 1},
		"sender":           {order.CertificateFilter{FromName: "Ada", FromEmail: "ada@shop.example"}, 2},
		"somebody unknown": {order.CertificateFilter{FromName: "Eve"}, 0},
		"the second page":  {order.CertificateFilter{Offset: 2}, 0},
	} {
		tt.filter.Limit = 9
		part, err := db.Certificates(t.Context(), "a", tt.filter)
		if err != nil || len(part.Entries) != tt.want {
			t.Errorf("%s: %d, %v", name, len(part.Entries), err)
		}
	}
	for _, want := range []bool{true, false} {
		if found, err := db.DeleteCertificate(t.Context(), "a", 1); found != want || err != nil {
			t.Errorf("deleted %v, %v", found, err)
		}
	}
}

// giftCodesOnce holds that a code belongs to one certificate of a store.
func giftCodesOnce(t *testing.T, db *sqlstore.DB) {
	errs := inParallel(8, func(int) error {
		_, err := db.CreateCertificate(t.Context(), "a", certificate("same"))
		return err
	})
	made := 0
	for _, err := range errs {
		switch {
		case err == nil:
			made++
		case !fault.Is(err, fault.Conflict):
			t.Errorf("the code of another: %v", err)
		}
	}
	if made != 1 {
		t.Errorf("%d certificates have the code", made)
	}
	if _, err := db.CreateCertificate(t.Context(), "b", certificate("SAME")); err != nil {
		t.Errorf("in another store: %v", err)
	}
	other, err := db.CreateCertificate(t.Context(), "a", certificate("other"))
	if err != nil {
		t.Fatal(err)
	}
	refuse := errors.New("refused")
	for name, tt := range map[string]struct {
		id     int64
		change func(*order.Certificate) error
		is     func(error) bool
	}{
		"a taken code": {other.ID, func(c *order.Certificate) error { c.Code = "Same"; return nil },
			func(err error) bool { return fault.Is(err, fault.Conflict) }},
		"a refusal": {other.ID, func(c *order.Certificate) error { c.Balance = 1; return refuse },
			func(err error) bool { return errors.Is(err, refuse) }},
		"an unknown one": {99, func(*order.Certificate) error { return nil },
			func(err error) bool { return fault.Is(err, fault.NotFound) }},
	} {
		if _, err := db.UpdateCertificate(t.Context(), "a", tt.id, tt.change); !tt.is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	changed, err := db.UpdateCertificate(t.Context(), "a", other.ID, func(c *order.Certificate) error {
		c.Code, c.Balance, c.Status = "new", 5, order.CertificateDisabled
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := db.FindCertificateByCode(t.Context(), "a", "NEW")
	if diff := cmp.Diff(&changed, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
