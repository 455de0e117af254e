-- Institutions, their keys, and their ledgers.

CREATE TABLE tenant (
    id      TEXT   NOT NULL PRIMARY KEY,
    name    TEXT   NOT NULL,
    created BIGINT NOT NULL, -- µs UTC; 0 for the installation itself
    wrapped BYTEA  NOT NULL  -- the tenant key under the master key
);

-- Keys under the tenant key: 'index' for lookup hashes, 'ledger' for checkpoints (its public half beside it).
CREATE TABLE tenant_key (
    tenant  TEXT  NOT NULL REFERENCES tenant (id),
    kind    TEXT  NOT NULL,
    wrapped BYTEA NOT NULL,
    public  TEXT,
    PRIMARY KEY (tenant, kind)
);

-- A patient's key under the tenant key. Without `wrapped` the patient's content is erased for good.
CREATE TABLE patient_key (
    tenant   TEXT NOT NULL REFERENCES tenant (id),
    patient  TEXT NOT NULL,
    wrapped  BYTEA,
    shredded BIGINT,
    PRIMARY KEY (tenant, patient),
    CHECK ((wrapped IS NULL) = (shredded IS NOT NULL))
);

CREATE TABLE ledger_head (
    tenant   TEXT   NOT NULL PRIMARY KEY REFERENCES tenant (id),
    size     BIGINT NOT NULL,
    frontier BYTEA  NOT NULL
);

CREATE TABLE ledger_entry (
    tenant TEXT   NOT NULL REFERENCES tenant (id),
    seq    BIGINT NOT NULL,
    body   TEXT   NOT NULL,
    leaf   BYTEA  NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- Complete tiles only. `root` stands before `hashes` so that it is read without them.
CREATE TABLE ledger_tile (
    tenant TEXT   NOT NULL REFERENCES tenant (id),
    level  BIGINT NOT NULL,
    place  BIGINT NOT NULL,
    root   BYTEA  NOT NULL,
    hashes BYTEA  NOT NULL,
    PRIMARY KEY (tenant, level, place)
);

CREATE TABLE ledger_checkpoint (
    tenant TEXT   NOT NULL REFERENCES tenant (id),
    size   BIGINT NOT NULL,
    note   TEXT   NOT NULL,
    PRIMARY KEY (tenant, size)
);

-- Time-stamps (RFC 3161) of an outside authority on a checkpoint: `checkpoint` holds the very bytes that were stamped.
CREATE TABLE time_stamp (
    tenant     TEXT   NOT NULL REFERENCES tenant (id),
    size       BIGINT NOT NULL, -- entries that the checkpoint speaks for
    checkpoint TEXT   NOT NULL,
    token      BYTEA  NOT NULL,
    gen_time   BIGINT NOT NULL, -- µs UTC, as the token says
    authority  TEXT   NOT NULL,
    PRIMARY KEY (tenant, size)
);

CREATE FUNCTION ledger_only_grows() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger only grows';
END
$$;

CREATE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();

CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows();

CREATE TRIGGER ledger_tile_no_change BEFORE UPDATE OR DELETE ON ledger_tile
    FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();

CREATE TRIGGER ledger_tile_no_truncate BEFORE TRUNCATE ON ledger_tile
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows();

CREATE TRIGGER ledger_checkpoint_no_change BEFORE UPDATE OR DELETE ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();

CREATE TRIGGER ledger_checkpoint_no_truncate BEFORE TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows();

CREATE TRIGGER time_stamp_no_change BEFORE UPDATE OR DELETE ON time_stamp
    FOR EACH ROW EXECUTE FUNCTION ledger_only_grows();

CREATE TRIGGER time_stamp_no_truncate BEFORE TRUNCATE ON time_stamp
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows();
