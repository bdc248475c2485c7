package demo

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Progress tells how far the history of a store is.
type Progress struct {
	out  io.Writer
	from time.Duration
	bar  *progressbar.ProgressBar // for a terminal
}

// NewProgress begins to tell of a history from an offset of the clock to the
// present. terminal says that a person is looking.
func NewProgress(out io.Writer, terminal bool, from time.Duration) *Progress {
	const aDay = 24 * time.Hour
	p := &Progress{out: out, from: from}
	text := fmt.Sprintf("Living the last %d days of the store", (-from+aDay-1)/aDay)
	if !terminal {
		p.say(text + ".")
		return p
	}
	p.bar = progressbar.NewOptions64(int64(-from/time.Hour), progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(text),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(false))
	return p
}

func (p *Progress) say(text string) { _, _ = fmt.Fprintln(p.out, text) }

// At says where the clock is by now.
func (p *Progress) At(offset time.Duration) {
	if p.bar != nil {
		_ = p.bar.Set64(int64((offset - p.from) / time.Hour))
	}
}

// Pause makes room for what the demo says when it opens.
func (p *Progress) Pause() {
	if p.bar != nil {
		_ = p.bar.Exit()
		p.bar = nil
	}
	p.say("The store opens now; the rest of its history goes on beside that.")
}

// Done says that the clock shows the present.
func (p *Progress) Done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
	p.say("The history of the store is complete: its clock shows the present.")
}
