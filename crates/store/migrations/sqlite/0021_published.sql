-- The checklist as it was published: each clause with its standing of that moment.
CREATE TABLE published_checklist (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    content      TEXT    NOT NULL, -- pairs of clause id and standing; nothing of a patient
    published_by TEXT    NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
