-- What came back, and what the report is counted from.

-- +goose Up
-- Orders of carts that had been abandoned, and orders that a mail can be
-- thanked for. A row is written once, when the order is settled.
CREATE TABLE recovery_orders (
    store    TEXT   NOT NULL,
    order_id BIGINT NOT NULL,
    cart_id  TEXT   NOT NULL,
    channel  BIGINT NOT NULL,
    episode  BIGINT NOT NULL, -- the last time that its cart was abandoned, 0 for never
    template BIGINT NOT NULL, -- the mail that it is thanked for, 0 for none
    kind     TEXT   NOT NULL, -- clicked, influenced, none
    amount   BIGINT NOT NULL,
    currency TEXT   NOT NULL,
    discount BIGINT NOT NULL, -- what the codes of mails took off
    at       BIGINT NOT NULL,
    canceled BIGINT,          -- since when it does not count
    doc      TEXT   NOT NULL,
    PRIMARY KEY (store, order_id)
);
CREATE INDEX recovery_orders_at ON recovery_orders (store, at);
CREATE INDEX recovery_orders_cart ON recovery_orders (store, cart_id);

-- Carts that a program made. They are counted apart.
CREATE TABLE recovery_bots (
    store   TEXT   NOT NULL,
    cart_id TEXT   NOT NULL,
    marked  BIGINT NOT NULL,
    PRIMARY KEY (store, cart_id)
); -- clustered

-- What a span of days is counted by.
CREATE INDEX episodes_ended ON episodes (store, ended);
CREATE INDEX episode_steps_claimed ON episode_steps (store, claimed, state);
CREATE INDEX mail_visits_at ON mail_visits (store, at);
CREATE INDEX holdouts_address ON holdouts (store, address);

-- +goose Down
DROP INDEX holdouts_address;
DROP INDEX mail_visits_at;
DROP INDEX episode_steps_claimed;
DROP INDEX episodes_ended;
DROP TABLE recovery_bots;
DROP TABLE recovery_orders;
