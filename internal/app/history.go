package app

import (
	"context"
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"cartwright/internal/clock"
)

const (
	day = 24 * time.Hour
	// historyDays is how long a new demo has been open for (decisions 27).
	historyDays = 60
	// historyPatience is how long the demo waits for its history before it opens
	// its doors all the same, in real time.
	historyPatience = 12 * time.Second
	// historyStep is what is lived between two looks at the machine's clock.
	historyStep = 12 * time.Hour
)

// liveHistory winds the clock of a new demo from its beginning to the present,
// with shoppers who come meanwhile: what the store has behind it was done by its
// own engine. A history that was interrupted goes on where it was. When it takes
// long, the rest is lived beside the requests.
func (a *App) liveHistory(ctx context.Context, out DemoOutput) error {
	if a.Clock.Offset() >= 0 {
		return nil
	}
	p := newProgress(a.Clock.Offset(), out)
	machine := clock.Real{}
	begun := machine.Now()
	for a.Clock.Offset() < 0 {
		if machine.Now().Sub(begun) > historyPatience {
			p.pause()
			a.beside = append(a.beside, func(ctx context.Context) { a.liveOn(ctx, p) })
			return nil
		}
		if err := a.liveStep(ctx, p); err != nil {
			return err
		}
	}
	p.done()
	return nil
}

// liveOn lives the rest of a history.
func (a *App) liveOn(ctx context.Context, p *progress) {
	for a.Clock.Offset() < 0 {
		if err := a.liveStep(ctx, p); err != nil {
			if ctx.Err() == nil {
				a.Config.Log.Error("the history of the demo stops here; it goes on when the demo is started again", "error", err)
			}
			return
		}
	}
	p.done()
}

func (a *App) liveStep(ctx context.Context, p *progress) error {
	err := a.Wind(ctx, min(historyStep, -a.Clock.Offset()))
	p.at(a.Clock.Offset())
	return err
}

// progress tells how far a history is.
type progress struct {
	DemoOutput
	from time.Duration
	bar  *progressbar.ProgressBar // for a terminal
}

func newProgress(from time.Duration, out DemoOutput) *progress {
	p := &progress{DemoOutput: out, from: from}
	text := fmt.Sprintf("Living the last %d days of the store", (-from+day-1)/day)
	if !out.Terminal {
		p.say(text + ".")
		return p
	}
	p.bar = progressbar.NewOptions64(int64(-from/time.Hour), progressbar.OptionSetWriter(out.Err), progressbar.OptionSetDescription(text),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(false))
	return p
}

func (p *progress) say(text string) { _, _ = fmt.Fprintln(p.Err, text) }

func (p *progress) at(offset time.Duration) {
	if p.bar != nil {
		_ = p.bar.Set64(int64((offset - p.from) / time.Hour))
	}
}

// pause makes room for what the demo says when it opens.
func (p *progress) pause() {
	if p.bar != nil {
		_ = p.bar.Exit()
		p.bar = nil
	}
	p.say("The store opens now; the rest of its history goes on beside that.")
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
	p.say("The history of the store is complete: its clock shows the present.")
}
