-- Before a visit: the list of symptoms, what the patient answered, what the physician decided of it.

-- Whether the shipped edition of the list is in force here. No row: it is. Never deleted, each change says why.
CREATE TABLE symptom_list (
    tenant   TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    edition  TEXT    NOT NULL,
    in_force INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    set_by   TEXT    NOT NULL,
    set_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

-- A clinic's own rows beside the list; one that is no longer asked stays here, with who ended it and why.
CREATE TABLE symptom_own (
    tenant    TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    part      TEXT    NOT NULL, -- group of the list
    ja        TEXT    NOT NULL,
    en        TEXT    NOT NULL,
    physician TEXT    NOT NULL,
    urgent    INTEGER NOT NULL,
    added_by  TEXT    NOT NULL,
    added_at  INTEGER NOT NULL,
    ended_by  TEXT,
    ended_at  INTEGER,
    reason    TEXT,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE questionnaire (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    proxy        TEXT,
    edition      TEXT    NOT NULL,
    urgent       INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    content      BLOB    NOT NULL, -- sealed: rows chosen, words
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
) STRICT;

CREATE INDEX questionnaire_by_consultation ON questionnaire (tenant, consultation, at);

CREATE TABLE symptom_decision (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    content      BLOB    NOT NULL, -- sealed: row, decision, grounds
    decided_by   TEXT    NOT NULL,
    decided_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
) STRICT;

CREATE INDEX symptom_decision_by_consultation ON symptom_decision (tenant, consultation, decided_at);

-- Sudden changes: each flag with how it was lifted. None is deleted.
CREATE TABLE acute_flag (
    tenant    TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    patient   TEXT    NOT NULL,
    raised    TEXT    NOT NULL, -- intake | staff | physician
    words     BLOB    NOT NULL, -- sealed: what happened
    raised_by TEXT    NOT NULL,
    raised_at INTEGER NOT NULL,
    lifted_on TEXT,             -- the record in person
    lifted_by TEXT,
    lifted_at INTEGER,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, patient) REFERENCES patient (tenant, id)
) STRICT;

CREATE INDEX acute_flag_by_patient ON acute_flag (tenant, patient, raised_at);

-- What was tried to have a patient seen in person before an emergency start past a flag.
CREATE TABLE acute_attempt (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    words        BLOB    NOT NULL, -- sealed
    said_by      TEXT    NOT NULL,
    said_at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
) STRICT;

-- The route of a first visit, where no record in person says it.
CREATE TABLE first_visit_route (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    route        TEXT    NOT NULL, -- regular_stated | sources
    grounds      BLOB    NOT NULL, -- sealed
    chosen_by    TEXT    NOT NULL,
    chosen_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
) STRICT;
