package recovery

import (
	_ "embed" // the default mail
	"encoding/json"
	"slices"
	"sync"
)

//go:embed default/body.html
var defaultBody string

//go:embed default/words.json
var defaultWords []byte

// defaultSubject is in the words of the shopper's language, as the rest is.
const defaultSubject = "{{lang 'subject' shop=store.name}}"

// DefaultText is the mail that a merchant can start from (spec/03 §2). It is
// the caller's own.
func DefaultText() Text {
	t := Text{Subject: defaultSubject, Body: defaultBody}
	if err := json.Unmarshal(defaultWords, &t.Translations); err != nil {
		panic(err) // the file is part of the program
	}
	return t
}

// defaultMinutes are when the mails of a new store go out: after an hour, a
// day and two days.
var defaultMinutes = []int64{60, 1440, 2880}

// DefaultSet is the set of a store that has not written one yet: three active
// mails, numbered from 1. It is shown from here until the first change of any
// template, which stores it with these numbers.
func DefaultSet() []Template {
	set := make([]Template, len(defaultMinutes))
	for i, minutes := range defaultMinutes {
		set[i] = Template{ID: int64(i + 1), Active: true, Minutes: minutes, Text: DefaultText()}
	}
	return set
}

// sharedDefaultSet is the default set for those who only read it.
var sharedDefaultSet = sync.OnceValue(DefaultSet)

// byMinutes puts templates into the order in which they go out.
func byMinutes(set []Template) {
	slices.SortStableFunc(set, func(a, b Template) int { return int(a.Minutes - b.Minutes) })
}
