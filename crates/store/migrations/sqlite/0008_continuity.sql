-- Who the patient is, who stands in for whom, what a plan promises others, and what stays with the patient after a visit.

ALTER TABLE identity_check ADD COLUMN outcome TEXT; -- match | mismatch | unclear; none before this release
ALTER TABLE identity_check ADD COLUMN detail BLOB;  -- sealed: words of documents, steps, reason of an exemption

-- What the patient says of the own documents: that there is none with a photograph (cl-1.4-ii-b).
CREATE TABLE identity_answer (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    proxy        TEXT,
    no_photo     INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation)
) STRICT;
