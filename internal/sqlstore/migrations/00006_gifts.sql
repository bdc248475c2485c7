-- Gift certificates, and what each has paid.

-- +goose Up
CREATE TABLE gift_certificates (
    store      TEXT   NOT NULL,
    id         BIGINT NOT NULL,
    code       TEXT   NOT NULL, -- in upper case
    order_id   BIGINT NOT NULL,
    to_name    TEXT   NOT NULL,
    to_email   TEXT   NOT NULL,
    from_name  TEXT   NOT NULL,
    from_email TEXT   NOT NULL,
    balance    BIGINT NOT NULL, -- in ten-thousandths
    doc        TEXT   NOT NULL,
    PRIMARY KEY (store, id)
);
CREATE UNIQUE INDEX gift_certificates_code ON gift_certificates (store, code);
CREATE INDEX gift_certificates_order ON gift_certificates (store, order_id);

CREATE TABLE gift_charges (
    store          TEXT   NOT NULL,
    certificate_id BIGINT NOT NULL,
    order_id       BIGINT NOT NULL,
    amount         BIGINT NOT NULL,
    at             BIGINT NOT NULL,
    PRIMARY KEY (store, certificate_id, order_id)
); -- clustered

-- +goose Down
DROP TABLE gift_charges;
DROP TABLE gift_certificates;
