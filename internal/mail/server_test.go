package mail

import (
	"strings"
	"testing"
)

func TestParseServer(t *testing.T) {
	tests := map[string]Server{
		"smtp://mail.example":                           {Host: "mail.example", Port: "587", Connections: 4},
		"smtps://mail.example":                          {Host: "mail.example", Port: "465", Implicit: true, Connections: 4},
		"smtp://u%40x:p%2Fw@mail.example:25":            {Host: "mail.example", Port: "25", User: "u@x", Password: "p/w", Connections: 4},
		"smtps://[::1]:2465/?connections=12":            {Host: "::1", Port: "2465", Implicit: true, Connections: 12},
		"smtp://user:pass@127.0.0.1:2525?connections=1": {Host: "127.0.0.1", Port: "2525", User: "user", Password: "pass", Connections: 1},
	}
	for raw, want := range tests {
		if got, err := ParseServer(raw); err != nil || got != want {
			t.Errorf("%s is %+v, %v", raw, got, err)
		}
	}
	for raw, want := range map[string]string{
		"": "write smtp://", "mail.example:587": "write smtp://", "http://mail.example": "write smtp://", "smtp://": "write smtp://",
		"smtp://u:secret%zz@mail.example": "percent-encoded", "smtp://u:secret@mail.example/path": "write smtp://",
		"smtp://u:secret@mail.example?conections=3": "there is only connections",
		"smtp://u:secret@mail.example:99999":        "from 1 to 65535", "smtp://u:secret@mail.example:0": "from 1 to 65535",
		"smtp://u:secret@mail.example?connections=0": "from 1 to 100", "smtp://u:secret@mail.example?connections=many": "from 1 to 100",
	} {
		if _, err := ParseServer(raw); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %s", raw, err, want)
		}
	}
}
