-- Visits with the attending physician beside the patient (D to P with D): opened before they have an hour.
CREATE TABLE joint (
    tenant           TEXT    NOT NULL,
    id               TEXT    NOT NULL,
    patient          TEXT    NOT NULL,
    attending        TEXT    NOT NULL,
    remote           TEXT    NOT NULL,
    service          TEXT    NOT NULL, -- care::Service
    opened_by        TEXT    NOT NULL,
    opened_at        BIGINT NOT NULL,
    consultation     TEXT,             -- its visit, once it has an hour
    responsible      TEXT,             -- exactly one: who answers for the care
    basis            TEXT,             -- the agreement that names the remote physician
    way              TEXT    NOT NULL, -- device | same_room
    here_at          BIGINT,          -- the attending physician confirmed to be in the patient's room
    told_responsible TEXT,             -- what the patient was shown and agreed to
    told_way         TEXT,
    told_at          BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX joint_by_consultation ON joint (tenant, consultation);

-- What the two physicians hand each other: the newest of a kind counts.
CREATE TABLE joint_paper (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    joint       TEXT    NOT NULL,
    patient     TEXT    NOT NULL,
    kind        TEXT    NOT NULL, -- information | need | letter | reply
    content     BYTEA   NOT NULL, -- sealed
    written_by  TEXT    NOT NULL,
    written_at  BIGINT NOT NULL,
    signed_at   BIGINT,
    opened_at   BIGINT,          -- by the other physician
    answer      BIGINT,          -- the other physician's: sufficient, accepted
    words       BYTEA,             -- sealed: what is asked for
    answered_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX joint_paper_by_joint ON joint_paper (tenant, joint, kind, written_at);

-- How two physicians share responsibility. Of no patient: it names the two alone.
CREATE TABLE responsibility_agreement (
    tenant              TEXT    NOT NULL,
    id                  TEXT    NOT NULL,
    attending           TEXT    NOT NULL,
    remote              TEXT    NOT NULL,
    content             BYTEA   NOT NULL, -- sealed for the institution
    written_by          TEXT    NOT NULL,
    written_at          BIGINT NOT NULL,
    attending_signed_at BIGINT,
    remote_signed_at    BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX responsibility_agreement_by_pair ON responsibility_agreement (tenant, attending, remote, written_at);

-- Who was there when, in a visit with the attending physician.
CREATE TABLE joint_presence (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    who          TEXT    NOT NULL, -- attending | remote | patient
    source       TEXT    NOT NULL, -- media | named
    from_at      BIGINT NOT NULL,
    until_at     BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX joint_presence_by_consultation ON joint_presence (tenant, consultation, from_at);

-- Which of these services the institution offers, the newest row of each.
CREATE TABLE joint_service (
    tenant  TEXT    NOT NULL,
    service TEXT    NOT NULL,
    offered BIGINT NOT NULL,
    set_by  TEXT    NOT NULL,
    set_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant, service)
);
