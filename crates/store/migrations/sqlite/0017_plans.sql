-- What follows a first visit online, told to its patient (cl-1.3-ii-a).
CREATE TABLE after_visit_sheet (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    content      BLOB    NOT NULL, -- sealed
    kept_at      INTEGER NOT NULL,
    signed_by    TEXT,
    signed_at    INTEGER,
    shown_at     INTEGER, -- on the patient's page
    read_at      INTEGER, -- the patient said so
    PRIMARY KEY (tenant, consultation)
) STRICT;

-- Where patients are hard to reach quickly, and what is agreed with partners for them (cl-1.3-iv-b).
CREATE TABLE far_area (
    tenant     TEXT    NOT NULL PRIMARY KEY,
    areas      TEXT    NOT NULL, -- JSON
    changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE response_agreement (
    tenant      TEXT    NOT NULL,
    partner     TEXT    NOT NULL,
    transport   TEXT    NOT NULL,
    place       TEXT    NOT NULL,
    contact     TEXT    NOT NULL,
    digest      TEXT    NOT NULL, -- SHA-256 of the document
    document    BLOB    NOT NULL, -- names no patient
    valid_until TEXT    NOT NULL,
    kept_at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, partner)
) STRICT;

-- A plan changed by another physician, put to the patient (cl-1.3-v).
CREATE TABLE plan_proposal (
    tenant      TEXT    NOT NULL,
    plan        TEXT    NOT NULL,
    patient     TEXT    NOT NULL,
    harms       INTEGER NOT NULL,
    asked_by    TEXT,
    asked_at    INTEGER NOT NULL,
    answer      TEXT,
    answered_at INTEGER,
    PRIMARY KEY (tenant, plan)
) STRICT;
CREATE INDEX plan_proposal_by_patient ON plan_proposal (tenant, patient);

-- Summaries for the institution that responds to a sudden change, and its word that they arrived (cl-1.3-iv-a).
CREATE TABLE plan_summary (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    receiver     TEXT    NOT NULL,
    content      BLOB    NOT NULL, -- sealed
    sent_by      TEXT,
    sent_at      INTEGER NOT NULL,
    receipt      BLOB, -- sealed: who said so
    received_at  INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX plan_summary_by_patient ON plan_summary (tenant, patient, receiver, sent_at);
