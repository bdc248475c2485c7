-- +goose Up
-- An order is one row with a document, like a cart; the columns are what lists
-- are filtered and sorted by.
CREATE TABLE orders (
    store       TEXT   NOT NULL,
    id          BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    cart_id     TEXT   NOT NULL,
    customer_id BIGINT NOT NULL,
    email       TEXT   NOT NULL,
    channel     BIGINT NOT NULL,
    status      BIGINT NOT NULL,
    method      TEXT   NOT NULL,
    archived    BIGINT NOT NULL,
    created     BIGINT NOT NULL,
    modified    BIGINT NOT NULL,
    doc         TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE INDEX orders_cart ON orders (store, cart_id);
CREATE INDEX orders_customer ON orders (store, customer_id);
CREATE INDEX orders_status ON orders (store, status);

-- The latest order of each cart, and the one that it became: one row for each
-- cart, so that no cart becomes two.
CREATE TABLE order_carts (
    store   TEXT   NOT NULL,
    cart_id TEXT   NOT NULL,
    latest  BIGINT NOT NULL,
    placed  BIGINT NOT NULL,
    PRIMARY KEY (store, cart_id)
); -- clustered

-- How many orders a customer has placed.
CREATE TABLE customer_orders (
    store       TEXT   NOT NULL,
    customer_id BIGINT NOT NULL,
    placed      BIGINT NOT NULL,
    PRIMARY KEY (store, customer_id)
); -- clustered

-- +goose Down
DROP TABLE customer_orders;
DROP TABLE order_carts;
DROP TABLE orders;
