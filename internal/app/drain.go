package app

import (
	"context"
	"net/http"
	"time"
)

// drain lets a load balancer notice that this server stops, before it does: for
// a while /readyz says so, everything else is answered as ever, and each answer
// ends its connection. Without that, requests meet a connection that the stopping
// server has just closed, and nobody knows whether they were carried out.
func (a *App) drain(ctx context.Context, failed <-chan error) error {
	if a.Config.Drain <= 0 {
		return nil
	}
	a.stopping.Store(true)
	a.Config.Log.Info("draining: /readyz answers 503 and requests are still answered", "for", a.Config.Drain.String())
	over := time.NewTimer(a.Config.Drain)
	defer over.Stop()
	select {
	case <-over.C:
		return nil
	case err := <-failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// parting ends the connections of a server that stops, with their answers.
func (a *App) parting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.stopping.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
