package app

import (
	"context"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"cartwright/internal/fault"
)

// Stops is what /readyz answers of a server that was told to stop.
const Stops = "this server stops\n"

// operate adds what whoever runs the server needs: health, readiness, metrics.
func (a *App) operate(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if a.stopping.Load() {
			w.Header().Set("Connection", "close") // as parting does, if it was a moment earlier
			plain(w, http.StatusServiceUnavailable, Stops)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := a.DB.Ping(ctx); err != nil {
			if !fault.IsOutage(err) && r.Context().Err() == nil { // whoever asked may have gone
				a.Config.Log.Warn("not ready", "error", err)
			}
			plain(w, http.StatusServiceUnavailable, "the database does not answer\n")
			return
		}
		plain(w, http.StatusOK, "ok\n")
	})
	metrics.ExposeMetadata(true) // # TYPE lines; a switch of the whole process
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		a.Registry.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
	})
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
