-- One SQL text for SQLite and PostgreSQL. Times are integer milliseconds, ids
-- are text or bigint made by the application, and every key begins with the
-- store. The tables without a store are stores, hosts, users and clock.
-- A table of small rows is marked "clustered": SQLite keeps it in the order of
-- its primary key, without a second tree (dialect.go).

-- +goose Up
CREATE TABLE stores (
    hash     TEXT   NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    doc      TEXT   NOT NULL
);

-- What other servers watch: each number moves when its part of the store does.
CREATE TABLE revisions (
    store   TEXT   NOT NULL PRIMARY KEY,
    config  BIGINT NOT NULL DEFAULT 1,
    catalog BIGINT NOT NULL DEFAULT 1,
    price   BIGINT NOT NULL DEFAULT 1,
    access  BIGINT NOT NULL DEFAULT 1
); -- clustered

-- Which store and channel a host name of a site leads to.
CREATE TABLE hosts (
    host    TEXT   NOT NULL PRIMARY KEY,
    store   TEXT   NOT NULL,
    channel BIGINT NOT NULL
);

CREATE TABLE users (
    email    TEXT   NOT NULL PRIMARY KEY,
    password TEXT   NOT NULL,
    created  BIGINT NOT NULL
);

CREATE TABLE memberships (
    store   TEXT   NOT NULL,
    email   TEXT   NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (store, email)
); -- clustered
CREATE INDEX memberships_email ON memberships (email);

-- How far the sandbox clock runs ahead; one row.
CREATE TABLE clock (
    id        BIGINT NOT NULL PRIMARY KEY,
    offset_ms BIGINT NOT NULL
);

-- The last integer id given out of each kind.
CREATE TABLE counters (
    store TEXT   NOT NULL,
    kind  TEXT   NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (store, kind)
); -- clustered

CREATE TABLE clients (
    store   TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    secret  TEXT   NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (store, id)
);

CREATE TABLE tokens (
    store     TEXT   NOT NULL,
    hash      TEXT   NOT NULL,
    client_id TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    scopes    TEXT   NOT NULL,
    created   BIGINT NOT NULL,
    PRIMARY KEY (store, hash)
); -- clustered

-- A deleted product stays as a row without a document, so that other servers
-- see it go.
CREATE TABLE products (
    store    TEXT   NOT NULL,
    id       BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    url      TEXT,
    name     TEXT,
    doc      TEXT,
    PRIMARY KEY (store, id)
);
CREATE INDEX products_revision ON products (store, revision);
CREATE UNIQUE INDEX products_url ON products (store, url);
CREATE UNIQUE INDEX products_name ON products (store, name);

CREATE TABLE skus (
    store      TEXT   NOT NULL,
    sku        TEXT   NOT NULL,
    product_id BIGINT NOT NULL,
    variant_id BIGINT NOT NULL,
    PRIMARY KEY (store, sku)
); -- clustered
CREATE INDEX skus_product ON skus (store, product_id);

-- What is left of a product (variant 0) or of a variant.
CREATE TABLE stock (
    store      TEXT   NOT NULL,
    product_id BIGINT NOT NULL,
    variant_id BIGINT NOT NULL,
    level      BIGINT NOT NULL,
    PRIMARY KEY (store, product_id, variant_id)
); -- clustered

CREATE TABLE brands (
    store TEXT   NOT NULL,
    id    BIGINT NOT NULL,
    name  TEXT   NOT NULL,
    doc   TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX brands_name ON brands (store, name);

CREATE TABLE categories (
    store     TEXT   NOT NULL,
    id        BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    name      TEXT   NOT NULL,
    doc       TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX categories_name ON categories (store, parent_id, name);

CREATE TABLE customers (
    store    TEXT   NOT NULL,
    id       BIGINT NOT NULL,
    email    TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    group_id BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    doc      TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX customers_email ON customers (store, email);

CREATE TABLE subscribers (
    store      TEXT   NOT NULL,
    id         BIGINT NOT NULL,
    email      TEXT   NOT NULL,
    channel    BIGINT NOT NULL,
    first_name TEXT   NOT NULL,
    last_name  TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    order_id   BIGINT NOT NULL,
    created    BIGINT NOT NULL,
    modified   BIGINT NOT NULL,
    doc        TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX subscribers_email ON subscribers (store, email, channel);

-- A cart is one row. sweep_at is when the sweeper should look at it; it may be
-- too early, never too late, so that a write does not have to move it.
CREATE TABLE carts (
    store       TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    sweep_at    BIGINT NOT NULL,
    doc         TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE INDEX carts_sweep ON carts (sweep_at);
CREATE INDEX carts_customer ON carts (store, customer_id);

-- What happened to each cart, written with the change. n counts the entries
-- that belong to one version.
CREATE TABLE journal (
    store   TEXT   NOT NULL,
    cart_id TEXT   NOT NULL,
    version BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    events  TEXT   NOT NULL,
    PRIMARY KEY (store, cart_id, version, n)
); -- clustered

-- When carts ended, so that their journals can go some time later.
CREATE TABLE ended_carts (
    store   TEXT   NOT NULL,
    cart_id TEXT   NOT NULL,
    ended   BIGINT NOT NULL,
    PRIMARY KEY (store, cart_id)
); -- clustered
CREATE INDEX ended_carts_ended ON ended_carts (ended);

CREATE TABLE redirects (
    store   TEXT   NOT NULL,
    hash    TEXT   NOT NULL,
    cart_id TEXT   NOT NULL,
    query   TEXT   NOT NULL,
    expires BIGINT NOT NULL,
    used    BIGINT,
    PRIMARY KEY (store, hash)
); -- clustered
CREATE INDEX redirects_expires ON redirects (expires);

CREATE TABLE metafields (
    store       TEXT   NOT NULL,
    id          BIGINT NOT NULL,
    cart_id     TEXT   NOT NULL,
    client_id   TEXT   NOT NULL,
    namespace   TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    value       TEXT   NOT NULL,
    description TEXT   NOT NULL,
    permission  TEXT   NOT NULL,
    created     BIGINT NOT NULL,
    modified    BIGINT NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX metafields_key ON metafields (store, cart_id, client_id, namespace, name);

CREATE TABLE idempotency (
    store       TEXT   NOT NULL,
    client_id   TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    fingerprint TEXT   NOT NULL,
    status      BIGINT NOT NULL,
    body        TEXT   NOT NULL,
    created     BIGINT NOT NULL,
    PRIMARY KEY (store, client_id, name)
); -- clustered
CREATE INDEX idempotency_created ON idempotency (created);

-- A shopper's browser, and the cart it is bound to.
CREATE TABLE sessions (
    store   TEXT   NOT NULL,
    hash    TEXT   NOT NULL,
    cart_id TEXT   NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (store, hash)
); -- clustered
CREATE INDEX sessions_expires ON sessions (expires);

-- +goose Down
DROP TABLE sessions;
DROP TABLE idempotency;
DROP TABLE metafields;
DROP TABLE redirects;
DROP TABLE ended_carts;
DROP TABLE journal;
DROP TABLE carts;
DROP TABLE subscribers;
DROP TABLE customers;
DROP TABLE categories;
DROP TABLE brands;
DROP TABLE stock;
DROP TABLE skus;
DROP TABLE products;
DROP TABLE tokens;
DROP TABLE clients;
DROP TABLE counters;
DROP TABLE clock;
DROP TABLE memberships;
DROP TABLE users;
DROP TABLE hosts;
DROP TABLE revisions;
DROP TABLE stores;
