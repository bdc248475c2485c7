package app

import "testing"

// TestGiftCertificates is the vendor's V2 resource, from the making of a
// certificate to its removal.
func TestGiftCertificates(t *testing.T) {
	s := newStreet(t)
	const path = "/v2/gift_certificates"
	body := `{"to_name":"Bob","to_email":"bob@shop.example","from_name":"Ada","from_email":"ada@shop.example","amount":"25"`
	s.walk(
		step{"", "GET", path, "", 204, nil},
		step{"reader", "GET", path, "", 403, []string{`[{"status":403`}},
		step{"", "POST", path, `{}`, 400, []string{`"details":{`, `"amount":"error.path.missing"`, `"to_email":"error.path.missing"`}},
		step{"", "POST", path, body + `,"code":"SPRING"}`, 201, []string{
			`"id":1`, `"code":"SPRING"`, `"amount":"25.0000"`, `"balance":"25.0000"`, `"status":"active"`, `"currency_code":"USD"`, `"expiry_date":""`}},
		step{"", "POST", path, body + `,"code":"spring"}`, 409, []string{"There is a gift certificate with this code already."}},
		step{"", "POST", path, body + `,"balance":30}`, 400, []string{`"balance":"error.max"`}},
		step{"", "POST", path, body + `,"currency_code":"EUR"}`, 400, []string{`"currency_code":"error.expected.validenumvalue"`}},
		step{"", "POST", path, body + `,"status":"lost"}`, 400, []string{`"status":"error.expected.validenumvalue"`}},
		step{"", "POST", path, body + `,"expiry_date":"soon"}`, 400, []string{`"expiry_date":"error.expected.date"`}},
		step{"", "POST", path, body + `,"expiry_date":"Mon, 02 Jan 2006 15:04:05 +0000"}`, 201, []string{`"id":2`, `"status":"expired"`,
			`"expiry_date":"Mon, 02 Jan 2006 15:04:05 +0000"`}},
		step{"", "PUT", path + "/2", `{"expiry_date":null,"balance":"1.5"}`, 200, []string{`"status":"active"`, `"balance":"1.5000"`, `"expiry_date":""`}},
		step{"", "PUT", path + "/2", `{"code":"SPRING"}`, 409, nil},
		step{"", "PUT", path + "/9", `{}`, 404, []string{`[{"status":404,"message":"The requested resource was not found."}]`}},
		step{"", "GET", path + "?code=spring", "", 200, []string{`"id":1`, `!"id":2`}},
		step{"", "GET", path + "?min_id=2", "", 200, []string{`"id":2`, `!"id":1,`}},
		step{"", "GET", path + "?page=2", "", 204, nil},
		step{"", "DELETE", path + "/1", "", 204, nil},
		step{"", "DELETE", path + "/1", "", 404, nil},
		step{"", "GET", path + "/1", "", 404, nil},
	)
}
