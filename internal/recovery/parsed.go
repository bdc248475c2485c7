package recovery

import (
	"sync"

	"cartwright/internal/handlebars"
)

// maxParsed is how many characters of templates are kept parsed: some hundred
// mails, and in memory several times as much.
const maxParsed = 4 << 20

// parsedTexts keeps templates parsed by their text: a sequence is sent to
// thousands of carts, and parsing takes longer than filling.
var parsedTexts textCache

// textCache is safe for use by many goroutines.
type textCache struct {
	mu   sync.Mutex
	kept map[string]*handlebars.Template
	size int // of the texts
}

// parse is parse, for a text that was parsed before without the work. What is
// wrong with a text is found each time.
func (c *textCache) parse(text string) (*handlebars.Template, error) {
	c.mu.Lock()
	t, ok := c.kept[text]
	c.mu.Unlock()
	if ok {
		return t, nil
	}
	t, err := parse(text)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || c.size+len(text) > maxParsed {
		c.kept, c.size = map[string]*handlebars.Template{}, 0 // those in use come back at once
	}
	if _, ok := c.kept[text]; !ok {
		c.kept[text] = t
		c.size += len(text)
	}
	return t, nil
}
