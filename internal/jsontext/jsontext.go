// Package jsontext appends JSON by hand, for the few values that are written
// on every request: carts in answers and carts in the database, which it reads
// as well. Everything else uses encoding/json.
package jsontext

import (
	"encoding/json"
	"strconv"
	"time"
)

// AppendString writes a JSON string. Text that needs no escaping, which is
// nearly all, is copied; the rest is left to encoding/json.
func AppendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			quoted, err := json.Marshal(s)
			if err != nil { // a string always can be
				return append(b, `""`...)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// AppendTime writes a time in UTC in this layout as a JSON string.
func AppendTime(b []byte, t time.Time, layout string) []byte {
	b = t.UTC().AppendFormat(append(b, '"'), layout)
	return append(b, '"')
}

// Object writes the members of a JSON object one by one. Its methods that are
// named for Go's omitempty leave zero values out.
type Object struct {
	buf   []byte
	begun bool
}

// Open begins an object behind what b holds.
func Open(b []byte) Object { return Object{buf: append(b, '{')} }

// Close ends the object and returns everything written.
func (o *Object) Close() []byte { return append(o.buf, '}') }

// Key writes a member's name and returns the buffer to append its value to;
// Done takes it back.
func (o *Object) Key(name string) []byte {
	if o.begun {
		o.buf = append(o.buf, ',')
	}
	o.begun = true
	o.buf = append(append(append(o.buf, '"'), name...), '"', ':')
	return o.buf
}

// Done takes the buffer back that Key gave out.
func (o *Object) Done(b []byte) { o.buf = b }

// String writes a member.
func (o *Object) String(name, v string) { o.Done(AppendString(o.Key(name), v)) }

// StringOmit writes a member unless it is empty.
func (o *Object) StringOmit(name, v string) {
	if v != "" {
		o.String(name, v)
	}
}

// Int writes a member.
func (o *Object) Int(name string, v int64) { o.Done(strconv.AppendInt(o.Key(name), v, 10)) }

// IntOmit writes a member unless it is zero.
func (o *Object) IntOmit(name string, v int64) {
	if v != 0 {
		o.Int(name, v)
	}
}

// TrueOmit writes a member if it is true.
func (o *Object) TrueOmit(name string, v bool) {
	if v {
		o.Done(append(o.Key(name), "true"...))
	}
}
