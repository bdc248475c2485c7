package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/recovery"
	"cartwright/internal/sqlstore"
)

// countRecovery has the metrics count what this server does to bring carts back.
// The counters begin at 0 with each start, as Prometheus expects, and several
// servers of one database add up. They have no label for the store, of which
// there may be any number, and count no money: an order that is cancelled would
// have to be taken back. Both are in the report.
func countRecovery(set *metrics.Set, db *sqlstore.DB, c clock.Clock, log *slog.Logger) {
	for _, name := range []string{"carts_abandoned_total", "clicks_total", "carts_gone_total", "carts_converted_total"} {
		set.NewCounter("cartwright_recovery_" + name) // seen before the first one happens
	}
	db.WhenTallied(func(all []recovery.Tally) {
		for _, n := range all {
			set.GetOrCreateCounter("cartwright_recovery_" + counterOf(n)).Inc()
		}
	})
	// For how long the abandoned cart has waited that waits longest for its mails
	// to be looked at; 0 when nothing is due.
	set.NewGauge("cartwright_recovery_lag_seconds", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), lagTimeout)
		defer cancel()
		lag, err := db.RecoveryLag(ctx, c.Now())
		if err != nil && !fault.IsOutage(err) {
			log.Warn("cannot tell how long mails wait", "error", err)
		}
		return lag.Seconds()
	})
}

// lagTimeout bounds how long an answer of /metrics waits for the database.
const lagTimeout = 2 * time.Second

// counterOf returns the counter, with its labels, of something that was done.
func counterOf(n recovery.Tally) string {
	switch n.Kind {
	case recovery.TallyAbandoned:
		return "carts_abandoned_total"
	case recovery.TallyDecided: // every row of the ledger
		return fmt.Sprintf("mails_total{outcome=%q,reason=%q}", n.Outcome, n.Reason)
	case recovery.TallyClicked: // look-ups of a storefront included
		return "clicks_total"
	case recovery.TallyEnded:
		if n.How.CameBack() {
			return fmt.Sprintf("carts_recovered_total{how=%q}", n.How)
		}
		return "carts_gone_total"
	case recovery.TallyConverted:
		return "carts_converted_total"
	case recovery.TallySold:
		return fmt.Sprintf("orders_total{attribution=%q}", n.Credit)
	}
	return "other_total"
}
