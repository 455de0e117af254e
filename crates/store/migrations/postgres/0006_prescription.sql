-- What is known of a patient from a named source before a first visit. Struck out, never deleted.
CREATE TABLE prior_information (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    patient    TEXT    NOT NULL,
    source     TEXT    NOT NULL, -- own_chart | referral_letter | check_up | regional_network | medicine_notebook | ...
    matter     TEXT    NOT NULL, -- history | medication | allergy
    obtained   TEXT    NOT NULL, -- day
    content    BYTEA   NOT NULL, -- sealed: what it says, or that there is none
    entered_by TEXT    NOT NULL,
    entered_at BIGINT  NOT NULL,
    struck_by  TEXT,
    struck_at  BIGINT,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, patient) REFERENCES patient (tenant, id)
);

CREATE INDEX prior_information_by_patient ON prior_information (tenant, patient, entered_at);

-- The physician's own judgement that a first visit is possible on these sources; the newest counts.
CREATE TABLE background_judgement (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    judged_by    TEXT    NOT NULL,
    judged_at    BIGINT  NOT NULL,
    items        TEXT    NOT NULL, -- the names of those it rests on, a space between
    content      BYTEA   NOT NULL, -- sealed: the grounds
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
);

CREATE INDEX background_judgement_by_consultation ON background_judgement (tenant, consultation, judged_at);
