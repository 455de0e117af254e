-- Institutions, their keys, and their ledgers.

CREATE TABLE tenant (
    id      TEXT    NOT NULL PRIMARY KEY,
    name    TEXT    NOT NULL,
    created INTEGER NOT NULL, -- µs UTC; 0 for the installation itself
    wrapped BLOB    NOT NULL  -- the tenant key under the master key
) STRICT, WITHOUT ROWID;

-- Keys under the tenant key: 'index' for lookup hashes, 'ledger' for checkpoints (its public half beside it).
CREATE TABLE tenant_key (
    tenant  TEXT NOT NULL REFERENCES tenant (id),
    kind    TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    public  TEXT,
    PRIMARY KEY (tenant, kind)
) STRICT, WITHOUT ROWID;

-- A patient's key under the tenant key. Without `wrapped` the patient's content is erased for good.
CREATE TABLE patient_key (
    tenant   TEXT NOT NULL REFERENCES tenant (id),
    patient  TEXT NOT NULL,
    wrapped  BLOB,
    shredded INTEGER,
    PRIMARY KEY (tenant, patient),
    CHECK ((wrapped IS NULL) = (shredded IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_head (
    tenant   TEXT    NOT NULL PRIMARY KEY REFERENCES tenant (id),
    size     INTEGER NOT NULL,
    frontier BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_entry (
    tenant TEXT    NOT NULL REFERENCES tenant (id),
    seq    INTEGER NOT NULL,
    body   TEXT    NOT NULL,
    leaf   BLOB    NOT NULL,
    PRIMARY KEY (tenant, seq)
) STRICT, WITHOUT ROWID;

-- Complete tiles only. `root` stands before `hashes` so that it is read without them.
CREATE TABLE ledger_tile (
    tenant TEXT    NOT NULL REFERENCES tenant (id),
    level  INTEGER NOT NULL,
    place  INTEGER NOT NULL,
    root   BLOB    NOT NULL,
    hashes BLOB    NOT NULL,
    PRIMARY KEY (tenant, level, place)
) STRICT;

CREATE TABLE ledger_checkpoint (
    tenant TEXT    NOT NULL REFERENCES tenant (id),
    size   INTEGER NOT NULL,
    note   TEXT    NOT NULL,
    PRIMARY KEY (tenant, size)
) STRICT, WITHOUT ROWID;

-- Time-stamps (RFC 3161) of an outside authority on a checkpoint: `checkpoint` holds the very bytes that were stamped.
CREATE TABLE time_stamp (
    tenant     TEXT    NOT NULL REFERENCES tenant (id),
    size       INTEGER NOT NULL, -- entries that the checkpoint speaks for
    checkpoint TEXT    NOT NULL,
    token      BLOB    NOT NULL,
    gen_time   INTEGER NOT NULL, -- µs UTC, as the token says
    authority  TEXT    NOT NULL,
    PRIMARY KEY (tenant, size)
) STRICT;

CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;

CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;

CREATE TRIGGER ledger_tile_no_update BEFORE UPDATE ON ledger_tile
BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;

CREATE TRIGGER ledger_tile_no_delete BEFORE DELETE ON ledger_tile
BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;

CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;

CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;

CREATE TRIGGER time_stamp_no_update BEFORE UPDATE ON time_stamp
BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;

CREATE TRIGGER time_stamp_no_delete BEFORE DELETE ON time_stamp
BEGIN
    SELECT RAISE(ABORT, 'the ledger only grows');
END;
