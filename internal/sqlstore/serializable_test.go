package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"testing"

	"cartwright/internal/sqlstore"
	"cartwright/internal/storetest"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// doom has a PostgreSQL fail transactions as a distributed one does. Each that
// touches a row draws its lot once: of eight, one fails at its first row with a
// deadlock, one with a serialization failure, one at its second row, and one when it
// commits, after everything in it has run; the others go on. The lots are drawn from a sequence,
// which does not go back with a transaction, so that whoever tries again has
// another one. Reads draw through policies of the rows, for a user who does not own
// the tables.
const doom = `
CREATE SEQUENCE lots;
CREATE FUNCTION draw() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE lot bigint;
BEGIN
	IF coalesce(current_setting('doom.lot', true), '') = '' THEN
		lot := nextval('lots') % 8;
		PERFORM set_config('doom.lot', lot::text, true);
		IF lot = 3 THEN RAISE EXCEPTION 'doomed' USING ERRCODE = '40001'; END IF;
		IF lot = 5 THEN RAISE EXCEPTION 'doomed' USING ERRCODE = '40P01'; END IF;
	ELSIF current_setting('doom.lot') = '1' THEN
		RAISE EXCEPTION 'doomed at the second row' USING ERRCODE = '40001';
	END IF;
	RETURN true;
END $$;
CREATE FUNCTION draw_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM draw();
	RETURN NULL;
END $$;
CREATE FUNCTION fail_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('doom.lot', true) = '7' THEN RAISE EXCEPTION 'doomed at the end' USING ERRCODE = '40001'; END IF;
	RETURN NULL;
END $$;
DO $$
DECLARE name text;
BEGIN
	IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'doomed') THEN CREATE ROLE doomed LOGIN; END IF;
	FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'goose%' LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY draw ON %I USING (draw()) WITH CHECK (true)', name);
		EXECUTE format('CREATE TRIGGER draw BEFORE INSERT OR UPDATE OR DELETE ON %I EXECUTE FUNCTION draw_before()', name);
		EXECUTE format('CREATE CONSTRAINT TRIGGER fail_late AFTER INSERT OR UPDATE OR DELETE ON %I
			DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_late()', name);
	END LOOP;
	GRANT ALL ON ALL TABLES IN SCHEMA public TO doomed;
	GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO doomed;
END $$`

// doomedPostgres returns the URL of a database that fails transactions, for a
// user whose transactions are serializable, and of the same one for a user who is
// not doomed.
func doomedPostgres(t *testing.T) (doomed, owner string) {
	t.Helper()
	owner = testkit.PostgresCopy(t, "doomed", func(ctx context.Context, address string) error {
		db, err := sqlstore.Open(ctx, address, sqlstore.Options{Shared: true})
		if err != nil {
			return err
		}
		if err := db.Close(); err != nil {
			return err
		}
		raw, err := sql.Open("pgx", address)
		if err != nil {
			return err
		}
		_, err = raw.ExecContext(ctx, doom)
		return errors.Join(err, raw.Close())
	})
	u, err := url.Parse(owner)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User("doomed")
	q := u.Query()
	q.Set("default_transaction_isolation", "serializable")
	u.RawQuery = q.Encode()
	return u.String(), owner
}

// TestSerializable runs the whole conformance suite where transactions are
// serializable and half of them fail. Whatever is run again must not show.
func TestSerializable(t *testing.T) {
	t.Parallel()
	lots := int64(0)
	storetest.Run(t, func(t *testing.T) *sqlstore.DB {
		doomed, owner := doomedPostgres(t)
		raw := testdb.Raw(t, owner)
		t.Cleanup(func() {
			var n int64
			if err := raw.QueryRowContext(context.Background(), `SELECT last_value FROM lots`).Scan(&n); err != nil {
				t.Error(err)
			}
			lots += n
		})
		return open(t, doomed)
	})
	if lots < 1000 {
		t.Errorf("only %d lots were drawn", lots)
	}
	t.Logf("%d lots were drawn", lots)
}
