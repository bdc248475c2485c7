package app

import (
	"cmp"
	"context"
	"time"

	"cartwright/internal/clock"
	"cartwright/internal/demo"
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
	p := demo.NewProgress(out.Err, out.Terminal, a.Clock.Offset())
	machine := clock.Real{}
	begun, patience := machine.Now(), cmp.Or(a.Config.patience, historyPatience)
	for a.Clock.Offset() < 0 {
		if machine.Now().Sub(begun) > patience {
			p.Pause()
			a.beside = append(a.beside, func(ctx context.Context) { a.liveOn(ctx, p) })
			return nil
		}
		if err := a.liveStep(ctx, p); err != nil {
			return err
		}
	}
	p.Done()
	return nil
}

// liveOn lives the rest of a history.
func (a *App) liveOn(ctx context.Context, p *demo.Progress) {
	for a.Clock.Offset() < 0 {
		if err := a.liveStep(ctx, p); err != nil {
			if ctx.Err() == nil {
				a.Config.Log.Error("the history of the demo stops here; it goes on when the demo is started again", "error", err)
			}
			return
		}
	}
	p.Done()
}

func (a *App) liveStep(ctx context.Context, p *demo.Progress) error {
	err := a.Wind(ctx, min(historyStep, -a.Clock.Offset()))
	p.At(a.Clock.Offset())
	return err
}
