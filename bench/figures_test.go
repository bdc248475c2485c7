package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func testReport() report {
	rows := []row{
		compare("POST item", "per s", []float64{12_345}, []float64{20_575}, "group commit", atLeast(0.6)),
		compare("POST item", "per s", []float64{12_345}, []float64{30_000}, "something else", nil),
		compare("POST item, p99", "ms", []float64{6.5}, []float64{4}, "group commit, p99", atMost(1.5)),
		plain("mails", "per s", 1_234_567, atLeast(500)),
		beside("memory idle", "MiB", 31.4, 20, atMost(40)),
		compare("POST item", "per s", []float64{3_000}, []float64{6_000}, "pgx read + swap, no server", atLeast(0.6)),
		compare("<GET>", "per s", []float64{3_000}, []float64{6_000}, "a & b", nil),
	}
	for i := range rows {
		rows[i].Engine = "sqlite"
		if i >= 5 {
			rows[i].Engine = "postgres"
		}
	}
	return report{Commit: "abc", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), CPUs: 2, CPU: "Some CPU", Go: "go1.26", System: "linux/amd64",
		Clients: 32, Rounds: 5, Seconds: 1, result: result{Rows: rows, Engines: []engineVersion{{"sqlite", "3.5"}, {"postgres", "15.1"}}}}
}

func TestReadme(t *testing.T) {
	rep := testReport()
	const before, after = "# Title\n\n", "\nmore\n"
	got, err := rep.readme([]byte(before + readmeBegin + "what stood there\n" + readmeEnd + after))
	if err != nil {
		t.Fatal(err)
	}
	want := before + readmeBegin +
		"4 March 2026, commit abc, 2 CPUs (Some CPU), linux/amd64, go1.26, SQLite 3.5, PostgreSQL 15.1, 32 clients, medians of 5 rounds of 1 s.\n\n" +
		"| | SQLite | PostgreSQL |\n|---|---|---|\n" +
		"| POST item | **12,345 / s**, 0.60 × group commit (20,575); goal ≥ 0.6 | **3,000 / s**, 0.50 × pgx read + swap, no server (6,000); goal ≥ 0.6, missed |\n" +
		"| POST item, p99 | **6.500 ms**, 1.62 × group commit, p99 (4.000); goal ≤ 1.5, missed | |\n" +
		"| mails | **1,234,567 / s**; goal ≥ 500 | |\n" +
		"| memory idle | **31.4 MiB**; goal ≤ 40 | |\n" +
		"| <GET> | | **3,000 / s**, 0.50 × a & b (6,000) |\n\n" +
		readmeEnd + after
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	again, err := rep.readme(got)
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("a second time it is\n%s (%v)", again, err)
	}
}

func TestReadmeRefuses(t *testing.T) {
	partial := testReport()
	partial.Only = []string{"sqlite"}
	place := readmeBegin + readmeEnd
	tests := map[string]struct {
		rep  report
		text string
	}{
		"a part of the programme": {partial, place},
		"nothing measured":        {report{}, place},
		"no place":                {testReport(), "# Title\n"},
		"a place without an end":  {testReport(), readmeBegin},
		"two places":              {testReport(), place + place},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if text, err := tt.rep.readme([]byte(tt.text)); err == nil {
				t.Errorf("wrote %q", text)
			}
		})
	}
}

// shape is an element of the picture.
type shape struct {
	name, class, text string
	size, x1, y1, y2  float64
}

func readShapes(t *testing.T, drawing []byte) (shapes []shape) {
	t.Helper()
	in := xml.NewDecoder(bytes.NewReader(drawing))
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return shapes
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			s := shape{name: token.Name.Local}
			for _, a := range token.Attr {
				number, _ := strconv.ParseFloat(a.Value, 64)
				switch a.Name.Local {
				case "class":
					s.class = a.Value
				case "x1":
					s.x1 = number
				case "y1":
					s.y1 = number
				case "y2":
					s.y2 = number
				case "width":
					s.size = number
				}
			}
			shapes = append(shapes, s)
		case xml.CharData:
			if len(shapes) > 0 {
				shapes[len(shapes)-1].text += string(token)
			}
		}
	}
}

// Each row with a goal has a bar as long as it did well and a mark where the
// goal is, on the scale of its panel.
func TestPicture(t *testing.T) {
	drawing, err := testReport().picture()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var bars, goals []shape
	for _, s := range readShapes(t, drawing) {
		switch {
		case s.name == "text" && strings.TrimSpace(s.text) != "":
			got = append(got, strings.TrimSpace(s.text))
		case s.class == "reached" || s.class == "missed":
			bars = append(bars, s)
		case s.class == "goal":
			goals = append(goals, s)
		}
	}
	want := []string{
		"Cartwright beside bare servers and databases, in one run",
		"The line is the goal: green bars reach it, orange ones do not. 4 March 2026, commit abc.",
		"More is better", "POST item · SQLite", "0.60, goal ≥ 0.6", "mails · SQLite", "1,234,567 / s, goal ≥ 500", "POST item · PostgreSQL", "0.50, goal ≥ 0.6",
		"Less is better", "POST item, p99 · SQLite", "1.62, goal ≤ 1.5",
		"What it takes of its limit", "memory idle · SQLite", "31.4 MiB, goal ≤ 40",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(bars) != 5 || len(goals) != 5 {
		t.Fatalf("%d bars and %d goals", len(bars), len(goals))
	}
	for i, want := range []struct {
		class        string
		length, goal float64
	}{{"reached", 0.6, 0.6}, {"reached", 1_234_567.0 / 500, 1}, {"missed", 0.5, 0.6}, {"missed", 1.625, 1.5}, {"reached", 31.4 / 40, 1}} {
		if bars[i].class != want.class {
			t.Errorf("bar %d is %s", i, bars[i].class)
		}
		if height := goals[i].y2 - goals[i].y1; height != 20 {
			t.Errorf("the mark of bar %d is %g high", i, height)
		}
		if length, goal := bars[i].size, goals[i].x1-barsFrom; length > barsTo-barsFrom+0.1 || goal > barsTo-barsFrom+0.1 || math.Abs(goal*want.length-length*want.goal) > 0.1*want.length {
			t.Errorf("bar %d is %.1f long with its goal at %.1f", i, length, goal)
		}
	}
	if _, err := (report{}).picture(); err == nil {
		t.Error("nothing is drawn without an error")
	}
}

// What is kept comes back as it was, and everything is made of it.
func TestKeep(t *testing.T) {
	dir := t.TempDir()
	cfg := config{json: filepath.Join(dir, "r.json"), picture: filepath.Join(dir, "p.svg"), readme: filepath.Join(dir, "README.md")}
	if err := os.WriteFile(cfg.readme, []byte(readmeBegin+readmeEnd), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := testReport().keep(cfg); err != nil {
		t.Fatal(err)
	}
	first := map[string]string{}
	for _, file := range []string{cfg.json, cfg.picture, cfg.readme} {
		text, err := os.ReadFile(file)
		if err != nil || len(text) == 0 {
			t.Fatalf("%s: %d bytes, %v", file, len(text), err)
		}
		first[file] = string(text)
	}
	cfg.from = cfg.json
	if err := run(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	for file, want := range first {
		if text, err := os.ReadFile(file); err != nil || string(text) != want {
			t.Errorf("from the result %s is\n%s\nwant\n%s (%v)", file, text, want, err)
		}
	}
}

func TestThousands(t *testing.T) {
	for v, want := range map[float64]string{0.5: "0.500", 12.34: "12.3", 999: "999", 1000: "1,000", 123_456: "123,456", 1_234_567: "1,234,567"} {
		if got := thousands(v); got != want {
			t.Errorf("%g is %q, want %q", v, got, want)
		}
	}
}

func TestParseCPUModel(t *testing.T) {
	if got := parseCPUModel("processor\t: 0\nmodel\t\t: 1\nmodel name\t: Some CPU: fast\nflags\t: x\n"); got != "Some CPU: fast" {
		t.Errorf("got %q", got)
	}
	if got := parseCPUModel("processor\t: 0\n"); got != "" {
		t.Errorf("got %q", got)
	}
}
