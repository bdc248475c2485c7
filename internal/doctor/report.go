package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Report is what an examination found.
type Report struct {
	OK       bool      `json:"ok"` // nothing failed
	Failed   int       `json:"failed"`
	Warnings int       `json:"warnings"`
	Checks   []Finding `json:"checks"`
}

// count counts, and has each finding stand in one line, whatever a driver said.
func (r *Report) count() {
	for i, f := range r.Checks {
		r.Checks[i].Said = strings.Join(strings.Fields(f.Said), " ")
		switch f.State {
		case Failed:
			r.Failed++
		case Warning:
			r.Warnings++
		}
	}
	r.OK = r.Failed == 0
}

// Err is nil when nothing failed.
func (r Report) Err() error {
	switch r.Failed {
	case 0:
		return nil
	case 1:
		return errors.New("one check failed")
	}
	return fmt.Errorf("%d checks failed", r.Failed)
}

// Write writes the report for people: a line for each finding, and below it
// what to do.
func (r Report) Write(w io.Writer) error {
	width := 0
	for _, f := range r.Checks {
		width = max(width, len(f.Check))
	}
	var b strings.Builder
	for _, f := range r.Checks {
		fmt.Fprintf(&b, "%-7s  %-*s  %s\n", f.State, width, f.Check, f.Said)
		if f.Advice != "" {
			fmt.Fprintf(&b, "%-7s  %-*s  -> %s\n", "", width, "", f.Advice)
		}
	}
	if r.Failed+r.Warnings == 0 {
		b.WriteString("\nEverything is in order.\n")
	} else {
		fmt.Fprintf(&b, "\n%d failed, %d to be warned of.\n", r.Failed, r.Warnings)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON writes the report for programs.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}
