-- On from a pre-consultation to a first visit by a physician who is not the regular one, and from there to care in person.

-- A referral to us: who sent the patient here, when and with what. Sealed.
CREATE TABLE coordination (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    patient    TEXT    NOT NULL,
    content    BLOB    NOT NULL,
    entered_by TEXT    NOT NULL,
    entered_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX coordination_by_patient ON coordination (tenant, patient, entered_at);

-- On what the first visit stands. The ground is plain, so that it can be counted; what was said is sealed.
CREATE TABLE onward (
    tenant          TEXT    NOT NULL,
    preconsultation TEXT    NOT NULL,
    patient         TEXT    NOT NULL,
    ground          TEXT    NOT NULL, -- care::preconsultation::Ground
    coordination    TEXT,
    content         BLOB    NOT NULL,
    opened_by       TEXT    NOT NULL,
    opened_at       INTEGER NOT NULL,
    consultation    TEXT,             -- the first visit that was booked on it
    PRIMARY KEY (tenant, preconsultation)
) STRICT;

CREATE INDEX onward_by_consultation ON onward (tenant, consultation);
CREATE INDEX onward_opened ON onward (tenant, opened_at);

-- How care in person follows: where, until when, and who contacts whom.
CREATE TABLE linkage (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    content      BLOB    NOT NULL,
    planned_by   TEXT    NOT NULL,
    planned_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation)
) STRICT;

-- Whether the patient needs guidance on the way to care in person, by version; the newest counts.
CREATE TABLE linkage_guidance (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    patient      TEXT    NOT NULL,
    needed       INTEGER NOT NULL,
    content      BLOB    NOT NULL, -- sealed: what it says, or why none is needed
    digest       TEXT,             -- SHA-256 of the summary
    until        TEXT,             -- the day until which it is to be readable
    token_hash   BLOB,
    expires_at   INTEGER,
    answered_by  TEXT    NOT NULL,
    answered_at  INTEGER NOT NULL,
    shown_at     INTEGER,
    PRIMARY KEY (tenant, consultation, version)
) STRICT;

CREATE UNIQUE INDEX linkage_guidance_by_token ON linkage_guidance (tenant, token_hash);

-- The reply to whoever referred the patient.
CREATE TABLE reply_letter (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    content      BLOB    NOT NULL,
    digest       TEXT    NOT NULL,
    sent_by      TEXT    NOT NULL,
    sent_at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation)
) STRICT;

-- Who at the receiving institution was spoken to, and what went along.
CREATE TABLE hand_over_contact (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    content      BLOB    NOT NULL,
    digest       TEXT    NOT NULL,
    contacted_at INTEGER NOT NULL,
    made_by      TEXT    NOT NULL,
    made_at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, consultation)
) STRICT;

-- What a partner can take, as somebody confirmed it on a day. The newest counts.
CREATE TABLE partner_confirmed (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    partner      TEXT    NOT NULL,
    takes        TEXT    NOT NULL,
    confirmed_on TEXT    NOT NULL,
    confirmed_by TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX partner_confirmed_by_partner ON partner_confirmed (tenant, partner, confirmed_on);
