-- The newest rows of a cart's journal, kept in its own row on SQLite: the write
-- then touches one page and not two (docs/adr/0005-journal-rows.md).

-- +goose Up
ALTER TABLE carts ADD COLUMN recent TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE carts DROP COLUMN recent;
