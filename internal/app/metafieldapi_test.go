package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/event"
)

func fieldOf(key, permission string) string {
	return fmt.Sprintf(`{"key":%q,"namespace":"shipping","value":"Ring twice","permission_set":%q}`, key, permission)
}

func fieldAt(cartID, key, permission string) string {
	return fmt.Sprintf(`{"resource_id":%q,%s`, cartID, fieldOf(key, permission)[1:])
}

func TestMetafields(t *testing.T) {
	s := newStreet(t)
	at := s.cart("")
	id := strings.TrimPrefix(at, "/v3/carts/")
	fields := at + "/metafields"
	s.walk(
		step{"mine", "GET", fields, "", 200, []string{`"data":[]`, `"total":0`, `"cursor_pagination"`}},
		step{"mine", "POST", fields, `{"key":"note","value":"Ring twice","namespace":"shipping","permission_set":"read","description":"d","id":99}`, 200, []string{
			`{"data":{"id":"1","key":"note","value":"Ring twice","namespace":"shipping","permission_set":"read","description":"d","resource_type":"cart","resource_id":"` + id + `","date_created":"20`,
			`"owner_client_id":"mine"},"meta":{}}`}},
		step{"mine", "POST", fields, fieldOf("secret", "app_only"), 200, []string{`"id":"2"`, `"description":""`}},
		step{"mine", "GET", fields + "/1", "", 200, []string{`"id":"1"`}},
		step{"mine", "PUT", fields + "/1", `{"value":"Ring once"}`, 200, []string{`"key":"note","value":"Ring once"`, `"description":"d"`}},
		step{"mine", "GET", strings.ToUpper(fields[:len("/v3/carts/")+1]) + fields[len("/v3/carts/")+1:], "", 404, nil}, // the path's words are in lower case
		step{"mine", "GET", "/v3/carts/" + strings.ToUpper(id) + "/metafields", "", 200, []string{`"total":2`}},
		step{"mine", "GET", fields + "?key=secret", "", 200, []string{`"total":1`, `"id":"2"`}},
		step{"mine", "GET", fields + "?namespace=till", "", 200, []string{`"total":0`}},
		step{"mine", "GET", fields + "?direction=desc&limit=1", "", 200, []string{`"id":"2"`, `!"id":"1"`, `"next":"?direction=desc&limit=1&after=aWQ6Mg%3D%3D"`}},
		step{"mine", "GET", fields + "?after=aWQ6MQ==", "", 200, []string{`"id":"2"`, `!"pagination"`}},
		step{"mine", "GET", fields + "?before=aWQ6Mg==", "", 200, []string{`"id":"1"`, `!"pagination"`}},
		step{"mine", "GET", fields + "?direction=up&limit=251&after=x", "", 422, []string{`"direction":"error.expected.validenumvalue"`, `"limit":"error.max"`, `"after"`}},

		step{"theirs", "GET", fields, "", 200, []string{`"total":1`, `!secret`}},
		step{"theirs", "GET", fields + "/2", "", 404, []string{`"title":"The resource at that URL is not found."`}},
		step{"theirs", "PUT", fields + "/2", `{"value":"x"}`, 404, nil},
		step{"theirs", "PUT", fields + "/1", `{"value":"x"}`, 403, []string{`"title":"Unauthorized to update"`, `"errors":{}`}},
		step{"theirs", "DELETE", fields + "/1", "", 403, []string{`"title":"Unauthorized to delete"`}},
		step{"master", "PUT", fields + "/2", `{"permission_set":"write"}`, 200, []string{`"owner_client_id":"mine"`}},
		step{"theirs", "PUT", fields + "/2", `{"value":"x","description":""}`, 200, []string{`"value":"x"`, `"owner_client_id":"mine"`}},
		step{"theirs", "POST", fields, fieldOf("note", "read"), 200, []string{`"owner_client_id":"theirs"`}},
		step{"reader", "GET", fields, "", 200, []string{`"total":3`}},
		step{"reader", "POST", fields, fieldOf("x", "read"), 403, nil},

		step{"mine", "POST", fields, fieldOf("note", "write"), 409, []string{`"title":"A metafield with this key, namespace and permission set already exists for this resource."`}},
		step{"mine", "PUT", fields + "/2", `{"key":"note"}`, 409, []string{`"status":409`}},
		step{"mine", "POST", fields, `{}`, 422, []string{`"key":"error.path.missing"`, `"value":"error.path.missing"`, `"namespace":"error.path.missing"`, `"permission_set":"error.path.missing"`}},
		step{"mine", "POST", fields, `{"key":"","value":5,"namespace":"` + strings.Repeat("n", 65) + `","permission_set":"all","description":"` + strings.Repeat("ü", 256) + `"}`, 422,
			[]string{`"key":"error.minLength"`, `"value":"error.expected.jsstring"`, `"namespace":"error.maxLength"`, `"permission_set":"error.expected.validenumvalue"`, `"description":"error.maxLength"`}},
		step{"mine", "POST", fields, `{"key":"` + strings.Repeat("ü", 64) + `","value":"` + strings.Repeat("v", 65_535) + `","namespace":"n","permission_set":"read"}`, 200, nil},
		step{"mine", "PUT", fields + "/1", `{"value":""}`, 422, []string{`"value":"error.minLength"`}},
		step{"mine", "PUT", fields + "/1", `[]`, 422, []string{`error.expected.jsobject`}},
		step{"mine", "GET", fields + "/99", "", 404, nil}, step{"mine", "GET", fields + "/x", "", 404, nil},
		step{"mine", "PUT", fields + "/99", `{}`, 404, nil}, step{"mine", "DELETE", fields + "/99", "", 404, nil},
		step{"mine", "GET", "/v3/carts/100/metafields", "", 404, []string{`"title":"The resource at that URL is not found."`}},
		step{"mine", "POST", "/v3/carts/4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55/metafields", fieldOf("a", "read"), 404, []string{`"title":"The resource at that URL is not found."`}},
		step{"mine", "GET", "/v3/carts/4f0c2b6e-6f0a-4a57-9a5e-0b7d6a3c1e55/metafields", "", 404, nil},

		step{"", "GET", at, "", 200, []string{`"version":1`}},
		step{"mine", "DELETE", fields + "/2", "", 204, nil},
		step{"mine", "GET", fields + "/2", "", 404, nil},
		step{"", "DELETE", at, "", 204, nil},
		step{"mine", "GET", fields, "", 200, []string{`"total":3`}},
		step{"mine", "PUT", fields + "/1", `{"value":"later"}`, 200, []string{`"value":"later"`}},
		step{"mine", "POST", fields, fieldOf("b", "read"), 404, nil},
		step{"mine", "DELETE", fields + "/1", "", 204, nil},
	)
	s.told(id, "1.0 created", "1.1 metafield/created 1", "1.2 metafield/created 2", "1.3 metafield/updated 1", "1.4 metafield/updated 2", "1.5 metafield/updated 2",
		"1.6 metafield/created 3", "1.7 metafield/created 4", "1.8 metafield/deleted 2", "2.0 deleted", "2.1 metafield/updated 1", "2.2 metafield/deleted 1")
}

// told checks the journal of a cart: the first event of each entry.
func (s *street) told(cartID string, want ...string) {
	s.Helper()
	journal, err := s.app.DB.Journal(s.Context(), "demo", cart.ID(cartID))
	if err != nil {
		s.Fatal(err)
	}
	var got []string
	for _, e := range journal {
		first := e.Events[0]
		text := fmt.Sprintf("%d.%d %s", e.Version, e.N, strings.TrimPrefix(first.Scope, "store/cart/"))
		if first.Metafield != 0 {
			text += fmt.Sprint(" ", first.Metafield)
			if len(e.Events) != 1 || first.Scope == event.CartUpdated || first.Namespace == "" {
				s.Errorf("a metafield's entry is %+v", e.Events)
			}
		}
		got = append(got, text)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.Errorf("the journal tells\n%s, want\n%s", strings.Join(got, ", "), strings.Join(want, ", "))
	}
}

func TestAllMetafields(t *testing.T) {
	s := newStreet(t)
	first, second := strings.TrimPrefix(s.cart(""), "/v3/carts/"), strings.TrimPrefix(s.cart(""), "/v3/carts/")
	all := "/v3/carts/metafields"
	s.walk(
		step{"mine", "POST", all, `[` + fieldAt(first, "a", "read") + `,` + fieldAt(strings.ToUpper(second), "b", "write") + `]`, 200,
			[]string{`"data":[{"id":"1","key":"a"`, `"resource_id":"` + second + `"`, `"errors":[]`, `"meta":{"total":2,"success":2,"failed":0}`}},
		step{"mine", "POST", all, `[` + fieldAt(first, "c", "app_only") + `,{"key":"d"},` + fieldAt("x", "e", "read") + `,` + fieldAt(first, "a", "read") + `,7]`, 422, []string{
			`"data":[{"id":"3","key":"c"`, `"status":422,"title":"Bulk operation has failed","type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"`,
			`"1":"namespace: error.path.missing, permission_set: error.path.missing, resource_id: error.path.missing, value: error.path.missing"`,
			`"2":"Cart does not exist"`, `"3":"A metafield with this key`, `"4":"body: error.expected.jsobject"`, `"meta":{"total":5,"success":1,"failed":4}`}},
		step{"mine", "PUT", all, `[{"id":"1","value":"one"},{"id":2,"description":"two"}]`, 200, []string{`"id":"1","key":"a","value":"one"`, `"description":"two"`, `"meta":{"total":2,"success":2,"failed":0}`}},
		step{"theirs", "PUT", all, `[{"id":1,"value":"x"},{"id":2,"value":"y"},{"id":3,"value":"z"},{"id":9},{"value":"x"},{"id":2,"value":""}]`, 422,
			[]string{`"data":[{"id":"2"`, `"errors":{"0":"Unauthorized to update","2":"Metafield does not exist","3":"Metafield does not exist","4":"id: error.path.missing","5":"value: error.minLength"}`, `"meta":{"total":6,"success":1,"failed":5}`}},

		step{"mine", "GET", all, "", 200, []string{`"total":3`}},
		step{"theirs", "GET", all, "", 200, []string{`"total":2`}},
		step{"master", "GET", all, "", 200, []string{`"total":3`}},
		step{"mine", "GET", all + "?key=a&key:in=b", "", 200, []string{`"total":2`}},
		step{"mine", "GET", all + "?key:in=b,c", "", 200, []string{`"total":2`, `!"id":"1"`}},
		step{"mine", "GET", all + "?namespace=till&namespace:in=shipping", "", 200, []string{`"total":3`}},
		step{"mine", "GET", all + "?namespace:in=till", "", 200, []string{`"total":0`}},
		step{"mine", "GET", all + "?include_fields=key,value,nothing&key=a", "", 200, []string{`"data":[{"id":"1","key":"a","value":"one"}]`}},
		step{"mine", "GET", all + "?include_fields=id&key=a", "", 200, []string{`"data":[{"id":"1"}]`}},
		step{"mine", "GET", all + "?include_fields=&key=a", "", 200, []string{`"namespace":"shipping"`}},
		step{"mine", "GET", all + "?include_fields=description,resource_type,resource_id,date_created,date_modified,owner_client_id,permission_set,namespace&key=a", "", 200, []string{`"data":[{"id":"1","namespace":"shipping","permission_set":"read","description":"","resource_type":"cart","resource_id"`, `!"key"`, `!"value"`}},
		step{"mine", "GET", all + "?direction=desc&limit=2", "", 200, []string{`"data":[{"id":"3"`, `{"id":"2"`, `!{"id":"1"`}},
		step{"mine", "GET", all + "?direction=desc&limit=2&after=aWQ6Mg%3D%3D&page=7", "", 200, []string{`{"id":"1"`, `!"pagination"`, `"previous":"?direction=desc&limit=2&before=aWQ6MQ%3D%3D"`}},
		step{"mine", "GET", all + "?date_created:min=soon&date_modified:max=2024-13-01&before=x", "", 422, []string{`"date_created:min":"error.expected.date"`, `"date_modified:max":"error.expected.date"`}},

		step{"theirs", "DELETE", all, `[1,3,"2",99,"x"]`, 422, []string{`"data":["2"]`, `"errors":{"0":"Unauthorized to delete","1":"Metafield does not exist","3":"Metafield does not exist","4":"body: error.expected.jsnumber"}`, `"meta":{"total":5,"success":1,"failed":4}`}},
		step{"mine", "DELETE", all, `[3,"1"]`, 200, []string{`{"data":["3","1"],"errors":[],"meta":{"total":2,"success":2,"failed":0}}`}},
		step{"mine", "GET", all, "", 200, []string{`"total":0`}},
	)
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		s.walk(
			step{"mine", method, all, `[]`, 422, []string{`"title":"JSON data is missing or invalid"`, `"body":"error.minLength"`}},
			step{"mine", method, all, ``, 422, []string{`"body":"error.expected.jsarray"`}},
			step{"mine", method, all, `"x"`, 422, []string{`"body":"error.expected.jsarray"`}},
			step{"mine", method, all, `[1` + strings.Repeat(`,1`, 50) + `]`, 422, []string{`"body":"error.maxLength"`}},
			step{"mine", method, all, `[1` + strings.Repeat(`,1`, 49) + `]`, 422, []string{`"total":50,"success":0,"failed":50`}},
		)
	}
	s.walk(step{"mine", "PATCH", all, `[]`, 405, nil})
	s.told(second, "1.0 created", "1.1 metafield/created 2", "1.2 metafield/updated 2", "1.3 metafield/updated 2", "1.4 metafield/deleted 2")
}

// TestMetafieldDates: a filter by time takes the instants as they are shown,
// to the second, and days in whole.
func TestMetafieldDates(t *testing.T) {
	s := newStreet(t)
	at := s.cart("")
	made := func(key string) time.Time {
		w := s.do(step{"mine", "POST", at + "/metafields", fieldOf(key, "read"), 200, nil})
		var a struct {
			Data struct {
				Created string `json:"date_created"`
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		shown, err := time.Parse(time.RFC3339, a.Data.Created)
		if err != nil {
			t.Fatal(err)
		}
		return shown
	}
	first := made("a")
	s.app.Clock.SetOffset(48 * time.Hour)
	second := made("b")
	const local = "2006-01-02T15:04:05"
	for query, want := range map[string]string{
		"date_created:min=" + first.Format(local):                                    `"total":2`,
		"date_created:max=" + first.Format(local):                                    `"total":1`,
		"date_created:max=" + first.Add(-time.Second).Format(local):                  `"total":0`,
		"date_created:min=" + first.Add(time.Second).Format(local):                   `"total":1`,
		"date_created:min=" + second.Format(time.DateOnly):                           `"total":1`,
		"date_created:max=" + first.Format(time.DateOnly):                            `"total":1`,
		"date_created:max=" + second.Format(time.DateOnly):                           `"total":2`,
		"date_modified:min=" + second.Format(time.RFC3339):                           `"total":1`,
		"date_modified:max=" + second.Format(local) + "%2B00:00":                     `"total":2`,
		"date_modified:min=" + second.Add(24*time.Hour).Format(time.DateOnly):        `"total":0`,
		"date_created:min=2020-01-01&date_created:max=" + first.Format(local):        `"total":1`,
		"date_modified:min=" + first.Format(local) + "&date_modified:max=2020-01-01": `"total":0`,
	} {
		s.do(step{"mine", "GET", "/v3/carts/metafields?" + query, "", 200, []string{want}})
	}
}

// TestMetafieldLimits: ten of a client, 250 of a cart.
func TestMetafieldLimits(t *testing.T) {
	s := newStreet(t)
	at := s.cart("")
	for i := range 10 {
		s.do(step{"mine", "POST", at + "/metafields", fieldOf(fmt.Sprint(i), "read"), 200, nil})
	}
	s.walk(
		step{"mine", "POST", at + "/metafields", fieldOf("10", "read"), 422, []string{"at most 10"}},
		step{"mine", "POST", "/v3/carts/metafields", `[` + fieldAt(strings.TrimPrefix(at, "/v3/carts/"), "10", "read") + `]`, 422, []string{`"0":"A client can have at most 10 metafields at one cart"`}},
		step{"mine", "DELETE", at + "/metafields/3", "", 204, nil},
		step{"mine", "POST", at + "/metafields", fieldOf("10", "read"), 200, nil},
		step{"theirs", "POST", at + "/metafields", fieldOf("10", "read"), 200, nil},
	)
}

// TestMetafieldsOfAnExpiredCart: what expires takes its metafields with it.
func TestMetafieldsOfAnExpiredCart(t *testing.T) {
	s := newStreet(t)
	at := s.cart("")
	s.do(step{"mine", "POST", at + "/metafields", fieldOf("a", "read"), 200, nil})
	s.app.Clock.SetOffset(cart.Lifetime)
	s.walk(
		step{"mine", "GET", at + "/metafields", "", 404, []string{`"title":"The resource at that URL is not found."`}},
		step{"mine", "GET", at + "/metafields/1", "", 404, nil},
		step{"mine", "PUT", at + "/metafields/1", `{"value":"x"}`, 404, nil},
		step{"mine", "DELETE", at + "/metafields/1", "", 404, nil},
		step{"mine", "POST", at + "/metafields", fieldOf("b", "read"), 404, nil},
	)
}
