package recovery

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestParsedTextsAreBounded: the same text is the same template, errors are
// told each time, and hostile many texts do not fill the memory.
func TestParsedTextsAreBounded(t *testing.T) {
	var c textCache
	one, err := c.parse("{{store.name}}")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.parse("{{store.name}}"); again != one || err != nil {
		t.Errorf("the same text is parsed twice: %v", err)
	}
	for range 2 {
		if _, err := c.parse("{{#if x}}"); err == nil {
			t.Error("an open block is no mistake")
		}
	}
	big := strings.Repeat("x", MaxBody)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 2 * maxParsed / MaxBody {
				if _, err := c.parse(fmt.Sprint(i, n, big)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	size := 0
	for text := range c.kept {
		size += len(text)
	}
	if size != c.size || size > maxParsed {
		t.Errorf("%d characters are kept, %d counted", size, c.size)
	}
}

// BenchmarkRender fills the default mail for a cart of two lines.
func BenchmarkRender(b *testing.B) {
	tpl, f := Template{CouponCode: "TEN", Text: DefaultText()}, facts()
	for b.Loop() {
		if _, err := Render(b.Context(), &tpl, f); err != nil {
			b.Fatal(err)
		}
	}
}
