-- +goose Up
-- What a shopper's session typed at the checkout (fingerprints, no addresses),
-- what it ordered, and how often it tried codes of gift certificates.
ALTER TABLE sessions ADD COLUMN typed TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN ordered BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN tries_from BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE sessions DROP COLUMN tries_from;
ALTER TABLE sessions DROP COLUMN tries;
ALTER TABLE sessions DROP COLUMN ordered;
ALTER TABLE sessions DROP COLUMN typed;
