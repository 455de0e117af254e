-- What stays open until somebody confirms it.
CREATE TABLE task (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT,
    about        TEXT,             -- the thing itself, by its id
    words        BLOB    NOT NULL, -- sealed: where, with whom; at the end, what came of it
    opened_at    INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    outcome      TEXT,             -- done | arrived | not_needed | lost
    closed_by    TEXT,
    closed_at    INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX task_open ON task (tenant, due_at) WHERE closed_at IS NULL;
CREATE INDEX task_by_patient ON task (tenant, patient, opened_at);
