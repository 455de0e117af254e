-- Who the patient is, who stands in for whom, what a plan promises others, and what stays with the patient after a visit.

ALTER TABLE identity_check ADD COLUMN outcome TEXT; -- match | mismatch | unclear; none before this release
ALTER TABLE identity_check ADD COLUMN detail BLOB;  -- sealed: words of documents, steps, reason of an exemption

-- What the patient says of the own documents: that there is none with a photograph (cl-1.4-ii-b).
CREATE TABLE identity_answer (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    proxy        TEXT,
    no_photo     INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation)
) STRICT;

-- Whom patients complain to, whom they ask for their records, and where anybody can look a physician up.
CREATE TABLE public_contact (
    tenant           TEXT    NOT NULL,
    complaint        TEXT    NOT NULL,
    complaint_phone  TEXT    NOT NULL,
    disclosure       TEXT    NOT NULL,
    disclosure_phone TEXT    NOT NULL,
    licence_search   TEXT    NOT NULL, -- https://
    changed_at       INTEGER NOT NULL,
    PRIMARY KEY (tenant)
) STRICT;

-- The third term of the public search for a physician; name and year stand on the card.
CREATE TABLE physician_sex (
    tenant TEXT NOT NULL,
    person TEXT NOT NULL,
    sex    TEXT NOT NULL, -- female | male
    set_by TEXT NOT NULL,
    PRIMARY KEY (tenant, person)
) STRICT;

-- A patient asked for the proof and no card was in force: answered by the licence on camera.
CREATE TABLE proof_request (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    asked_at     INTEGER NOT NULL,
    accepted_at  INTEGER,
    PRIMARY KEY (tenant, consultation)
) STRICT;

-- Each night's look at the proofs of those who can be booked in the days ahead.
CREATE TABLE readiness_report (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    person     TEXT    NOT NULL,
    looked_at  INTEGER NOT NULL,
    until_date TEXT,             -- last day of the proof; none without one
    hidden     INTEGER NOT NULL, -- 1: cannot be booked for the days after it
    drawn      INTEGER NOT NULL, -- 1: the card could be drawn and checked
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX readiness_by_time ON readiness_report (tenant, looked_at);

CREATE TABLE link_check (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    link       TEXT    NOT NULL,
    checked_at INTEGER NOT NULL,
    reached    INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

-- What stays with the patient of a visit: who it was and whom to ask, as of that day.
CREATE TABLE visit_notice (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    token_hash   BLOB    NOT NULL,
    content      BLOB    NOT NULL, -- sealed
    made_at      INTEGER NOT NULL,
    read_at      INTEGER,
    printed_at   INTEGER,
    printed_by   TEXT,
    PRIMARY KEY (tenant, consultation)
) STRICT;

CREATE UNIQUE INDEX visit_notice_by_token ON visit_notice (tenant, token_hash);
