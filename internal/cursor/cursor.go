// Package cursor describes one part of a list that is ordered by id and may be
// longer than one answer: by number, or by the entry it stands next to
// (spec/00 §6).
package cursor

// Range is which part of a list is wanted.
type Range struct {
	// After and Before are ids, 0 for none; at most one is set. The entries
	// wanted stand behind After in the order of the list, nearest first, or in
	// front of Before, again the nearest. Offset then does not count.
	After, Before int64
	// Falling says that the list runs from the largest id to the smallest.
	Falling bool
	// Offset is how many entries of the list come before the part.
	Offset int64
	// Limit is how many entries the part may have.
	Limit int
}

// HasCursor reports whether the part is wanted by an entry next to it.
func (r Range) HasCursor() bool { return r.After != 0 || r.Before != 0 }

// Part is a part of a list.
type Part[T any] struct {
	// Entries are in the order of the list.
	Entries []T
	// Total is the length of the whole list. It is not counted for a part that
	// was wanted by a cursor.
	Total int64
	// Earlier and Later say whether entries stand before and behind the part.
	Earlier, Later bool
}
