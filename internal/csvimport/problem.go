package csvimport

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxProblems bounds how many problems are listed; the others are counted.
const MaxProblems = 50

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line   int
	Column string // the name of the column; "" means the row as a whole
	Text   string // what is wrong and what to write instead
}

// String writes the problem as it is told.
func (p Problem) String() string {
	if p.Column == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return fmt.Sprintf("line %d, %s: %s", p.Line, p.Column, p.Text)
}

// Problems is the error of a file that cannot be imported.
type Problems struct {
	List []Problem
	More int // beyond MaxProblems
}

// Error lists the problems, one a line.
func (p Problems) Error() string {
	var b strings.Builder
	n := len(p.List) + p.More
	if n == 1 {
		b.WriteString("1 problem; nothing was imported:")
	} else {
		fmt.Fprintf(&b, "%d problems; nothing was imported:", n)
	}
	for _, one := range p.List {
		b.WriteString("\n  " + one.String())
	}
	if p.More > 0 {
		fmt.Fprintf(&b, "\n  … and %d more", p.More)
	}
	return b.String()
}

func (p *Problems) add(line int, column, text string) {
	if len(p.List) >= MaxProblems {
		p.More++
		return
	}
	p.List = append(p.List, Problem{line, column, text})
}

// sorted returns the problems in the order of their lines.
func (p *Problems) sorted() Problems {
	slices.SortStableFunc(p.List, func(a, b Problem) int { return a.Line - b.Line })
	return *p
}

// shorten cuts a value that goes into a message.
func shorten(s string) string {
	const most = 40
	s = strings.ToValidUTF8(s, "�")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
