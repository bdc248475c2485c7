package app

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"cartwright/internal/clock"
	"cartwright/internal/human"
)

// lineEvery is how often a long copy says where it is when nobody looks.
const lineEvery = 10 * time.Second

// copyProgress tells how a copy goes on: a bar on a terminal, lines elsewhere.
type copyProgress struct {
	Output

	clock clock.Clock
	bar   *progressbar.ProgressBar // for a terminal
	total int64
	done  int64
	said  time.Time

	doing, table string
	rows         int64
}

// Begin implements sqlstore.CopyProgress.
func (p *copyProgress) Begin(rows int64, served bool) {
	if served {
		p.line("WARNING: a server works on the source. What it writes from now on will be missing from the copy. Stop all servers, and copy again.")
	}
	p.total, p.said = rows, p.clock.Now()
	if p.Terminal {
		p.bar = progressbar.NewOptions64(rows, progressbar.OptionSetWriter(p.Err), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond))
	}
}

// Table implements sqlstore.CopyProgress.
func (p *copyProgress) Table(doing, table string, rows int64) {
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%-9s %-18s", doing, table))
		return
	}
	if doing != p.doing {
		p.line("%s.", doing)
	}
	p.doing, p.table, p.rows = doing, table, rows
}

// Done implements sqlstore.CopyProgress.
func (p *copyProgress) Done(rows int) {
	p.done += int64(rows)
	if p.bar != nil {
		_ = p.bar.Add(rows)
		return
	}
	if now := p.clock.Now(); now.Sub(p.said) >= lineEvery {
		p.said = now
		p.line("%s %s (%s), %d%% of everything is done.", p.doing, p.table, human.Count(p.rows, "row"), 100*p.done/max(p.total, 1))
	}
}

// end takes the bar away.
func (p *copyProgress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

func (p *copyProgress) line(format string, args ...any) {
	_, _ = fmt.Fprintf(p.Err, format+"\n", args...)
}
