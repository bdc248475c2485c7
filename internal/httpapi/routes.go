package httpapi

// Route names an operation that is served: its method, and its path below
// /stores/{store}.
type Route struct{ Method, Path string }

// Routes lists what every API serves, for the tests that compare it with the
// OpenAPI document.
func Routes() []Route {
	var out []Route
	for _, rt := range new(API).routes() {
		out = append(out, Route{Method: rt.method, Path: rt.pattern})
	}
	return out
}
