-- Places at which several patients are seen: what each is registered as, its papers, and who is booked where.
CREATE TABLE site (
    tenant        TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    kind          TEXT    NOT NULL, -- household | receiving_facility | clinic | group
    home_hash     BYTEA   NOT NULL, -- keyed hash of care::place::site::Key
    building_hash BYTEA   NOT NULL,
    content       BYTEA   NOT NULL, -- sealed: name and address
    number        TEXT,             -- of the notification as a clinic
    file_digest   TEXT,
    file_type     TEXT,
    file          BYTEA,             -- sealed
    entered_at    BIGINT  NOT NULL,
    ended_at      BIGINT ,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX site_one ON site (tenant, home_hash) WHERE ended_at IS NULL;
CREATE INDEX site_by_building ON site (tenant, building_hash) WHERE ended_at IS NULL;

CREATE TABLE site_exception (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    site         TEXT    NOT NULL,
    round        TEXT    NOT NULL, -- mobile_clinic | checkup_round
    from_on      TEXT    NOT NULL,
    until_on     TEXT    NOT NULL,
    confirmed_on TEXT    NOT NULL,
    authority    TEXT    NOT NULL,
    contact      TEXT    NOT NULL,
    file_digest  TEXT    NOT NULL,
    file_type    TEXT    NOT NULL,
    file         BYTEA   NOT NULL, -- sealed
    signed_by    TEXT,
    signed_at    BIGINT ,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX site_exception_by_site ON site_exception (tenant, site, id);

CREATE TABLE visit_place (
    tenant        TEXT NOT NULL,
    consultation  TEXT NOT NULL,
    patient       TEXT NOT NULL,
    home_hash     BYTEA NOT NULL,
    booked_on     TEXT NOT NULL,
    PRIMARY KEY (tenant, consultation)
);

CREATE INDEX visit_place_by_home ON visit_place (tenant, home_hash, booked_on);
