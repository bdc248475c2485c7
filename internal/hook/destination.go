package hook

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"cartwright/internal/fault"
)

// Policy says where callbacks may go: by default to https on port 443 alone
// (spec/04 §1.1). To which addresses a name may lead is for whoever connects.
type Policy struct {
	// Anywhere allows http and every port: the sandbox.
	Anywhere bool
	// Allowed are origins, as Origin writes them, that are allowed besides.
	Allowed []string
}

// Check refuses a destination that callbacks may not go to.
func (p Policy) Check(destination string) error {
	u, err := parseDestination(destination)
	if err != nil {
		return fault.Field("destination", "error.url")
	}
	origin := originOf(u)
	usual := u.Scheme == "https" && (u.Port() == "" || u.Port() == "443")
	if usual || p.Anywhere || p.Allows(origin) {
		return nil
	}
	return fault.Field("destination", "error.url")
}

// Allows reports whether an origin is one of the exceptions.
func (p Policy) Allows(origin string) bool { return slices.Contains(p.Allowed, origin) }

// hostName is a host name in ASCII or an address: what goes into a request
// unchanged.
var hostName = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|[0-9A-Fa-f:.]+)$`)

func parseDestination(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "https" && u.Scheme != "http", u.User != nil, u.Fragment != "", u.Opaque != "",
		len(raw) > MaxDestination, !hostName.MatchString(u.Hostname()):
		return nil, fmt.Errorf("%q is not an address that callbacks can go to", raw)
	}
	return u, nil
}

var usualPorts = map[string]string{"https": "443", "http": "80"}

// originOf writes scheme, host and port in one form, without the usual port.
func originOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != usualPorts[scheme] {
		host += ":" + port
	}
	return scheme + "://" + host
}

// Origin returns scheme, host and port of a destination, "" for what is none.
func Origin(destination string) string {
	u, err := parseDestination(destination)
	if err != nil {
		return ""
	}
	return originOf(u)
}

// ParseAllowed reads an exception of a Policy: https://intern.example:8443.
func ParseAllowed(raw string) (string, error) {
	u, err := parseDestination(strings.TrimSuffix(strings.TrimSpace(raw), "/"))
	if err != nil || u.Path != "" || u.RawQuery != "" {
		return "", fmt.Errorf("%q must be scheme, host and port of a receiver, for example http://127.0.0.1:9000", raw)
	}
	return originOf(u), nil
}
