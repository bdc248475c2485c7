package human

import (
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	for n, want := range map[int64]string{0: "0 KB", 4096: "4 KB", 5_460_000: "5.5 MB", 3_210_000_000: "3.2 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
	if Count(1, "cart") != "1 cart" || Count(int64(0), "cart") != "0 carts" {
		t.Errorf("%s, %s", Count(1, "cart"), Count(int64(0), "cart"))
	}
	for d, want := range map[time.Duration]string{
		34_600 * time.Microsecond: "35ms", 2140 * time.Millisecond: "2.1s", 64_400 * time.Millisecond: "1m4s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%d is %s", d, got)
		}
	}
}
