-- What stores offer beside their prices.

-- +goose Up

-- offers moves with every write of what is below but uses and redemptions.
ALTER TABLE revisions ADD COLUMN offers BIGINT NOT NULL DEFAULT 1;

CREATE TABLE promotion_settings (
    store TEXT NOT NULL PRIMARY KEY,
    doc   TEXT NOT NULL
); -- clustered

-- A deleted promotion or coupon stays as a row without a document, so that
-- other servers see it go.
CREATE TABLE promotions (
    store    TEXT   NOT NULL,
    id       BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    doc      TEXT,
    PRIMARY KEY (store, id)
);
CREATE INDEX promotions_revision ON promotions (store, revision);

CREATE TABLE coupons (
    store    TEXT   NOT NULL,
    id       BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    name     TEXT,
    doc      TEXT,
    PRIMARY KEY (store, id)
);
CREATE INDEX coupons_revision ON coupons (store, revision);
CREATE UNIQUE INDEX coupons_name ON coupons (store, name);

-- Every code that a shopper may enter, in the form in which codes are compared:
-- those of classic coupons, whose promotion is 0, and those of promotions. Their
-- ids are of one kind, so that an id names one of either. type is the coupon's;
-- that of a promotion's code is promotion where coupons list it, and bulk where
-- not.
CREATE TABLE codes (
    store            TEXT   NOT NULL,
    id               BIGINT NOT NULL,
    promotion_id     BIGINT NOT NULL,
    type             TEXT   NOT NULL,
    name             TEXT   NOT NULL,
    code             TEXT   NOT NULL,
    max_uses         BIGINT NOT NULL,
    max_per_customer BIGINT NOT NULL,
    created          BIGINT NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX codes_name ON codes (store, name);
CREATE INDEX codes_promotion ON codes (store, promotion_id, id);

-- How often something was redeemed: a coupon or code, or a promotion. No row
-- means never.
CREATE TABLE uses (
    store TEXT   NOT NULL,
    kind  TEXT   NOT NULL,
    id    BIGINT NOT NULL,
    used  BIGINT NOT NULL,
    PRIMARY KEY (store, kind, id)
); -- clustered

-- Which order redeemed it, and whose that was. An order counts once.
CREATE TABLE redemptions (
    store       TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    id          BIGINT NOT NULL,
    order_id    BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    email       TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (store, kind, id, order_id)
); -- clustered
CREATE INDEX redemptions_customer ON redemptions (store, customer_id, kind, id);
CREATE INDEX redemptions_email ON redemptions (store, email, kind, id);

-- +goose Down
DROP TABLE redemptions;
DROP TABLE uses;
DROP TABLE codes;
DROP TABLE coupons;
DROP TABLE promotions;
DROP TABLE promotion_settings;
ALTER TABLE revisions DROP COLUMN offers;
