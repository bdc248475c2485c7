package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"cartwright/internal/clock"
)

// ServerFacts are those of a PostgreSQL server.
type ServerFacts struct {
	Number int // of the version, such as 150004
	// Standby says that it follows another server, ReadOnly that it takes no writes.
	Standby, ReadOnly bool
	// FSync, FullPageWrites and SynchronousCommit are the settings of that name,
	// as they hold for this program's user.
	FSync, FullPageWrites bool
	SynchronousCommit     string
	// Standbys names the standbys that a commit waits for; "" is none.
	Standbys string
	// Connections is how many ordinary users may have altogether, Used how many
	// there are now.
	Connections, Used int
	// Role and Database are the same of this program's user and of its database
	// alone.
	Role, Database Limit
	Encoding       string
	// MayCreate says that this program's user can make tables.
	MayCreate bool
	// Ahead is how far the server's clock is ahead of this machine's, within
	// Within.
	Ahead, Within time.Duration
}

// Limit is how many connections something may have, negative for no limit, and
// how many it has.
type Limit struct{ Most, Used int }

// examineServer asks a PostgreSQL server for its settings.
func examineServer(ctx context.Context, db *sql.DB) (*ServerFacts, error) {
	var s ServerFacts
	var now int64
	before := clock.Real{}.Now()
	if err := db.QueryRowContext(ctx, `SELECT `+postgresDialect.realMillis).Scan(&now); err != nil {
		return nil, fmt.Errorf("ask the database for its time: %w", err)
	}
	s.Within = clock.Real{}.Now().Sub(before)/2 + time.Millisecond
	s.Ahead = time.UnixMilli(now).Sub(before.Add(s.Within))
	err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, pg_is_in_recovery(),
		current_setting('transaction_read_only')::bool, current_setting('fsync')::bool, current_setting('full_page_writes')::bool,
		current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
		current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
		(SELECT COUNT(*) FROM pg_stat_activity WHERE datid IS NOT NULL),
		COALESCE((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user AND NOT rolsuper), -1),
		(SELECT COUNT(*) FROM pg_stat_activity WHERE usename = current_user),
		COALESCE((SELECT datconnlimit FROM pg_database WHERE datname = current_database() AND NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper)), -1),
		(SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()),
		current_setting('server_encoding'), COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE)`).
		Scan(&s.Number, &s.Standby, &s.ReadOnly, &s.FSync, &s.FullPageWrites, &s.SynchronousCommit, &s.Standbys, &s.Connections, &s.Used,
			&s.Role.Most, &s.Role.Used, &s.Database.Most, &s.Database.Used,
			&s.Encoding, &s.MayCreate)
	if err != nil {
		return nil, fmt.Errorf("ask the database for its settings: %w", err)
	}
	return &s, nil
}
