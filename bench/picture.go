package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
)

// The picture has a panel for each way in which bars are read, each on a scale
// of its own. A bar is the ratio of its row, or what it takes of its limit, and
// a mark stands where the goal is.
type panel struct {
	title string
	bars  []bar
}

type bar struct {
	label   string
	length  float64
	goal    float64
	figure  string
	reached bool
}

// panels sorts the rows that have a goal.
func panels(rows []row) []panel {
	all := []panel{{title: "More is better"}, {title: "Less is better"}, {title: "What it takes of its limit"}}
	for _, r := range rows {
		if r.Goal == nil {
			continue
		}
		b := bar{label: r.Name + " · " + title(r.Engine), goal: r.Goal.Limit, reached: *r.Reached}
		at := 0
		switch {
		case r.Ratio != nil:
			b.length, b.figure = r.Ratio.Median, fmt.Sprintf("%.2f", r.Ratio.Median)
		default:
			b.length, b.goal, b.figure, at = r.Value/r.Goal.Limit, 1, thousands(r.Value)+" "+unit(r.Unit), 2
		}
		if r.Goal.Sign == ">=" {
			at = 0
		} else if r.Ratio != nil {
			at = 1
		}
		b.figure += ", goal " + r.Goal.text()
		all[at].bars = append(all[at].bars, b)
	}
	return all
}

// Measures of the picture, in pixels.
const (
	pictureWidth = 880
	pictureEdge  = 20
	barsFrom     = 395
	barsTo       = 690
	figuresFrom  = 704
	lineHeight   = 24
)

// pictureStyle has colours for light and dark pages; the background is the
// picture's own, so that it can be read on either.
const pictureStyle = `<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.head { font-weight: 600 }
.soft { fill: #59636e }
.page { fill: #ffffff; stroke: #d1d9e0 }
.reached { fill: #2a7f62 }
.missed { fill: #c4621d }
.goal { stroke: #1f2328; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.soft { fill: #9198a1 }
.page { fill: #0d1117; stroke: #3d444d }
.reached { fill: #3fb68b }
.missed { fill: #f0883e }
.goal { stroke: #f0f6fc }
}
</style>
`

// picture draws a report as SVG.
func (rep report) picture() ([]byte, error) {
	if err := rep.complete(); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	y := pictureEdge + 14
	drawText(&body, pictureEdge, y, "head", "Cartwright beside bare servers and databases, in one run")
	y += lineHeight
	drawText(&body, pictureEdge, y, "soft", "The line is the goal: green bars reach it, orange ones do not. "+rep.Time.Format("2 January 2006")+", commit "+rep.Commit+".")
	for _, p := range panels(rep.Rows) {
		if len(p.bars) == 0 {
			continue
		}
		y += lineHeight + 12
		drawText(&body, pictureEdge, y, "head", p.title)
		scale := (barsTo - barsFrom) / p.longest()
		for _, b := range p.bars {
			y += lineHeight
			b.draw(&body, y, scale)
		}
	}
	height := y + pictureEdge
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img">
<title>How fast Cartwright is: each figure beside its goal</title>
`, pictureWidth, height)
	out.WriteString(pictureStyle)
	fmt.Fprintf(&out, `<rect class="page" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>`+"\n", pictureWidth-1, height-1)
	out.Write(body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes(), nil
}

// longest is where the scale of a panel ends: no goal is off it.
func (p panel) longest() float64 {
	longest := 0.0
	for _, b := range p.bars {
		longest = max(longest, b.length, b.goal)
	}
	return longest
}

func (b bar) draw(to *bytes.Buffer, y int, scale float64) {
	class := "missed"
	if b.reached {
		class = "reached"
	}
	drawText(to, pictureEdge, y, "", b.label)
	fmt.Fprintf(to, `<rect class="%s" x="%d" y="%d" width="%.1f" height="14" rx="2"/>`+"\n", class, barsFrom, y-11, b.length*scale)
	goal := barsFrom + b.goal*scale
	fmt.Fprintf(to, `<line class="goal" x1="%.1f" x2="%.1[1]f" y1="%[2]d" y2="%[3]d"/>`+"\n", goal, y-14, y+6)
	drawText(to, figuresFrom, y, "", b.figure)
}

func drawText(to *bytes.Buffer, x, y int, class, text string) {
	fmt.Fprintf(to, `<text class="%s" x="%d" y="%d">`, class, x, y)
	_ = xml.EscapeText(to, []byte(text)) // a buffer takes everything
	to.WriteString("</text>\n")
}

// complete refuses a report that does not tell the whole story.
func (rep report) complete() error {
	if len(rep.Only) > 0 || len(rep.Rows) == 0 {
		return errors.New("only part of the programme was measured: README and picture are made of a whole run")
	}
	return nil
}
