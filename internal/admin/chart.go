package admin

import (
	"time"

	"cartwright/internal/recovery"
)

// chart is two bars for each day: how often carts were left, and how many of
// such carts were ordered. Its size is that of the drawing, which the page
// stretches; so all text stands beside it.
type chart struct {
	Days          []chartDay
	Width, Height int
	Top           int64 // the largest number
	First, Last   time.Time
}

type chartDay struct {
	Day           time.Time
	Left, Ordered int64
	LeftBar       bar
	OrderedBar    bar
}

type bar struct{ X, Y, Width, Height int }

// The sizes of a chart.
const (
	dayWidth    = 24
	barWidth    = 9
	chartHeight = 160
)

// chartOf draws a report that is grouped by day: each day of its time, also
// those on which nothing happened.
func chartOf(r recovery.Report) chart {
	byDay := map[time.Time]recovery.Figures{}
	for _, g := range r.Groups {
		byDay[g.Day] = g.Figures
	}
	c := chart{Height: chartHeight, First: r.Filter.From, Top: 1}
	for d := r.Filter.From; d.Before(r.Filter.To); d = d.AddDate(0, 0, 1) {
		n := byDay[d].Counts
		day := chartDay{Day: d, Left: n[recovery.CountAbandoned], Ordered: n[recovery.CountConverted]}
		c.Days, c.Last, c.Top = append(c.Days, day), d, max(c.Top, day.Left, day.Ordered)
	}
	c.Width = dayWidth * len(c.Days)
	for i := range c.Days {
		d := &c.Days[i]
		d.LeftBar = c.bar(i*dayWidth+2, d.Left)
		d.OrderedBar = c.bar(i*dayWidth+2+barWidth+1, d.Ordered)
	}
	return c
}

func (c *chart) bar(x int, n int64) bar {
	height := int(n * chartHeight / c.Top)
	if n > 0 {
		height = max(height, 2)
	}
	return bar{x, chartHeight - height, barWidth, height}
}
