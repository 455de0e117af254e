-- Special pathways: what an institution has switched on beside ordinary care, and what emergency contraception rests on.
CREATE TABLE pathway_setting (
    tenant   TEXT    NOT NULL,
    pathway  TEXT    NOT NULL, -- emergency_contraception
    offered  INTEGER NOT NULL,
    drugs    TEXT    NOT NULL, -- JSON list of codes
    days_max INTEGER NOT NULL,
    set_by   TEXT    NOT NULL,
    set_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, pathway)
) STRICT;

-- Published lists of places, each edition as the file that it was.
CREATE TABLE place_list (
    tenant      TEXT    NOT NULL,
    list        TEXT    NOT NULL, -- institutions | pharmacies
    number      INTEGER NOT NULL,
    edition     TEXT    NOT NULL,
    source_date TEXT    NOT NULL,
    digest      TEXT    NOT NULL,
    row_count   INTEGER NOT NULL,
    file        BLOB    NOT NULL,
    loaded_by   TEXT    NOT NULL,
    loaded_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, list, number)
) STRICT;

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
    file         BLOB,             -- sealed
    set_by       TEXT    NOT NULL,
    set_at       INTEGER NOT NULL,
    withdrawn_at INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE pathway_case (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT,
    content      BLOB    NOT NULL, -- sealed
    token_hash   BLOB,             -- of the pharmacist's link
    opened_by    TEXT    NOT NULL,
    opened_at    INTEGER NOT NULL,
    ordered_at   INTEGER,
    ended_at     INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX pathway_case_by_patient ON pathway_case (tenant, patient, opened_at);
CREATE UNIQUE INDEX pathway_case_by_consultation ON pathway_case (tenant, consultation);
CREATE UNIQUE INDEX pathway_case_by_token ON pathway_case (tenant, token_hash);

-- What the pharmacist returned: once.
CREATE TABLE pharmacist_report (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL, -- the case
    patient     TEXT    NOT NULL,
    content     BLOB    NOT NULL, -- sealed
    way         TEXT    NOT NULL, -- link | paper
    returned_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE contact_attempt (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    course      TEXT    NOT NULL, -- the case
    patient     TEXT    NOT NULL,
    content     BLOB    NOT NULL, -- sealed
    tried_by    TEXT    NOT NULL,
    tried_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX contact_attempt_by_course ON contact_attempt (tenant, course, tried_at);
