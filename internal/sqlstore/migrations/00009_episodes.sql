-- Carts that were abandoned, who was written to about them, and why.

-- +goose Up
-- When the scanner looks at the cart: its last activity and the waiting time,
-- or earlier. NULL while there is nothing to wait for: the cart is abandoned
-- already, a payment was tried, or nothing is in it that somebody put there.
-- It may be too early, never too late.
ALTER TABLE carts ADD COLUMN due_at BIGINT;
CREATE INDEX carts_due ON carts (store, due_at) WHERE due_at IS NOT NULL;
UPDATE carts SET due_at = updated + 3600000;

-- Our own settings of recovery, beside the vendor's. wait is the waiting time
-- of doc in milliseconds, for statements that write due_at. shortened is when
-- it became shorter, until the carts that wait have been brought forward.
CREATE TABLE recovery_options (
    store     TEXT   NOT NULL PRIMARY KEY,
    wait      BIGINT NOT NULL,
    shortened BIGINT,
    doc       TEXT   NOT NULL
);

-- One time that a cart was abandoned, until something ended it. A cart has at
-- most one that has not ended, and then no due_at.
CREATE TABLE episodes (
    store     TEXT   NOT NULL,
    id        BIGINT NOT NULL,
    cart_id   TEXT   NOT NULL,
    channel   BIGINT NOT NULL,
    abandoned BIGINT NOT NULL,
    ended     BIGINT,
    how       TEXT   NOT NULL, -- what ended it, '' while nothing did
    next_at   BIGINT,          -- when its mails are looked at; NULL when nothing is left to do
    address   TEXT   NOT NULL, -- hash of the shopper's, '' for none
    doc       TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE INDEX episodes_cart ON episodes (store, cart_id, id);
CREATE INDEX episodes_next ON episodes (store, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX episodes_abandoned ON episodes (store, abandoned);

-- What became of each mail of an episode. A row is a claim: whoever writes it
-- first may send the mail, and nobody ever after.
CREATE TABLE episode_steps (
    store    TEXT   NOT NULL,
    episode  BIGINT NOT NULL,
    template BIGINT NOT NULL,
    state    TEXT   NOT NULL,
    address  TEXT   NOT NULL, -- hash of whom it is for
    claimed  BIGINT NOT NULL,
    retry_at BIGINT,          -- of a deferred one
    doc      TEXT   NOT NULL,
    PRIMARY KEY (store, episode, template)
); -- clustered
CREATE INDEX episode_steps_address ON episode_steps (store, address, claimed);
CREATE INDEX episode_steps_open ON episode_steps (store, episode) WHERE state = 'claimed';

-- The ledger: every decision about a mail, with its reason. Nothing changes
-- in it.
CREATE TABLE decisions (
    store    TEXT   NOT NULL,
    id       BIGINT NOT NULL,
    episode  BIGINT NOT NULL,
    cart_id  TEXT   NOT NULL,
    channel  BIGINT NOT NULL,
    template BIGINT NOT NULL,
    address  TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    outcome  TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    doc      TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE INDEX decisions_cart ON decisions (store, cart_id, id);
CREATE INDEX decisions_at ON decisions (store, at);

-- What leads back to a cart. A link is known by its hash alone; the token of
-- the webhook (template 0) is told again at the next time, so it is kept.
CREATE TABLE recovery_tokens (
    store    TEXT   NOT NULL,
    hash     TEXT   NOT NULL,
    purpose  TEXT   NOT NULL, -- recover, unsubscribe
    cart_id  TEXT   NOT NULL,
    episode  BIGINT NOT NULL,
    template BIGINT NOT NULL,
    address  TEXT   NOT NULL,
    plain    TEXT   NOT NULL,
    created  BIGINT NOT NULL,
    PRIMARY KEY (store, hash)
);
CREATE INDEX recovery_tokens_cart ON recovery_tokens (store, cart_id);
CREATE INDEX recovery_tokens_created ON recovery_tokens (purpose, created);

-- What people did with a mail: clicked, looked_up, unsubscribed, bounced,
-- complained.
CREATE TABLE mail_visits (
    store    TEXT   NOT NULL,
    id       BIGINT NOT NULL,
    cart_id  TEXT   NOT NULL,
    episode  BIGINT NOT NULL,
    template BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE INDEX mail_visits_cart ON mail_visits (store, cart_id, id);

-- What is known of an address, under its hash: it outlives whoever had it.
-- Whoever decides about an address locks its row first, and then the cart's.
CREATE TABLE mail_addresses (
    store      TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    id         BIGINT NOT NULL,
    suppressed BIGINT,
    reason     TEXT   NOT NULL, -- why it is suppressed
    ordered    BIGINT,          -- when an order of it was last paid
    PRIMARY KEY (store, hash)
);
CREATE UNIQUE INDEX mail_addresses_id ON mail_addresses (store, id);
CREATE INDEX mail_addresses_suppressed ON mail_addresses (store, id) WHERE suppressed IS NOT NULL;

-- Who is not written to, so that it shows what mails bring. Drawn once for a
-- shopper and a set of mails (channel 0 is the store's).
CREATE TABLE holdouts (
    store    TEXT   NOT NULL,
    channel  BIGINT NOT NULL,
    address  TEXT   NOT NULL,
    held     BIGINT NOT NULL,
    assigned BIGINT NOT NULL,
    ordered  BIGINT, -- the first order after that
    PRIMARY KEY (store, channel, address)
); -- clustered

-- +goose Down
DROP TABLE holdouts;
DROP TABLE mail_addresses;
DROP TABLE mail_visits;
DROP TABLE recovery_tokens;
DROP TABLE decisions;
DROP TABLE episode_steps;
DROP TABLE episodes;
DROP TABLE recovery_options;
DROP INDEX carts_due;
ALTER TABLE carts DROP COLUMN due_at;
