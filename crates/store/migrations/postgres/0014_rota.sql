-- What an institution keeps of its turns: deputies, and whether checks of the healthy are offered (cl-1.2-viii-d, -e).
CREATE TABLE rota_rule (
    tenant     TEXT    NOT NULL PRIMARY KEY,
    deputies   TEXT    NOT NULL, -- JSON: person ids
    wellness   BIGINT  NOT NULL,
    changed_at BIGINT  NOT NULL
);

-- A physician who stands in, in one visit: why, in words, and the patient's answer (cl-1.2-viii-c).
CREATE TABLE substitute (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    physician    TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    words        BYTEA,  -- sealed
    proxy        TEXT,
    accepts      BIGINT,
    answered_at  BIGINT,
    PRIMARY KEY (tenant, consultation, physician)
);
CREATE INDEX substitute_by_patient ON substitute (tenant, patient, physician);

-- What is handed over to whoever stands in: signed, opened, and acknowledged before care begins (cl-1.2-viii-d).
CREATE TABLE substitute_note (
    tenant          TEXT    NOT NULL,
    consultation    TEXT    NOT NULL,
    physician       TEXT    NOT NULL,
    patient         TEXT    NOT NULL,
    content         BYTEA    NOT NULL, -- sealed
    signed_by       TEXT    NOT NULL,
    signed_at       BIGINT  NOT NULL,
    opened_at       BIGINT,
    acknowledged_at BIGINT,
    PRIMARY KEY (tenant, consultation, physician)
);
