package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cartwright/internal/recovery"
)

// What recovery.Visit.Counts and recovery.End.CameBack say, in a query.
var (
	sqlClicks  = quoted(recovery.Clicks)
	sqlReturns = quoted(recovery.Returns)
)

// A figure is a query for one row for each thing that it counts. The report
// groups these rows, and the list behind a figure shows them: so the two cannot
// disagree. $1 is the store, $2 and $3 bound the time.
//
// Each has at, channel, template, cart_id, episode, order_id, currency, amount
// and discount. A + before a column keeps SQLite from looking the earlier ones
// up by their time, among those of all carts.
var figureRows = map[recovery.Figure]string{
	recovery.CountAbandoned:   episodeRows("e.abandoned", "0", ""),
	recovery.CountWithAddress: episodeRows("e.abandoned", "0", "AND e.address <> ''"),
	recovery.CountRecovered: episodeRows("e.ended", `COALESCE((SELECT s.template FROM episode_steps s WHERE s.store = e.store AND s.episode = e.id
		AND s.state = 'sent' AND +s.claimed <= e.ended ORDER BY +s.claimed DESC, s.template DESC LIMIT 1), 0)`,
		"AND e.how IN "+sqlReturns),
	recovery.CountMails:   stepRows("sent", ""),
	recovery.CountMailed:  stepRows("sent", firstStep),
	recovery.CountHeldOut: stepRows("held_out", firstStep),
	recovery.CountClicked: `SELECT v.at AS at, e.channel AS channel, v.template AS template, v.cart_id AS cart_id, v.episode AS episode,
			0 AS order_id, '' AS currency, 0 AS amount, 0 AS discount
		FROM mail_visits v JOIN episodes e ON e.store = v.store AND e.id = v.episode
		WHERE v.store = $1 AND v.at >= $2 AND v.at < $3 AND v.template <> 0 AND v.kind IN ` + sqlClicks + `
			AND NOT EXISTS (SELECT 1 FROM mail_visits f WHERE f.store = v.store AND f.cart_id = v.cart_id AND f.episode = v.episode
				AND f.template = v.template AND f.kind IN ` + sqlClicks + ` AND (+f.at < v.at OR +f.at = v.at AND f.id < v.id))`,
	recovery.CountConverted:   saleRows("AND r.episode <> 0"),
	recovery.CountClickedSale: saleRows("AND r.kind = 'clicked'"),
	recovery.CountInfluenced:  saleRows("AND r.kind = 'influenced'"),
	recovery.CountOtherSale:   saleRows("AND r.kind = 'none'"),
}

// episodeRows are times that carts were abandoned, by one of their times.
func episodeRows(at, template, and string) string {
	return `SELECT ` + at + ` AS at, e.channel AS channel, ` + template + ` AS template, e.cart_id AS cart_id, e.id AS episode,
			0 AS order_id, '' AS currency, 0 AS amount, 0 AS discount
		FROM episodes e WHERE e.store = $1 AND ` + at + ` >= $2 AND ` + at + ` < $3 ` + and
}

// stepRows are mails by what became of them.
func stepRows(state, and string) string {
	return `SELECT s.claimed AS at, e.channel AS channel, s.template AS template, e.cart_id AS cart_id, e.id AS episode,
			0 AS order_id, '' AS currency, 0 AS amount, 0 AS discount
		FROM episode_steps s JOIN episodes e ON e.store = s.store AND e.id = s.episode
		WHERE s.store = $1 AND s.claimed >= $2 AND s.claimed < $3 AND s.state = '` + state + `' ` + and
}

// firstStep leaves the first mail of an episode of those of one state.
const firstStep = `AND NOT EXISTS (SELECT 1 FROM episode_steps f WHERE f.store = s.store AND f.episode = s.episode AND f.state = s.state
	AND (+f.claimed < s.claimed OR +f.claimed = s.claimed AND f.template < s.template))`

// saleRows are orders that count.
func saleRows(and string) string {
	return `SELECT r.at AS at, r.channel AS channel, r.template AS template, r.cart_id AS cart_id, r.episode AS episode,
			r.order_id AS order_id, r.currency AS currency, r.amount AS amount, r.discount AS discount
		FROM recovery_orders r WHERE r.store = $1 AND r.at >= $2 AND r.at < $3 AND r.canceled IS NULL ` + and
}

// reportConditions are what a filter asks of the rows, which are x, beside the
// time; args are those before.
func reportConditions(store string, f recovery.ReportFilter) *conditions {
	c := &conditions{args: []any{store, ceilMillis(f.From), ceilMillis(f.To)}, parts: []string{"1 = 1"}}
	if f.Channel != 0 {
		c.add("x.channel = ?", f.Channel)
	}
	if f.Template != nil {
		c.add("x.template = ?", *f.Template)
	}
	return c
}

// isBot tells bots from shoppers among the rows x.
const isBot = `EXISTS (SELECT 1 FROM recovery_bots b WHERE b.store = $1 AND b.cart_id = x.cart_id)`

// CountRecovery implements recovery.ReportStorage.
func (db *DB) CountRecovery(ctx context.Context, store string, f recovery.ReportFilter) ([]recovery.Count, error) {
	column := func(wanted bool, expression string) string {
		if wanted {
			return expression
		}
		return "0"
	}
	var parts []string
	for _, name := range recovery.FigureNames {
		parts = append(parts, `SELECT '`+name+`' AS figure, at / 86400000 AS day, channel, template, cart_id, currency, amount, discount FROM (`+
			figureRows[recovery.Figure(name)]+`) AS one`)
	}
	c := reportConditions(store, f)
	rows, err := db.reads.QueryContext(ctx, `SELECT figure, day, channel, template, bot, currency, COUNT(*), CAST(SUM(amount) AS BIGINT), CAST(SUM(discount) AS BIGINT)
		FROM (SELECT x.figure AS figure, `+column(f.ByDay, "x.day")+` AS day, `+column(f.ByChannel, "x.channel")+` AS channel,
				`+column(f.ByTemplate, "x.template")+` AS template, CASE WHEN `+isBot+` THEN 1 ELSE 0 END AS bot,
				x.currency AS currency, x.amount AS amount, x.discount AS discount
			FROM (`+strings.Join(parts, " UNION ALL ")+`) AS x`+c.where()+`) AS grouped
		GROUP BY figure, day, channel, template, bot, currency`, c.args...)
	if err != nil {
		return nil, fmt.Errorf("count recovery: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []recovery.Count
	for rows.Next() {
		var n recovery.Count
		var days, bot int64
		if err := rows.Scan(&n.Figure, &days, &n.Channel, &n.Template, &bot, &n.Currency, &n.N, &n.Amount, &n.Discount); err != nil {
			return nil, fmt.Errorf("count recovery: %w", err)
		}
		if n.Bot = bot != 0; f.ByDay {
			n.Day = time.Unix(days*86400, 0).UTC()
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// RecoveryEntries implements recovery.ReportStorage.
func (db *DB) RecoveryEntries(ctx context.Context, store string, figure recovery.Figure, bots bool, f recovery.ReportFilter,
	offset int64, limit int) ([]recovery.Entry, int64, error) {
	source, known := figureRows[figure]
	if !known {
		return nil, 0, fmt.Errorf("there is no figure %q", figure)
	}
	c := reportConditions(store, f)
	if bots {
		c.add(isBot)
	} else {
		c.add("NOT " + isBot)
	}
	from := ` FROM (` + source + `) AS x` + c.where()
	var total int64
	if err := db.reads.QueryRowContext(ctx, `SELECT COUNT(*)`+from, c.args...).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count %s: %w", figure, err)
	}
	rows, err := db.reads.QueryContext(ctx, fmt.Sprintf(`SELECT x.at, x.channel, x.template, x.cart_id, x.episode, x.order_id, x.currency, x.amount, x.discount`+
		from+` ORDER BY x.at DESC, x.episode DESC, x.template DESC, x.order_id DESC LIMIT %d OFFSET %d`, limit, offset), c.args...)
	if err != nil {
		return nil, 0, fmt.Errorf("list %s: %w", figure, err)
	}
	defer func() { _ = rows.Close() }()
	all := []recovery.Entry{}
	for rows.Next() {
		var e recovery.Entry
		var at int64
		if err := rows.Scan(&at, &e.Channel, &e.Template, &e.Cart, &e.Episode, &e.Order, &e.Currency, &e.Amount, &e.Discount); err != nil {
			return nil, 0, fmt.Errorf("list %s: %w", figure, err)
		}
		e.At = fromMillis(at)
		all = append(all, e)
	}
	return all, total, rows.Err()
}

// Holdouts implements recovery.ReportStorage. A set is left out while nobody was
// drawn for it.
func (db *DB) Holdouts(ctx context.Context, store string, now time.Time) ([]recovery.Comparison, error) {
	window := recovery.HoldoutWindow.Milliseconds()
	rows, err := db.reads.QueryContext(ctx, `SELECT channel, held, over, COUNT(*), SUM(CASE WHEN ordered <= assigned + $2 THEN 1 ELSE 0 END)
		FROM (SELECT channel, held, assigned, ordered, CASE WHEN assigned <= $3 THEN 1 ELSE 0 END AS over
			FROM holdouts WHERE store = $1) AS drawn
		GROUP BY channel, held, over ORDER BY channel`, store, window, millis(now)-window)
	if err != nil {
		return nil, fmt.Errorf("count hold-outs: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []recovery.Comparison
	for rows.Next() {
		var channel, held, over int64
		var arm recovery.Arm
		if err := rows.Scan(&channel, &held, &over, &arm.Shoppers, &arm.Ordered); err != nil {
			return nil, fmt.Errorf("count hold-outs: %w", err)
		}
		if n := len(all); n == 0 || all[n-1].Channel != channel {
			all = append(all, recovery.Comparison{Channel: channel})
		}
		c := &all[len(all)-1]
		switch {
		case over == 0:
			c.Waiting += arm.Shoppers
		case held != 0:
			c.HeldOut = arm
		default:
			c.Mailed = arm
		}
	}
	return all, rows.Err()
}
