-- What follows a first visit online, told to its patient (cl-1.3-ii-a).
CREATE TABLE after_visit_sheet (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    content      BYTEA   NOT NULL, -- sealed
    kept_at      BIGINT  NOT NULL,
    signed_by    TEXT,
    signed_at    BIGINT,
    shown_at     BIGINT, -- on the patient's page
    read_at      BIGINT, -- the patient said so
    PRIMARY KEY (tenant, consultation)
);
