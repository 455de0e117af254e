-- Before any care: what the clinic publishes of pre-consultations, who asks for an appointment, and what came of them.

-- Fee and limits of pre-consultations, by version. The newest counts; none is changed.
CREATE TABLE preconsultation_terms (
    tenant          TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    offered         INTEGER NOT NULL,
    fee_yen         INTEGER,
    charged         TEXT    NOT NULL,
    refund          TEXT    NOT NULL,
    may_not_proceed TEXT    NOT NULL,
    external        TEXT    NOT NULL, -- the clinic's own site, or empty
    published_by    TEXT    NOT NULL,
    published_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, version)
) STRICT;

-- Somebody asks for an appointment on the public page. Nobody is a patient by that.
CREATE TABLE appointment_request (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    service      TEXT    NOT NULL, -- care::Service
    content      BLOB    NOT NULL, -- sealed under the institution's key: who, how to reach, what for
    terms        INTEGER,          -- the version of the terms that was acknowledged
    fee_yen      INTEGER,          -- and the fee it named: the one that is charged
    token_hash   BLOB    NOT NULL,
    made_at      INTEGER NOT NULL,
    answer       TEXT,             -- accepted | declined
    reply        BLOB,             -- sealed: the words of a decline
    answered_by  TEXT,
    answered_at  INTEGER,
    patient      TEXT,
    consultation TEXT,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX appointment_open ON appointment_request (tenant, made_at) WHERE answer IS NULL;
CREATE INDEX appointment_by_patient ON appointment_request (tenant, patient, made_at);
CREATE INDEX appointment_by_consultation ON appointment_request (tenant, consultation);
CREATE UNIQUE INDEX appointment_by_token ON appointment_request (tenant, token_hash);

-- Whether what is said in a pre-consultation may go to the institution that takes the patient over: the patient's own word.
CREATE TABLE preconsultation_sharing (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    agrees       INTEGER NOT NULL,
    proxy        TEXT,
    device       TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation)
) STRICT;

CREATE TABLE preconsultation_result (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    outcome      TEXT    NOT NULL,
    content      BLOB    NOT NULL, -- sealed: what was heard and told, place, contact, document or reason
    digest       TEXT,             -- SHA-256 of the document that went along
    ended_by     TEXT    NOT NULL,
    ended_at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation)
) STRICT;
