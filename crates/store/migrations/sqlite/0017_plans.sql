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
