package httpapi

import (
	"bytes"
	"encoding/json"
)

// keyScope is an object or array that is being read.
type keyScope struct {
	object bool
	key    bool // the next string is a key
	from   int  // where the object's keys begin
	many   map[string]bool
}

// manyKeys is from how many keys on an object is looked up in a map.
const manyKeys = 16

// repeatsKey reports whether an object of a valid JSON text names a property
// twice. Whoever reads such a text after us may take the other one, so it is
// refused rather than guessed at.
func repeatsKey(b []byte) bool {
	var scopeRoom [16]keyScope
	var keyRoom [64][]byte
	scopes, keys := scopeRoom[:0], keyRoom[:0]
	for i := 0; i < len(b); i++ {
		var top *keyScope
		if len(scopes) > 0 {
			top = &scopes[len(scopes)-1]
		}
		switch b[i] {
		case '{', '[':
			scopes = append(scopes, keyScope{object: b[i] == '{', key: b[i] == '{', from: len(keys)})
		case '}', ']':
			keys = keys[:top.from]
			scopes = scopes[:len(scopes)-1]
		case ',':
			top.key = top.object
		case ':':
			top.key = false
		case '"':
			end := stringEnd(b, i+1)
			if top != nil && top.key {
				name := keyName(b[i : end+1])
				if top.repeats(keys[top.from:], name) {
					return true
				}
				keys = append(keys, name)
			}
			i = end
		}
	}
	return false
}

// repeats reports whether name is among the keys of the object so far.
func (s *keyScope) repeats(keys [][]byte, name []byte) bool {
	if len(keys) < manyKeys {
		for _, k := range keys {
			if bytes.Equal(k, name) {
				return true
			}
		}
		return false
	}
	if s.many == nil {
		s.many = make(map[string]bool, 2*manyKeys)
		for _, k := range keys {
			s.many[string(k)] = true
		}
	}
	if s.many[string(name)] {
		return true
	}
	s.many[string(name)] = true
	return false
}

// stringEnd returns where the quote is that ends a string.
func stringEnd(b []byte, i int) int {
	for ; i < len(b) && b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i
}

// keyName returns the name that a quoted key stands for.
func keyName(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var name string
	if json.Unmarshal(quoted, &name) != nil {
		return quoted
	}
	return []byte(name)
}
