-- What recovery costs, and what the merchant is told.

-- +goose Up
-- A coupon that was made for one mail, under the id that it has among the
-- coupons of the store.
CREATE TABLE recovery_coupons (
    store    TEXT   NOT NULL,
    id       BIGINT NOT NULL,
    episode  BIGINT NOT NULL,
    template BIGINT NOT NULL,
    cart_id  TEXT   NOT NULL,
    channel  BIGINT NOT NULL,
    code     TEXT   NOT NULL,
    state    TEXT   NOT NULL, -- open, redeemed, void; an open one is over when it expires
    reserved BIGINT NOT NULL, -- what it could take off the cart when it was made
    given    BIGINT NOT NULL, -- what it took off the order
    order_id BIGINT NOT NULL, -- 0 for none
    created  BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    closed   BIGINT,          -- when it was redeemed or became void
    tidy_at  BIGINT,          -- when the coupon is to be disabled or removed, NULL once it is
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX recovery_coupons_mail ON recovery_coupons (store, episode, template);
CREATE INDEX recovery_coupons_cart ON recovery_coupons (store, cart_id);
-- What the coupons of a period cost is added up from this index alone.
CREATE INDEX recovery_coupons_cost ON recovery_coupons (store, created, state, expires, given, reserved);
CREATE INDEX recovery_coupons_tidy ON recovery_coupons (tidy_at);

-- A mail to the merchant. A row that is claimed is never sent again, unless the
-- mail server refused it for the time being.
CREATE TABLE recovery_notices (
    store     TEXT   NOT NULL,
    id        BIGINT NOT NULL,
    kind      TEXT   NOT NULL, -- abandoned, digest, converted, webhook
    channel   BIGINT NOT NULL, -- 0 for none
    recipient TEXT   NOT NULL, -- address
    state     TEXT   NOT NULL, -- waiting, claimed, deferred, sent, failed, unknown
    created   BIGINT NOT NULL,
    due       BIGINT,          -- when it is tried, or given up while claimed; NULL once it is over
    finished  BIGINT,
    doc       TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE INDEX recovery_notices_due ON recovery_notices (due);
CREATE INDEX recovery_notices_created ON recovery_notices (created);

-- The carts that wait until there are enough for a digest.
CREATE TABLE recovery_digests (
    store     TEXT   NOT NULL,
    channel   BIGINT NOT NULL,
    recipient TEXT   NOT NULL, -- in lower case
    id        BIGINT NOT NULL,
    cart_id   TEXT   NOT NULL,
    created   BIGINT NOT NULL,
    doc       TEXT   NOT NULL, -- the cart as it was
    PRIMARY KEY (store, channel, recipient, id)
); -- clustered
CREATE INDEX recovery_digests_created ON recovery_digests (created);

-- +goose Down
DROP TABLE recovery_digests;
DROP TABLE recovery_notices;
DROP TABLE recovery_coupons;
