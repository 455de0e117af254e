-- Special pathways: what an institution has switched on beside ordinary care, and what emergency contraception rests on.
CREATE TABLE pathway_setting (
    tenant   TEXT    NOT NULL,
    pathway  TEXT    NOT NULL, -- emergency_contraception
    offered  BIGINT NOT NULL,
    drugs    TEXT    NOT NULL, -- JSON list of codes
    days_max BIGINT NOT NULL,
    set_by   TEXT    NOT NULL,
    set_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant, pathway)
);

-- Published lists of places, each edition as the file that it was.
CREATE TABLE place_list (
    tenant      TEXT    NOT NULL,
    list        TEXT    NOT NULL, -- institutions | pharmacies
    number      BIGINT NOT NULL,
    edition     TEXT    NOT NULL,
    source_date TEXT    NOT NULL,
    digest      TEXT    NOT NULL,
    row_count   BIGINT NOT NULL,
    file        BYTEA    NOT NULL,
    loaded_by   TEXT    NOT NULL,
    loaded_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant, list, number)
);

-- What a physician carries in the staff register, with the certificate.
CREATE TABLE staff_entry (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    entry        TEXT    NOT NULL, -- counselling | obstetrics | designated
    certificate  TEXT    NOT NULL,
    valid_from   TEXT    NOT NULL,
    valid_until  TEXT,
    digest       TEXT    NOT NULL,
    file         BYTEA,             -- sealed
    set_by       TEXT    NOT NULL,
    set_at       BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE pathway_case (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT,
    content      BYTEA    NOT NULL, -- sealed
    token_hash   BYTEA,             -- of the pharmacist's link
    opened_by    TEXT    NOT NULL,
    opened_at    BIGINT NOT NULL,
    ordered_at   BIGINT,
    ended_at     BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX pathway_case_by_patient ON pathway_case (tenant, patient, opened_at);
CREATE UNIQUE INDEX pathway_case_by_consultation ON pathway_case (tenant, consultation);
CREATE UNIQUE INDEX pathway_case_by_token ON pathway_case (tenant, token_hash);

-- What the pharmacist returned: once.
CREATE TABLE pharmacist_report (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL, -- the case
    patient     TEXT    NOT NULL,
    content     BYTEA    NOT NULL, -- sealed
    way         TEXT    NOT NULL, -- link | paper
    returned_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE contact_attempt (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    course      TEXT    NOT NULL, -- the case
    patient     TEXT    NOT NULL,
    content     BYTEA    NOT NULL, -- sealed
    tried_by    TEXT    NOT NULL,
    tried_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX contact_attempt_by_course ON contact_attempt (tenant, course, tried_at);
