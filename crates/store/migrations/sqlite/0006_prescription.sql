-- What is known of a patient from a named source before a first visit. Struck out, never deleted.
CREATE TABLE prior_information (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    patient    TEXT    NOT NULL,
    source     TEXT    NOT NULL, -- own_chart | referral_letter | check_up | regional_network | medicine_notebook | ...
    matter     TEXT    NOT NULL, -- history | medication | allergy
    obtained   TEXT    NOT NULL, -- day
    content    BLOB    NOT NULL, -- sealed: what it says, or that there is none
    entered_by TEXT    NOT NULL,
    entered_at INTEGER NOT NULL,
    struck_by  TEXT,
    struck_at  INTEGER,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, patient) REFERENCES patient (tenant, id)
) STRICT;

CREATE INDEX prior_information_by_patient ON prior_information (tenant, patient, entered_at);

-- The physician's own judgement that a first visit is possible on these sources; the newest counts.
CREATE TABLE background_judgement (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    judged_by    TEXT    NOT NULL,
    judged_at    INTEGER NOT NULL,
    items        TEXT    NOT NULL, -- the names of those it rests on, a space between
    content      BLOB    NOT NULL, -- sealed: the grounds
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
) STRICT;

CREATE INDEX background_judgement_by_consultation ON background_judgement (tenant, consultation, judged_at);

-- The medicines that the physician was told of in a visit, beside what the patient stated: a later one takes its place.
CREATE TABLE medicines_told (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    content      BLOB    NOT NULL, -- sealed: in words
    told_by      TEXT    NOT NULL,
    told_at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
) STRICT;

CREATE INDEX medicines_told_by_patient ON medicines_told (tenant, patient, told_at);

-- "Checked with the patient", of one visit and one version of the list.
CREATE TABLE medicines_review (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    version      TEXT    NOT NULL, -- digest over the names of the rows that make up the list
    reviewed_by  TEXT    NOT NULL,
    reviewed_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
) STRICT;

CREATE INDEX medicines_review_by_consultation ON medicines_review (tenant, consultation, reviewed_at);

-- The prescription of a visit: drafted until it is signed with the note, never changed after.
CREATE TABLE prescription (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    class        TEXT    NOT NULL, -- of the visit, as the server derived it
    content      BLOB    NOT NULL, -- sealed: lines with ingredient and days, comment, what was known of the background
    drugs        TEXT    NOT NULL, -- digest of the master's edition
    high_safety  TEXT    NOT NULL,
    careful      TEXT    NOT NULL,
    written_at   INTEGER NOT NULL,
    signed_by    TEXT,
    signed_at    INTEGER,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, consultation),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
) STRICT;

CREATE INDEX prescription_by_patient ON prescription (tenant, patient, signed_at);

-- What the patient says of the medicines some days after they were given.
CREATE TABLE adherence_answer (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    proxy        TEXT,
    at           INTEGER NOT NULL,
    problem      INTEGER NOT NULL,
    content      BLOB    NOT NULL, -- sealed: in the patient's words
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
) STRICT;

CREATE INDEX adherence_answer_by_consultation ON adherence_answer (tenant, consultation, at);
