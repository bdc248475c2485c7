package sqlstore

import (
	"context"
	"database/sql"
	"sync"
)

// SQLite moves what is in the write-ahead log into the database's file when the
// log has grown to so many pages. The commit that makes it do so waits for that,
// and with it every write of its group and of the next.
const (
	// logPages is at how many pages a commit does it after all: 32 MB.
	logPages = 8000
	// checkpointEvery is after how many writes it is done beside the writer. What
	// is left for a commit then is little, and mostly there is no such commit:
	// a log that was moved whole is begun anew.
	checkpointEvery = 1000
)

// checkpointer empties the write-ahead log beside the writer, on a connection of
// its own.
type checkpointer struct {
	conns  *sql.DB
	writes int           // since the last time; the writer's alone
	wake   chan struct{} // has room for one
	once   sync.Once
	done   sync.WaitGroup
}

func startCheckpointer(driver, dsn string) (*checkpointer, error) {
	conns, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	conns.SetMaxOpenConns(1)
	c := &checkpointer{conns: conns, wake: make(chan struct{}, 1)}
	c.done.Go(c.loop)
	return c, nil
}

// wrote counts the writes that were committed.
func (c *checkpointer) wrote(n int) {
	if c.writes += n; c.writes < checkpointEvery {
		return
	}
	c.writes = 0
	select {
	case c.wake <- struct{}{}:
	default: // it is at it
	}
}

func (c *checkpointer) loop() {
	for range c.wake {
		// It waits for nobody and so may leave some of the log to the next time,
		// as when it fails. At logPages a commit does it, and fails if it cannot.
		_, _ = c.conns.ExecContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
	}
}

// stop returns when nothing runs any more. The writer must have stopped.
func (c *checkpointer) stop() error {
	c.once.Do(func() { close(c.wake) })
	c.done.Wait()
	return c.conns.Close()
}
