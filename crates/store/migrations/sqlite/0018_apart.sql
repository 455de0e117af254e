-- Services apart from ordinary care, each with grounds of its own.

-- Check-ups that smoking cessation without a visit in person rests on: the newest counts.
CREATE TABLE smoking_checkup (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    patient    TEXT    NOT NULL,
    content    BLOB    NOT NULL, -- sealed
    file       BLOB    NOT NULL, -- sealed: the paper itself
    kind       TEXT    NOT NULL, -- media type of the paper
    digest     TEXT    NOT NULL, -- SHA-256 of the paper
    entered_by TEXT    NOT NULL,
    entered_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX smoking_checkup_by_patient ON smoking_checkup (tenant, patient, entered_at);

-- What a physician signed for a course of smoking cessation, and the patient's word on it: the newest counts.
CREATE TABLE smoking_course (
    tenant          TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    patient         TEXT    NOT NULL,
    plan_version    INTEGER,          -- of the care plan in force then; none before the first visit
    content         BLOB    NOT NULL, -- sealed
    signed_by       TEXT    NOT NULL,
    signed_at       INTEGER NOT NULL,
    acknowledged_at INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX smoking_course_by_patient ON smoking_course (tenant, patient, signed_at);
