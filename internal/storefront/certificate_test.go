package storefront_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"cartwright/internal/order"
)

func TestPayingWithAGiftCertificate(t *testing.T) {
	w := newWorld(t)
	b := w.ready()
	issue := func(code, balance string, change func(*order.Certificate)) {
		c := &order.Certificate{ID: int64(len(w.memory.certificates) + 1), Code: code, Balance: amount(balance), Currency: "USD", Status: order.CertificateActive}
		if change != nil {
			change(c)
		}
		w.memory.certificates[order.CertificateKey(code)] = c
	}
	issue("AAAA-BBBB-CCCC-1111", "20", nil)
	issue("AAAA-BBBB-CCCC-2222", "50", nil)
	issue("OFF", "5", func(c *order.Certificate) { c.Status = order.CertificateDisabled })
	issue("EURO", "5", func(c *order.Certificate) { c.Currency = "EUR" })
	issue("SPENT", "0", nil)
	issue("OVER", "5", func(c *order.Certificate) { c.Expires = noon })
	try := func(code string) answer {
		return b.post("/checkout", url.Values{"action": {"certificate"}, "code": {code}})
	}
	for code, problem := range map[string]string{"": "Please enter the code", "NONE": "no gift certificate with this code", "off": "cannot be used",
		"EURO": "only be used in EUR", "SPENT": "Nothing is left", "OVER": "has expired", strings.Repeat("9", 500): "Please enter the code"} {
		try(code).want(http.StatusUnprocessableEntity, problem, "certificate-problem")
	}
	try(" aaaa-bbbb-cccc-1111 ").want(http.StatusSeeOther)
	b.get("/checkout").want(http.StatusOK, "The gift certificate was added.", "Gift certificate …1111</dt><dd>−$20.00", "To pay</dt><dd>$15.00", "Place order · $15.00").
		without("AAAA-BBBB")
	try("AAAA-BBBB-CCCC-1111").want(http.StatusSeeOther)
	try("AAAA-BBBB-CCCC-2222").want(http.StatusSeeOther)
	b.get("/checkout").want(http.StatusOK, "…2222</dt><dd>−$15.00", "To pay</dt><dd>$0.00", "Nothing to pay")

	w.memory.certificates["AAAA-BBBB-CCCC-2222"].Balance = amount("3")
	form := b.confirm("free")
	w.memory.certificates["AAAA-BBBB-CCCC-2222"].Balance = amount("2")
	b.post("/checkout", form).want(http.StatusConflict, "…2222</th><td>−$3.00</td><td>−$2.00</td>", `<th scope="row">To pay</th><td>$12.00</td><td>$13.00</td>`)
	w.memory.certificates["AAAA-BBBB-CCCC-2222"].Status = order.CertificateDisabled
	b.get("/checkout").want(http.StatusOK, "The gift certificate cannot be used. Please remove it.").without(`value="place"`)
	handles := regexp.MustCompile(`name="certificate" value="([0-9a-f]+)"`).FindAllStringSubmatch(b.get("/checkout").body, -1)
	b.post("/checkout", url.Values{"action": {"remove-certificate"}, "certificate": {handles[1][1]}}).want(http.StatusSeeOther)
	b.post("/checkout", b.confirm("test")).want(http.StatusSeeOther)
	b.get("/order-confirmation/100").want(http.StatusOK, "…1111</dt><dd>−$20.00", "Paid</dt><dd>$15.00").without("To pay")
	if o := w.memory.orders[0]; o.Charged() != amount("20") {
		t.Errorf("charges = %+v", o.Charges)
	}
}

func TestCodesOfGiftCertificatesAreTriedTwentyTimesAnHour(t *testing.T) {
	w := newWorld(t)
	w.memory.certificates["GOOD-CODE"] = &order.Certificate{ID: 1, Code: "GOOD-CODE", Balance: amount("5"), Currency: "USD", Status: order.CertificateActive}
	b := w.jane()
	try := func(code string) answer {
		return b.post("/checkout", url.Values{"action": {"certificate"}, "code": {code}})
	}
	for range 20 {
		try("WRONG").want(http.StatusUnprocessableEntity, "no gift certificate")
	}
	try("GOOD-CODE").want(http.StatusTooManyRequests, "try again in an hour")
	w.clock.Advance(time.Hour)
	try("GOOD-CODE").want(http.StatusSeeOther)
}
