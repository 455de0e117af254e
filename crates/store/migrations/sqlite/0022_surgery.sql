-- Remote surgery: its registers, what was attested, and what was measured.

-- Registers of remote surgery: guidelines, sites, lines. Of no patient.
CREATE TABLE surgery_entry (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    register   TEXT    NOT NULL, -- guideline | site | network
    content    TEXT    NOT NULL, -- JSON
    entered_by TEXT    NOT NULL,
    entered_at INTEGER NOT NULL,
    ended_at   INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;

-- What was attested for remote surgery, each for a year.
CREATE TABLE surgery_attestation (
    tenant    TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    subject   TEXT    NOT NULL, -- remote_surgery | surgery_guideline | surgery_structure | takeover_drill
    guideline TEXT,
    site      TEXT,
    signed_by TEXT    NOT NULL,
    signed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

-- The way there and back over a line, as this server measured it.
CREATE TABLE surgery_probe (
    tenant   TEXT    NOT NULL,
    network  TEXT    NOT NULL,
    side     TEXT    NOT NULL, -- attending | remote
    at       INTEGER NOT NULL,
    delay_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, network, side, at)
) STRICT;

-- Tries before the start, with what the media server counted; and each physician's own "good".
CREATE TABLE surgery_test (
    tenant        TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    joint         TEXT    NOT NULL,
    side          TEXT    NOT NULL, -- attending | remote
    what          TEXT    NOT NULL, -- main | backup | good
    good          INTEGER NOT NULL,
    video_seconds INTEGER NOT NULL,
    audio_seconds INTEGER NOT NULL,
    loss_permille INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX surgery_test_by_joint ON surgery_test (tenant, joint, at);

-- The line was lost for the time that was set, and what the attending physician decided.
CREATE TABLE surgery_loss (
    tenant      TEXT    NOT NULL,
    joint       TEXT    NOT NULL,
    since_at    INTEGER NOT NULL,
    prompted_at INTEGER NOT NULL,
    decision    TEXT,             -- take_over | wait
    decided_by  TEXT,
    decided_at  INTEGER,
    PRIMARY KEY (tenant, joint, since_at)
) STRICT;
