package testkit

import (
	"net/smtp"
	"strings"
	"testing"
)

func TestSMTPSinkKeepsMails(t *testing.T) {
	sink := (&SMTPSink{OnRcpt: func(to string) error {
		if strings.HasPrefix(to, "nobody@") {
			return Answer(550, "5.1.1 no such user")
		}
		return nil
	}}).Start(t)
	addr := strings.TrimPrefix(sink.URL(), "smtp://")
	mail := "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nplain\r\n" +
		"--b\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=C3=BC</p>\r\n--b--\r\n"
	if err := smtp.SendMail(addr, nil, "shop@example.com", []string{"ada@example.com"}, []byte(mail)); err != nil {
		t.Fatal(err)
	}
	if err := smtp.SendMail(addr, nil, "shop@example.com", []string{"nobody@example.com"}, []byte(mail)); err == nil || !strings.Contains(err.Error(), "5.1.1 no such user") {
		t.Errorf("the refusal is %v", err)
	}
	got := sink.Mails()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	if m := got[0]; m.From != "shop@example.com" || m.To[0] != "ada@example.com" || m.Subject != "Grüße" || m.Text != "plain" || m.HTML != "<p>ü</p>" {
		t.Errorf("kept %+v", m)
	}
}
