-- Lists that the operator loads, for the whole installation: every edition stays, as the file that it was.
CREATE TABLE list_edition (
    tenant    TEXT NOT NULL, -- the zero ULID
    list      TEXT NOT NULL, -- drugs | high_safety | careful
    number    BIGINT NOT NULL,
    name      TEXT NOT NULL,
    digest    TEXT NOT NULL, -- SHA-256 of the file
    whole     BIGINT NOT NULL, -- 1: replaces everything before it
    row_count BIGINT NOT NULL,
    loaded_at BIGINT NOT NULL,
    file      BYTEA NOT NULL,
    PRIMARY KEY (tenant, list, number)
);
