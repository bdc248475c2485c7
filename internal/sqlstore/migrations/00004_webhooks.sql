-- Webhooks: who is told of what, what there is to tell, and how telling went.
-- docs/adr/0010-webhooks-from-the-journal.md says how they belong together.

-- +goose Up
CREATE TABLE hooks (
    store         TEXT   NOT NULL,
    id            BIGINT NOT NULL,
    client_id     TEXT   NOT NULL,
    scope         TEXT   NOT NULL,
    destination   TEXT   NOT NULL,
    headers       TEXT   NOT NULL,
    active        BIGINT NOT NULL,
    deactivated   BIGINT NOT NULL,
    created       BIGINT NOT NULL,
    updated       BIGINT NOT NULL,
    last_delivery BIGINT NOT NULL,
    warned        BIGINT NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX hooks_once ON hooks (store, client_id, scope, destination);
CREATE INDEX hooks_idle ON hooks (last_delivery) WHERE active = 1;

-- Who is told when a hook is switched off; the addresses are a JSON array.
CREATE TABLE hook_emails (
    store     TEXT NOT NULL,
    client_id TEXT NOT NULL,
    emails    TEXT NOT NULL,
    PRIMARY KEY (store, client_id)
); -- clustered

-- Origins that get nothing for a while.
CREATE TABLE hook_blocks (
    store     TEXT   NOT NULL,
    client_id TEXT   NOT NULL,
    origin    TEXT   NOT NULL,
    until     BIGINT NOT NULL,
    reasons   TEXT   NOT NULL,
    PRIMARY KEY (store, client_id, origin)
); -- clustered
CREATE INDEX hook_blocks_until ON hook_blocks (until);

-- The rows of the journal that were not yet made into deliveries. Only a store
-- with active hooks has any.
CREATE TABLE outbox (
    store   TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    version BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (store, subject, version, n)
); -- clustered

-- One event for one hook. due is set while there is an attempt to come,
-- finished from then on.
CREATE TABLE deliveries (
    store      TEXT   NOT NULL,
    id         BIGINT NOT NULL,
    client_id  TEXT   NOT NULL,
    hook_id    BIGINT NOT NULL,
    subject    TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    n          BIGINT NOT NULL,
    event      BIGINT NOT NULL,
    scope      TEXT   NOT NULL,
    data       TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    message_id TEXT   NOT NULL,
    created    BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    attempts   BIGINT NOT NULL,
    due        BIGINT,
    finished   BIGINT,
    history    TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (store, hook_id, subject, version, n, event);
CREATE INDEX deliveries_client ON deliveries (store, client_id, id);
CREATE INDEX deliveries_pending ON deliveries (store, hook_id, state, due) WHERE due IS NOT NULL;
CREATE INDEX deliveries_due ON deliveries (due) WHERE due IS NOT NULL;
CREATE INDEX deliveries_finished ON deliveries (finished) WHERE finished IS NOT NULL;

-- Work that one server at a time does for a store; until is the database's
-- own time, which no sandbox winds.
CREATE TABLE leases (
    store  TEXT   NOT NULL,
    work   TEXT   NOT NULL,
    holder TEXT   NOT NULL,
    until  BIGINT NOT NULL,
    PRIMARY KEY (store, work)
); -- clustered

-- +goose Down
DROP TABLE leases;
DROP TABLE deliveries;
DROP TABLE outbox;
DROP TABLE hook_blocks;
DROP TABLE hook_emails;
DROP TABLE hooks;
