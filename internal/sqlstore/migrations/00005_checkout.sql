-- +goose Up
-- Tokens that show the confirmation of the order that a checkout becomes, by
-- their hash. They outlive their cart.
CREATE TABLE checkout_tokens (
    store   TEXT   NOT NULL,
    hash    TEXT   NOT NULL,
    cart_id TEXT   NOT NULL,
    uses    BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (store, hash)
); -- clustered
CREATE INDEX checkout_tokens_expires ON checkout_tokens (expires);

-- +goose Down
DROP TABLE checkout_tokens;
