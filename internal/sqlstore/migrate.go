package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pressly/goose/v3"

	"cartwright/internal/clock"
	"cartwright/internal/id"
)

// Migrations run at start, whichever server or command starts, and many may at
// once. One of them has the lease of the schema, changes it and gives the lease
// back; the others wait until there is nothing left to do. A holder that died is
// followed when its lease has run out. The lease is a row, not an advisory lock:
// poolers of connections, and PostgreSQL's distributed kin, know only rows.
//
// A migration must leave the servers of the version before running: they go on
// with the new schema while one after the other is replaced.
const (
	// leaseLook is how often who waits for the schema looks again.
	leaseLook = 50 * time.Millisecond
	// leaseTries bounds how often a schema is begun anew after another server has
	// come in between.
	leaseTries = 20
	// lockRest lets those through that queued behind a change of the schema, before
	// it is tried again.
	lockRest = 2 * time.Second
)

// schemaLease is the row of the one server that changes the schema. It stands
// beside the migrations, because it has to be there before them.
const schemaLease = `CREATE TABLE IF NOT EXISTS schema_lease (
	id INTEGER NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until BIGINT NOT NULL)`

// errLeaseLost ends a migration whose lease another server took.
var errLeaseLost = errors.New("the lease of the schema was lost")

// migrator brings the schema of one database up to date.
type migrator struct {
	db     *DB
	goose  *goose.Provider
	holder string
	lease  time.Duration
}

func (db *DB) migrator() (*migrator, error) {
	folder, err := migrationsFor(db.dialect)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	p, err := goose.NewProvider(db.dialect.goose, db.writes, folder)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return &migrator{db: db, goose: p, holder: id.UUID(), lease: LeaseTime}, nil
}

// migrate brings the schema up to date, or waits until another server has. A
// schema that is up to date costs one read.
func (db *DB) migrate(ctx context.Context) error {
	m, err := db.migrator()
	if err != nil {
		return err
	}
	for try := 1; ; {
		if done, err := m.upToDate(ctx); done || err != nil {
			return err
		}
		mine, err := m.take(ctx)
		if err == nil && mine {
			err = m.up(ctx)
		}
		rest := leaseLook/2 + rand.N(leaseLook)
		if pgCode(err) == lockTimeout {
			rest = lockRest
		}
		if err != nil {
			again := errors.Is(err, errLeaseLost) || db.dialect.isSchemaRace(err)
			if try++; !again || try > leaseTries || ctx.Err() != nil {
				return fmt.Errorf("bring the database's schema up to date: %w%s", err, db.lackedRight(err))
			}
		}
		if err := sleep(ctx, rest); err != nil {
			return fmt.Errorf("wait for another server to bring the database's schema up to date: %w", err)
		}
	}
}

// lackedRight says what to do when the user may not change the schema.
func (db *DB) lackedRight(err error) string {
	switch pgCode(err) {
	case "42501", "3F000": // insufficient_privilege, invalid_schema_name
		c := db.pool.conns.Config().ConnConfig
		return fmt.Sprintf("; make the user the owner of the database: ALTER DATABASE %[1]s OWNER TO %[2]s, or make it anew with createdb -O %[2]s %[1]s",
			c.Database, c.User)
	}
	return ""
}

// upToDate reports whether there is nothing to do. A schema of a newer program
// is an error: what that one writes, this one may not understand.
func (m *migrator) upToDate(ctx context.Context) (bool, error) {
	sources := m.goose.ListSources()
	newest := sources[len(sources)-1].Version
	var n, version int64
	// Where there is no such table, and where there is no database any more, what
	// follows finds out.
	err := m.db.reads.QueryRowContext(ctx, `SELECT COUNT(DISTINCT version_id), COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE version_id > 0`).Scan(&n, &version)
	if err != nil {
		return false, ctx.Err()
	}
	if version > newest {
		return false, fmt.Errorf("the database was made by a newer cartwright: its schema has version %d, this one knows %d; "+
			"run that version, or go back to a backup from before the upgrade", version, newest)
	}
	return version == newest && n == int64(len(sources)), nil
}

// take makes this server the one that changes the schema, or renews that. It
// reports whether it is.
func (m *migrator) take(ctx context.Context) (bool, error) {
	if _, err := m.db.writes.ExecContext(ctx, schemaLease); err != nil {
		return false, fmt.Errorf("make the lease of the schema: %w", err)
	}
	now := m.db.dialect.realMillis
	var until int64
	err := m.db.writes.QueryRowContext(ctx, `INSERT INTO schema_lease (id, holder, until) VALUES (1, $1, `+now+` + $2)
		ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE schema_lease.holder = excluded.holder OR schema_lease.until <= `+now+` RETURNING until`,
		m.holder, m.lease.Milliseconds()).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take the lease of the schema: %w", err)
	}
	return true, nil
}

// up changes the schema while the lease is renewed, and gives it back.
func (m *migrator) up(ctx context.Context) error {
	err := m.while(ctx, func(ctx context.Context) error {
		_, err := m.goose.Up(ctx)
		return err
	})
	if errors.Is(err, errLeaseLost) {
		return err
	}
	// The server that gives it back may have been told to stop.
	free, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.lease)
	defer cancel()
	_, errFree := m.db.writes.ExecContext(free, `DELETE FROM schema_lease WHERE holder = $1`, m.holder)
	return errors.Join(err, errFree)
}

// while does something as long as the lease is this server's: when it can be
// renewed no more, the context ends.
func (m *migrator) while(ctx context.Context, do func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		stop(m.renew(ctx))
	}()
	err := do(ctx)
	if lost := context.Cause(ctx); err != nil && errors.Is(lost, errLeaseLost) {
		err = errors.Join(lost, err)
	}
	stop(nil)
	<-renewed
	return err
}

// renew renews the lease until ctx is done, or until it is too late for that.
func (m *migrator) renew(ctx context.Context) error {
	real := clock.Real{}
	for last := real.Now(); ; {
		if err := sleep(ctx, m.lease/4); err != nil {
			return err
		}
		asked := real.Now()
		mine, err := m.take(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && mine:
			last = asked
		case err == nil, real.Now().Sub(last) > m.lease:
			return errLeaseLost
		}
	}
}
