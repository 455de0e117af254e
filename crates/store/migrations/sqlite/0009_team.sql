-- Who attends a visit besides the physician, and what a nurse does there on whose word.
CREATE TABLE attendance (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    part         TEXT    NOT NULL, -- nurse | attending
    reason       BLOB    NOT NULL, -- sealed
    asked_by     TEXT    NOT NULL,
    asked_at     INTEGER NOT NULL,
    accepted     INTEGER,          -- the patient's answer
    answered_at  INTEGER,
    device       TEXT,             -- the attendant's browser
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX attendance_by_consultation ON attendance (tenant, consultation, asked_at);

CREATE TABLE nurse_instruction (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    patient    TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    content    BLOB    NOT NULL, -- sealed: basis, acts, days
    signed_by  TEXT    NOT NULL,
    signed_at  INTEGER NOT NULL,
    revised_in TEXT,             -- the consultation in which it was revised
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, patient, version)
) STRICT;

-- Reviewed unchanged, or something happened that asks for a review.
CREATE TABLE instruction_event (
    tenant  TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    patient TEXT    NOT NULL,
    kind    TEXT    NOT NULL, -- reviewed | new_symptom | admission | deviation
    words   BLOB    NOT NULL, -- sealed
    by      TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX instruction_event_by_patient ON instruction_event (tenant, patient, at);

CREATE TABLE nurse_order (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    instruction  TEXT    NOT NULL,
    act          TEXT    NOT NULL,
    ordered_by   TEXT    NOT NULL,
    ordered_at   INTEGER NOT NULL,
    result       BLOB,             -- sealed
    performed_by TEXT,
    performed_at INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX nurse_order_by_consultation ON nurse_order (tenant, consultation, ordered_at);

-- Why a physician who does not visit the patient at home sees the patient with a nurse.
CREATE TABLE assistance_departure (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    reason       BLOB    NOT NULL, -- sealed
    by           TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation)
) STRICT;

-- A nurse of a home-nursing station, who works here on an instruction alone.
CREATE TABLE station_nurse (
    tenant  TEXT    NOT NULL,
    person  TEXT    NOT NULL,
    station TEXT    NOT NULL,
    set_by  TEXT    NOT NULL,
    set_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, person)
) STRICT;
