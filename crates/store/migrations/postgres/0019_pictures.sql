-- Pictures: what a patient sends as an aid for a visit, and the masked licence of a physician.
CREATE TABLE aid (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    kind         TEXT    NOT NULL, -- picture | words
    content      BYTEA,             -- sealed; none where it was set aside
    set_aside    TEXT,             -- why it is not shown: signature | program
    digest       TEXT,             -- SHA-256 of what was set aside, for whoever looks into it
    sent_at      BIGINT  NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX aid_by_visit ON aid (tenant, consultation, id);

CREATE TABLE licence_picture (
    tenant       TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    picture      BYTEA   NOT NULL, -- sealed under the institution's key
    digest       TEXT    NOT NULL,
    masked       TEXT,             -- the cells that are hidden; none while it waits for that, and is shown to no patient
    handed_in_at BIGINT  NOT NULL,
    PRIMARY KEY (tenant, person)
);
