package cart_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cartwright/internal/cart"
)

// likeJSON fails unless a document is read as encoding/json reads it: to the
// same cart, or to an error where that finds one. There is no exception.
func likeJSON(t interface {
	Helper()
	Fatalf(string, ...any)
}, doc string) *cart.Cart {
	t.Helper()
	var want cart.Cart
	wantErr := json.Unmarshal([]byte(doc), &want)
	got, err := cart.ReadDocument(doc)
	switch {
	case (err == nil) != (wantErr == nil), err != nil && got != nil:
		t.Fatalf("%s\nread with %v, encoding/json says %v", doc, err, wantErr)
	case err == nil && !reflect.DeepEqual(got, &want):
		t.Fatalf("%s\nread otherwise than by encoding/json: %s", doc, cmp.Diff(&want, got))
	}
	return got
}

// Every cart that is written is read back, and never by way of encoding/json:
// that would cost what the reader is there to save.
func TestWhatWasWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c cart.Cart
		fill(t, reflect.ValueOf(&c).Elem(), 0)
		doc := string(c.AppendDocument(nil))
		likeJSON(t, doc)
		if cart.ReadWritten(doc) == nil {
			t.Fatalf("left to encoding/json: %s", doc)
		}
	})
}

// A document that was damaged anywhere is read as encoding/json reads it.
func TestDamagedDocumentsAreReadAsEncodingJSONDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c cart.Cart
		fill(t, reflect.ValueOf(&c).Elem(), 0)
		doc := string(c.AppendDocument(nil))
		from := rapid.IntRange(0, len(doc)).Draw(t, "from")
		to := min(len(doc), from+rapid.IntRange(0, 40).Draw(t, "length"))
		put := rapid.OneOf(rapid.StringOfN(rapid.RuneFrom([]rune(`{}[],:"\0123456789-.eE truefalsn`)), 0, 3, -1),
			rapid.Just(doc[from:to]+doc[from:to])).Draw(t, "put")
		likeJSON(t, doc[:from]+put+doc[to:])
	})
}

func FuzzReadDocument(f *testing.F) {
	for _, doc := range documents {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) { likeJSON(t, doc) })
}

func line(fields string) string { return `{"lines":[{"id":"a"` + fields + `}]}` }

// documents are texts that are read, or refused, as encoding/json does.
var documents = map[string]string{
	"an early version": `{"id":"c0ffee","store":"demo","version":3,"channel_id":1,"currency":"USD","locale":"en","lines":[{"id":"l1","kind":"physical",` +
		`"quantity":2,"product_id":31,"variant_id":7,"name":"Lámpara \"☂\" \u003c","taxable":true,"original_price":12.5,"list_price":12.5,"sale_price":10,` +
		`"extended_list":25,"extended_sale":20,"discount":5}],"totals":{"base":20,"cart":20},"created":"2026-03-04T11:00:00Z","updated":"2026-03-04T11:00:00.000000001Z"}`,
	"a later version":               `{"id":"a","later":{"x":[1,"]",{}]},"lines":[{"id":"b","later":true,"selections":[{"option_id":1,"later":null,"name":"n"}]}],"z":1}`,
	"another order":                 `{"version":2,"id":"a","lines":[]}`,
	"white space":                   "{ \"id\": \"a\",\n\"lines\":\t[ ] }\n",
	"a key in capitals":             `{"ID":"a","Version":2}`,
	"a key twice":                   `{"id":"a","id":"b","lines":[{"id":"x"}],"lines":[{"name":"y"}]}`,
	"a part twice":                  `{"checkout":{"message":"a"},"checkout":{"fees":[]}}`,
	"no lines":                      `{"id":"a","lines":null}`,
	"empty lists":                   `{"lines":[{"selections":[],"cuts":[]}],"coupons":[],"banners":[]}`,
	"empty":                         `{}`,
	"null":                          `null`,
	"nulls":                         `{"id":null,"version":null,"no_mail":null,"totals":null,"created":null,"checkout":null,"lines":[null]}`,
	"falses":                        `{"no_mail":false,"manual":false}`,
	"escapes":                       `{"id":"\u0041\/\b\ud834\udd1e\ud834"}`,
	"text that is not UTF-8":        "{\"id\":\"a\xff\xc3\"}",
	"a number as text":              `{"manual_off":"12.5","totals":{"base":"1e2"}}`,
	"amounts":                       line(`,"override":0`) + "\n",
	"an exponent":                   line(`,"original_price":1e2`),
	"five digits":                   line(`,"original_price":1.23456`),
	"the largest":                   line(`,"original_price":1000000000000`),
	"beyond the largest":            line(`,"original_price":1000000000000.0001`),
	"below the least":               line(`,"original_price":-1000000000000.0001`),
	"far beyond":                    line(`,"original_price":99999999999999999999`),
	"minus zero":                    line(`,"quantity":-0,"original_price":-0.0`),
	"no digit":                      line(`,"original_price":-`),
	"no digit behind a point":       line(`,"original_price":1.`),
	"no digit before a point":       line(`,"original_price":.5`),
	"a zero in front":               line(`,"original_price":01`),
	"a zero in front of an integer": line(`,"quantity":01`),
	"a plus":                        line(`,"quantity":+1`),
	"the largest integer":           line(`,"quantity":9223372036854775807,"product_id":-9223372036854775808`),
	"too large an integer":          line(`,"quantity":9223372036854775808`),
	"a fraction":                    line(`,"quantity":1.0`),
	"a time elsewhere":              `{"created":"2026-03-04T11:00:00+01:00"}`,
	"a time with a comma":           `{"created":"2026-03-04T11:00:00,5Z"}`,
	"a time with one digit":         `{"created":"2026-03-04T1:00:00Z"}`,
	"a time with ten digits":        `{"created":"2026-03-04T11:00:00.1234567891Z"}`,
	"a time with a leap second":     `{"created":"2016-12-31T23:59:60Z"}`,
	"no such day":                   `{"created":"2026-02-29T11:00:00Z"}`,
	"a time escaped":                `{"created":"2026-03-04T11:00:00\u005a"}`,
	"not a time":                    `{"created":"Z"}`,
	"a line break in a text":        "{\"id\":\"a\nb\"}",
	"a text that does not end":      `{"id":"a`,
	"a text that ends in an escape": `{"id":"a\`,
	"an unknown escape":             `{"id":"\x41"}`,
	"no value":                      `{"id":}`,
	"no colon":                      `{"id" "a"}`,
	"a comma at the end":            `{"id":"a",}`,
	"a comma at the beginning":      `{,"id":"a"}`,
	"no comma":                      `{"id":"a""store":"b"}`,
	"a comma behind the last line":  `{"lines":[{"id":"a"},]}`,
	"a comma before the first line": `{"lines":[,{"id":"a"}]}`,
	"no comma between lines":        `{"lines":[{"id":"a"}{"id":"b"}]}`,
	"lines that do not end":         `{"lines":[{"id":"a"}`,
	"brackets crossed":              `{"lines":[{"id":"a"]}}`,
	"crossed in a part":             `{"coupons":[{"code":"a"]}}`,
	"a part of another kind":        `{"coupons":{"code":"a"},"checkout":[]}`,
	"a part that is a text":         `{"checkout":"a"}`,
	"a part that does not end":      `{"checkout":{"message":"`,
	"quotes in a part":              `{"checkout":{"message":"}\\\"]\\"},"totals":{"base":1,"cart":1}}`,
	"a part ends early":             `{"coupons":]}`,
	"more behind it":                `{"id":"a"}{}`,
	"a list":                        `[]`,
	"nothing":                       ``,
	"a deep part":                   `{"coupons":` + strings.Repeat(`[`, 200) + strings.Repeat(`]`, 200) + `}`,
	"a bottomless part":             `{"coupons":` + strings.Repeat(`[`, 1_000_000),
}

func TestDocumentsAreReadAsEncodingJSONDoes(t *testing.T) {
	for name, doc := range documents {
		t.Run(name, func(t *testing.T) { likeJSON(t, doc) })
	}
}

func TestReadingAnEarlyDocument(t *testing.T) {
	c := likeJSON(t, documents["an early version"])
	if got := fmt.Sprintln(c.ID, c.Version, len(c.Lines), c.Lines[0].Name, c.Lines[0].OriginalPrice, c.Totals.Cart, c.Updated.Format(time.RFC3339Nano)); got !=
		`c0ffee 3 1 Lámpara "☂" < 12.5 20 2026-03-04T11:00:00.000000001Z`+"\n" {
		t.Error(got)
	}
	if cart.ReadWritten(documents["an early version"]) == nil {
		t.Error("what lacks new keys is left to encoding/json")
	}
}

func TestUnreadableDocumentSaysWhere(t *testing.T) {
	_, err := cart.ReadDocument(`{"id":"a","store":!}`)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || !strings.Contains(err.Error(), "byte 19") {
		t.Errorf("got %v", err)
	}
}
