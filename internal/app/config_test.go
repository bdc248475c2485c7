package app

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestCheckSaysWhatToWrite(t *testing.T) {
	tests := map[string]struct {
		change func(*Config)
		want   string // "" is no error
	}{
		"the defaults":                 {func(*Config) {}, ""},
		"every address":                {func(c *Config) { c.Listen = ":8080" }, ""},
		"any port":                     {func(c *Config) { c.Listen = "127.0.0.1:0" }, ""},
		"an IPv6 address":              {func(c *Config) { c.Listen = "[::1]:8080" }, ""},
		"a name":                       {func(c *Config) { c.Listen = "localhost:8080" }, ""},
		"a port alone":                 {func(c *Config) { c.Listen = "8080" }, "for example 127.0.0.1:8080"},
		"an address alone":             {func(c *Config) { c.Listen = "127.0.0.1" }, "for example 127.0.0.1:8080"},
		"a port too high":              {func(c *Config) { c.Listen = ":65536" }, "a number from 0 to 65535"},
		"a port by name":               {func(c *Config) { c.Listen = ":http" }, "a number from 0 to 65535"},
		"a URL to listen on":           {func(c *Config) { c.Listen = "http://localhost:8080" }, "for example 127.0.0.1:8080"},
		"a public URL":                 {func(c *Config) { c.PublicURL = "https://shop.example" }, ""},
		"a public URL with a path":     {func(c *Config) { c.PublicURL = "https://shop.example/cart/" }, ""},
		"no scheme":                    {func(c *Config) { c.PublicURL = "shop.example" }, "for example https://shop.example"},
		"no scheme but a port":         {func(c *Config) { c.PublicURL = "shop.example:8443" }, "for example https://shop.example:8443"},
		"another scheme":               {func(c *Config) { c.PublicURL = "ftp://shop.example" }, "for example https://shop.example"},
		"no host":                      {func(c *Config) { c.PublicURL = "https://" }, "for example https://shop.example"},
		"a query":                      {func(c *Config) { c.PublicURL = "https://shop.example/a?b=c" }, "for example https://shop.example/a"},
		"mail":                         {func(c *Config) { c.SMTP = "smtp://user:pass@mail.example:587" }, ""},
		"mail over TLS":                {func(c *Config) { c.SMTP = "smtps://mail.example" }, ""},
		"mail without a scheme":        {func(c *Config) { c.SMTP = "mail.example:25" }, "write smtp://user:password@mail.example:587"},
		"time to drain":                {func(c *Config) { c.Drain = 5 * time.Second }, ""},
		"less than no time to drain":   {func(c *Config) { c.Drain = -5 * time.Second }, "--drain=-5s: a server cannot"},
		"a slash in a password":        {func(c *Config) { c.Database = "postgres://shop:se/cret@db/shop" }, "%2F for /"},
		"a file nowhere":               {func(c *Config) { c.Database = "sqlite://shop.db" }, "write sqlite:///path/to/shop.db"},
		"a certificate without a key":  {func(c *Config) { c.TLSCert = "c" }, "add --tls-key FILE"},
		"a key without a certificate":  {func(c *Config) { c.TLSKey = "k" }, "add --tls-cert FILE"},
		"a certificate that is absent": {func(c *Config) { c.TLSCert, c.TLSKey = "nowhere", "config.go" }, "--tls-cert nowhere: no such file or directory"},
		"a certificate that is none":   {func(c *Config) { c.TLSCert, c.TLSKey = "config.go", "config.go" }, "PEM files that belong together"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := Config{Listen: "127.0.0.1:8080", Data: "./data"}
			tc.change(&c)
			err := c.Check()
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("the error is %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestCheckNeverRepeatsAPassword(t *testing.T) {
	for _, c := range []Config{
		{Listen: ":1", Database: "postgres://user:hunter2@h:%zz/x"},
		{Listen: ":1", Database: "postgres://user:1/hunter2@h/x"},
		{Listen: ":1", SMTP: "http://user:hunter2@mail.example"},
		{Listen: ":1", SMTP: "smtp://user:hunter2@mail.example:%zz"},
		{Listen: ":1", PublicURL: "https://user:hunter2@shop.example"},
	} {
		if err := c.Check(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestListenErrorSaysWhatToDo(t *testing.T) {
	tests := map[string]struct {
		listen string
		err    error
		want   string
	}{
		"in use":         {"127.0.0.1:8080", syscall.EADDRINUSE, "for example --listen 127.0.0.1:8081"},
		"the last port":  {":65535", syscall.EADDRINUSE, "for example --listen :8080"},
		"a low port":     {":80", syscall.EACCES, "a port of 1024 or more"},
		"not an address": {"192.0.2.1:8080", syscall.EADDRNOTAVAIL, "is no address of this machine"},
		"anything else":  {"x:8080", errors.New("no such host"), "no such host"},
	}
	for name, tc := range tests {
		if err := listenError(tc.listen, &net.OpError{Op: "listen", Err: tc.err}); !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: the error is %v, want one with %q", name, err, tc.want)
		}
	}
}

func TestOwnURL(t *testing.T) {
	tests := map[string]struct {
		ip     string
		secure bool
		want   string
	}{
		"loopback":       {"127.0.0.1", false, "http://127.0.0.1:80"},
		"every address":  {"0.0.0.0", false, "http://localhost:80"},
		"every address6": {"::", false, "http://localhost:80"},
		"with TLS":       {"127.0.0.1", true, "https://127.0.0.1:80"},
		"IPv6":           {"::1", false, "http://[::1]:80"},
	}
	for name, tc := range tests {
		if got := ownURL(&net.TCPAddr{IP: net.ParseIP(tc.ip), Port: 80}, tc.secure); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestDatabaseURL(t *testing.T) {
	c := Config{Data: "/var/lib/cartwright"}
	if got, err := c.DatabaseURL(); err != nil || got != "sqlite:///var/lib/cartwright/cartwright.db" {
		t.Errorf("%s, %v", got, err)
	}
	c.Database = "postgres://localhost/shop"
	if got, err := c.DatabaseURL(); err != nil || got != c.Database {
		t.Errorf("%s, %v", got, err)
	}
}
