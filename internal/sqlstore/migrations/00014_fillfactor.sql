-- On PostgreSQL a write of a cart is a new version of its row. Where that fits on
-- the same page, no index learns of it: pages are filled so far only that it does
-- (docs/adr/0017-carts-on-postgresql.md).

-- +goose Up
ALTER TABLE carts SET (fillfactor = 80); -- PostgreSQL

-- +goose Down
ALTER TABLE carts RESET (fillfactor); -- PostgreSQL
