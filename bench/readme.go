package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What stands between these marks in README.md is written by this program.
const (
	readmeBegin = "<!-- speed: make bench-keep writes what follows -->\n"
	readmeEnd   = "<!-- speed ends -->\n"
)

// readme puts the figures of a report into the text of README.md.
func (rep report) readme(text []byte) ([]byte, error) {
	if err := rep.complete(); err != nil {
		return nil, err
	}
	before, rest, begins := bytes.Cut(text, []byte(readmeBegin))
	_, after, ends := bytes.Cut(rest, []byte(readmeEnd))
	if !begins || !ends {
		return nil, fmt.Errorf("there is no place for the figures: it is between the lines %q and %q",
			strings.TrimSpace(readmeBegin), strings.TrimSpace(readmeEnd))
	}
	if bytes.Contains(after, []byte(readmeBegin)) {
		return nil, errors.New("there is more than one place for the figures")
	}
	return slices.Concat(before, []byte(readmeBegin), []byte(rep.markdown()), []byte(readmeEnd), after), nil
}

// markdown is a line for each thing that is measured, with a column for each
// engine.
func (rep report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\n", rep.headline())
	b.WriteString("|")
	var names []string
	cells := map[[2]string]string{}
	for _, r := range rep.Rows {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
		// The first is what it is held against; others are for whoever looks at
		// the table of the program.
		if key := [2]string{r.Name, r.Engine}; cells[key] == "" {
			cells[key] = r.markdown()
		}
	}
	all := engines()
	for _, e := range all {
		b.WriteString(" | " + title(e.name))
	}
	b.WriteString(" |\n|---|" + strings.Repeat("---|", len(all)) + "\n")
	for _, name := range names {
		b.WriteString("| " + name)
		for _, e := range all {
			b.WriteString(" |")
			if cell := cells[[2]string{name, e.name}]; cell != "" {
				b.WriteString(" " + cell)
			}
		}
		b.WriteString(" |\n")
	}
	b.WriteString("\n")
	return b.String()
}

func (r row) markdown() string {
	text := "**" + thousands(r.Value) + " " + unit(r.Unit) + "**"
	if r.Ratio != nil {
		text += fmt.Sprintf(", %.2f × %s (%s)", r.Ratio.Median, r.ReferenceName, thousands(*r.Reference))
	}
	if r.Goal == nil {
		return text
	}
	text += "; goal " + r.Goal.text()
	if !*r.Reached {
		text += ", missed"
	}
	return text
}

// headline says what was measured, where and how.
func (rep report) headline() string {
	changed := ""
	if rep.Modified {
		changed = " with changes"
	}
	parts := []string{rep.Time.Format("2 January 2006"), "commit " + rep.Commit + changed, rep.machine()}
	for _, e := range rep.Engines {
		parts = append(parts, title(e.Name)+" "+e.Version)
	}
	parts = append(parts, fmt.Sprintf("%d clients", rep.Clients), fmt.Sprintf("medians of %d rounds of %g s", rep.Rounds, rep.Seconds))
	return strings.Join(parts, ", ")
}

// title is an engine's name for readers.
func title(engine string) string {
	switch engine {
	case "sqlite":
		return "SQLite"
	case "postgres":
		return "PostgreSQL"
	}
	return engine
}

func unit(u string) string {
	if u == "per s" {
		return "/ s"
	}
	return u
}

func (g goal) text() string {
	sign := "≤"
	if g.Sign == ">=" {
		sign = "≥"
	}
	return fmt.Sprintf("%s %g", sign, g.Limit)
}

// thousands is a figure that nobody has to count the digits of.
func thousands(v float64) string {
	text := figure(v)
	if v < 1000 {
		return text
	}
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
