-- What mails are signed with, and the inbox of the sandbox.

-- +goose Up
-- The key with which a store signs for a domain. The one made last counts: its
-- selector says to verifiers which record of the domain to read.
CREATE TABLE dkim_keys (
    store    TEXT   NOT NULL,
    domain   TEXT   NOT NULL,
    selector TEXT   NOT NULL,
    private  TEXT   NOT NULL, -- PKCS #8, base64
    created  BIGINT NOT NULL,
    PRIMARY KEY (store, domain)
);

-- Mails that the sandbox kept instead of sending them. Ids go up across the
-- stores, so that the newest of all have the highest.
CREATE TABLE sandbox_mails (
    store     TEXT   NOT NULL,
    id        BIGINT NOT NULL,
    recipient TEXT   NOT NULL, -- name and address in lower case, to be searched
    doc       TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE INDEX sandbox_mails_id ON sandbox_mails (id);

-- +goose Down
DROP TABLE sandbox_mails;
DROP TABLE dkim_keys;
