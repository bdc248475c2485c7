-- How abandoned carts come back: settings, and the mails of the sequences.

-- +goose Up
CREATE TABLE recovery_settings (
    store   TEXT   NOT NULL,
    channel BIGINT NOT NULL, -- 0 is the store
    doc     TEXT   NOT NULL,
    PRIMARY KEY (store, channel)
); -- clustered

-- The counter of kind mail_template says whether anything is stored of a
-- store: until then its set is the default one.
CREATE TABLE mail_templates (
    store   TEXT   NOT NULL,
    id      BIGINT NOT NULL,
    channel BIGINT NOT NULL, -- 0 is the set of the store
    sent    BIGINT NOT NULL, -- how many mails were handed over
    doc     TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE INDEX mail_templates_set ON mail_templates (store, channel, id);

-- +goose Down
DROP TABLE mail_templates;
DROP TABLE recovery_settings;
