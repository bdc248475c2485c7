package jsontext

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cartwright/internal/money"
)

// Reader reads back what an Object wrote: members in the order in which they
// were written, each of which may be missing, and no white space. What it reads
// it reads as encoding/json would. At anything else, be it another way to write
// JSON or none at all, it stops for good, leaves the rest as it is, and Done
// says so: then encoding/json has the word.
//
//	r := jsontext.Read(doc)
//	r.Open()
//	r.String("id", &c.ID)
//	r.Int("version", &c.Version)
//	r.Close()
//	if !r.Done() { … }
//
// The strings that it returns are parts of the text, so they keep all of it in
// memory, unless Clone is called for.
type Reader struct {
	text  string
	pos   int
	first bool // nothing has been read yet of the object or array
	bad   bool
}

// deepest bounds how deep Part looks.
const deepest = 100

// Read begins to read a text.
func Read(text string) Reader { return Reader{text: text} }

// Done reports whether the whole text has been read.
func (r *Reader) Done() bool { return !r.bad && r.pos == len(r.text) }

// Open begins an object.
func (r *Reader) Open() { r.begin('{') }

// Close ends the object: nothing may be left in it.
func (r *Reader) Close() {
	if r.accept('}') {
		r.first = false
	} else {
		r.stop()
	}
}

// Object begins an object that is a member, if it is there.
func (r *Reader) Object(name string) bool { return r.key(name) && r.begin('{') }

// Array begins an array that is a member, if it is there. Each value of it is to
// be read after Next has returned true.
func (r *Reader) Array(name string) bool { return r.key(name) && r.begin('[') }

// Next reports whether the array goes on.
func (r *Reader) Next() bool {
	if r.accept(']') {
		r.first = false
		return false
	}
	if !r.first && !r.accept(',') {
		r.stop()
	}
	return !r.bad
}

// String reads a member.
func (r *Reader) String(name string, v *string) {
	if r.key(name) {
		*v = r.value()
	}
}

// Int reads a member.
func (r *Reader) Int(name string, v *int64) {
	if !r.key(name) {
		return
	}
	from := r.pos
	r.accept('-')
	if r.accept('0') { // which no digit may follow
		return
	}
	for r.pos < len(r.text) && r.text[r.pos] >= '0' && r.text[r.pos] <= '9' {
		r.pos++
	}
	n, err := strconv.ParseInt(r.text[from:r.pos], 10, 64)
	if err != nil {
		r.stop()
		return
	}
	*v = n
}

// Amount reads a member.
func (r *Reader) Amount(name string, v *money.Amount) bool {
	if !r.key(name) {
		return false
	}
	a, n := money.Read(r.text[r.pos:])
	if n == 0 {
		r.stop()
		return false
	}
	r.pos += n
	*v = a
	return true
}

// True reads a member that is only written when it is true.
func (r *Reader) True(name string, v *bool) {
	const yes = "true"
	switch {
	case !r.key(name):
	case strings.HasPrefix(r.text[r.pos:], yes):
		r.pos += len(yes)
		*v = true
	default:
		r.stop()
	}
}

// Time reads a member, a time in UTC as AppendTime writes it in the layout
// RFC3339 or RFC3339Nano.
func (r *Reader) Time(name string, v *time.Time) {
	if !r.key(name) {
		return
	}
	from := r.pos
	if _, plain := r.skipString(); !plain || r.bad { // encoding/json gives a time its text as it stands
		r.stop()
		return
	}
	s := r.text[from+1 : r.pos-1]
	// time.Parse is more lenient than time.Time.UnmarshalJSON may one day be: no
	// text may come this far that only one of them reads.
	const second = len("2006-01-02T15:04:05")
	if len(s) <= second || s[len("2006-01-02T15")] != ':' || s[len(s)-1] != 'Z' || s[second] != '.' && s[second] != 'Z' {
		r.stop()
		return
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		r.stop()
		return
	}
	*v = t
}

// Part has encoding/json read a member that is an object or an array.
func (r *Reader) Part(name string, v any) {
	if !r.key(name) {
		return
	}
	from := r.pos
	r.skipPart()
	if r.bad || json.Unmarshal([]byte(r.text[from:r.pos]), v) != nil {
		r.stop()
	}
}

// skipPart goes behind what is an object or an array if it is JSON at all.
func (r *Reader) skipPart() {
	if !r.accept('{') && !r.accept('[') {
		r.stop()
	}
	for depth := 1; r.pos < len(r.text) && depth <= deepest; {
		switch r.text[r.pos] {
		case '"':
			r.skipString()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if r.pos++; depth == 0 {
			return
		}
	}
	r.stop()
}

// key goes to the value of a member, if the member is what comes next.
func (r *Reader) key(name string) bool {
	rest := r.text[r.pos:]
	if !r.first {
		if rest == "" || rest[0] != ',' {
			return false
		}
		rest = rest[1:]
	}
	n := len(name) + len(`"":`)
	if len(rest) < n || rest[0] != '"' || rest[1:n-2] != name || rest[n-2] != '"' || rest[n-1] != ':' {
		return false
	}
	r.pos = len(r.text) - len(rest) + n
	r.first = false
	return true
}

func (r *Reader) begin(c byte) bool {
	if !r.accept(c) {
		r.stop()
	}
	r.first = !r.bad
	return !r.bad
}

func (r *Reader) accept(c byte) bool {
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

// stop has every further call find nothing.
func (r *Reader) stop() {
	r.bad, r.first = true, false
	r.pos = len(r.text)
}

// value reads a string.
func (r *Reader) value() string {
	from := r.pos
	ascii, plain := r.skipString()
	if r.bad {
		return ""
	}
	quoted := r.text[from:r.pos]
	if s := quoted[1 : len(quoted)-1]; plain && (ascii || utf8.ValidString(s)) {
		return s
	}
	var s string
	if json.Unmarshal([]byte(quoted), &s) != nil {
		r.stop()
	}
	return s
}

// skipString goes behind a string and reports whether it is all ASCII, and
// without a backslash.
func (r *Reader) skipString() (ascii, plain bool) {
	ascii, plain = true, true
	if !r.accept('"') {
		r.stop()
		return
	}
	for i := r.pos; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.pos = i + 1
			return
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			r.stop()
			return
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	r.stop()
	return
}
