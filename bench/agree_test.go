package main

import (
	"bytes"
	"os"
	"testing"
)

// README.md and the picture are of the result that is kept beside them.
func TestREADMEAgrees(t *testing.T) {
	rep, err := loadReport("../docs/bench.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want, err := rep.readme(text); err != nil || !bytes.Equal(text, want) {
		t.Errorf("README.md is not of docs/bench.json (%v): make bench-keep", err)
	}
	text, err = os.ReadFile("../docs/pictures/speed.svg")
	if err != nil {
		t.Fatal(err)
	}
	if want, err := rep.picture(); err != nil || !bytes.Equal(text, want) {
		t.Errorf("docs/pictures/speed.svg is not of docs/bench.json (%v): make bench-keep", err)
	}
}
