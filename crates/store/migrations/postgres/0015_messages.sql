-- Messages beside the visits: what they are for, who accepted that, and what was written. What visits are told beforehand.
CREATE TABLE chat_scope (
    tenant    TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    content   TEXT    NOT NULL, -- care::chat::Scope; the institution's own words
    signed_by TEXT    NOT NULL,
    signed_at BIGINT NOT NULL,
    ended_at  BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX chat_scope_one ON chat_scope (tenant) WHERE ended_at IS NULL;

CREATE TABLE chat_acceptance (
    tenant      TEXT    NOT NULL,
    patient     TEXT    NOT NULL,
    scope       TEXT    NOT NULL,
    proxy       TEXT,
    accepted_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, patient, scope)
);

CREATE TABLE chat_message (
    tenant  TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    patient TEXT    NOT NULL,
    person  TEXT,             -- who wrote for the clinic; none where the patient wrote
    words   BYTEA   NOT NULL, -- sealed
    flag    TEXT,             -- body | urgent
    sent_at BIGINT NOT NULL,
    read_at BIGINT,          -- when the other side first saw it
    PRIMARY KEY (tenant, id)
);

CREATE INDEX chat_message_by_patient ON chat_message (tenant, patient, sent_at);
CREATE INDEX chat_message_unread ON chat_message (tenant, sent_at) WHERE read_at IS NULL AND person IS NULL;

-- That a patient was told where to be during a visit.
CREATE TABLE place_guidance (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    told         TEXT    NOT NULL, -- sent | shown
    version      BIGINT NOT NULL,
    told_at      BIGINT NOT NULL,
    PRIMARY KEY (tenant, consultation, told)
);
