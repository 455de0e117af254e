-- The consultation and all that its gates look at. Names, contacts and clinical text are sealed under the patient's key.

CREATE TABLE patient (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    number       BIGINT NOT NULL, -- chart number
    profile      BYTEA    NOT NULL, -- sealed
    created_at   BIGINT NOT NULL,
    recovered_at BIGINT,          -- contact renewed at the desk: identity is due again
    doubted_at   BIGINT,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, number)
);

-- Exact lookup without reading anybody: HMAC of the contact or birth date under the tenant's index key.
CREATE TABLE patient_lookup (
    tenant  TEXT NOT NULL,
    patient TEXT NOT NULL,
    kind    TEXT NOT NULL,
    hash    BYTEA NOT NULL,
    PRIMARY KEY (tenant, kind, hash, patient)
);

CREATE TABLE proxy (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    patient    TEXT    NOT NULL,
    person     BYTEA    NOT NULL, -- sealed: name, relation, contact, birth date
    created_at BIGINT NOT NULL,
    created_by TEXT    NOT NULL,
    ended_at   BIGINT,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, patient) REFERENCES patient (tenant, id)
);

CREATE TABLE consultation (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    number     BIGINT NOT NULL, -- booking number, told to the patient
    patient    TEXT    NOT NULL,
    physician  TEXT    NOT NULL,
    class      TEXT    NOT NULL,
    stage      TEXT    NOT NULL,
    booked_for BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    arrived_at BIGINT,
    began_at   BIGINT,
    ended_at   BIGINT,
    plan       TEXT,             -- the version in force when it began
    rota       TEXT,             -- the rule of item 8 that applied, or the reason for an exception
    affiliation TEXT,            -- the affiliation that the physician used when it began
    emergency  TEXT,             -- JSON
    unbooked   TEXT,             -- why nobody booked it: called_in
    rejudged   BYTEA,             -- sealed: why online although the visit in person is overdue
    arranged   BYTEA,             -- sealed: the arrangement for care in person
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, number),
    FOREIGN KEY (tenant, patient) REFERENCES patient (tenant, id)
);

CREATE INDEX consultation_by_time ON consultation (tenant, booked_for);
CREATE INDEX consultation_by_patient ON consultation (tenant, patient, booked_for);

CREATE TABLE invitation (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    proxy        TEXT,
    token_hash   BYTEA    NOT NULL,
    sent_at      BIGINT NOT NULL,
    wrong        BIGINT NOT NULL,
    closed_at    BIGINT,
    bound_device TEXT,
    bound_at     BIGINT,
    rebound_at   BIGINT,          -- opened anew from another browser
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
);

CREATE UNIQUE INDEX invitation_by_token ON invitation (tenant, token_hash);
CREATE INDEX invitation_by_consultation ON invitation (tenant, consultation);

CREATE TABLE outbox (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    proxy        TEXT,
    consultation TEXT,
    channel      TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    message      BYTEA    NOT NULL, -- sealed: to, subject, text
    created_at   BIGINT NOT NULL,
    sent_at      BIGINT,
    failed       TEXT,            -- why the port gave it back
    tries        BIGINT  NOT NULL, -- how often the port could not be reached
    retry_at     BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX outbox_by_consultation ON outbox (tenant, consultation, created_at);
CREATE INDEX outbox_in_line ON outbox (tenant, created_at) WHERE sent_at IS NULL AND failed IS NULL;
CREATE INDEX outbox_by_time ON outbox (tenant, created_at);

-- Texts with legal weight, by version. `material` grows only with a change in substance.
CREATE TABLE legal_text (
    tenant       TEXT    NOT NULL,
    kind         TEXT    NOT NULL, -- explanation | agreement
    tag          TEXT    NOT NULL,
    version      BIGINT NOT NULL,
    material     BIGINT NOT NULL,
    title_ja     TEXT    NOT NULL,
    title_en     TEXT    NOT NULL,
    body_ja      TEXT    NOT NULL,
    body_en      TEXT    NOT NULL,
    digest       TEXT    NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT,
    PRIMARY KEY (tenant, kind, tag, version)
);

-- The security statement that vendor, institution and patient stand on.
CREATE TABLE security_statement (
    tenant         TEXT    NOT NULL,
    material       BIGINT NOT NULL,
    vendor_at      BIGINT,
    institution_by TEXT,
    institution_at BIGINT,
    PRIMARY KEY (tenant, material)
);

CREATE TABLE explanation (
    tenant          TEXT    NOT NULL,
    patient         TEXT    NOT NULL,
    tag             TEXT    NOT NULL,
    material        BIGINT NOT NULL,
    digest          TEXT    NOT NULL,
    consultation    TEXT    NOT NULL,
    shown_at        BIGINT NOT NULL,
    acknowledged_at BIGINT,
    seconds         BIGINT,
    wants_to_ask    BIGINT NOT NULL,
    proxy           TEXT,
    given_by        TEXT,
    given_at        BIGINT,
    PRIMARY KEY (tenant, patient, tag, material)
);

CREATE TABLE agreement (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    material     BIGINT NOT NULL,
    digest       TEXT    NOT NULL,
    system       TEXT    NOT NULL,
    proxy        TEXT,
    device       TEXT    NOT NULL,
    given_at     BIGINT NOT NULL,
    accepted_by  TEXT,
    accepted_at  BIGINT,
    charted      TEXT,   -- the chart entry
    withdrawn_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX agreement_by_patient ON agreement (tenant, patient, kind, given_at);

CREATE TABLE wish (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    wants        BIGINT NOT NULL,
    proxy        TEXT,
    stated_at    BIGINT NOT NULL,
    confirmed_by TEXT,
    confirmed_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX wish_by_patient ON wish (tenant, patient, stated_at);

CREATE TABLE partner (
    tenant         TEXT    NOT NULL,
    id             TEXT    NOT NULL,
    kind           TEXT    NOT NULL, -- hospital | clinic | pharmacy
    name           TEXT    NOT NULL,
    phone          TEXT    NOT NULL,
    hours          TEXT    NOT NULL,
    night          BIGINT NOT NULL,
    areas          TEXT    NOT NULL, -- JSON list of municipalities
    travel_minutes BIGINT NOT NULL,
    valid_until    TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- The boundary register: who answers for which part of the way.
CREATE TABLE boundary (
    tenant  TEXT    NOT NULL,
    segment TEXT    NOT NULL,
    place   BIGINT NOT NULL,
    owners  TEXT    NOT NULL, -- JSON list; exactly one owner is complete
    PRIMARY KEY (tenant, segment)
);

CREATE TABLE assessment (
    tenant    TEXT NOT NULL,
    id        TEXT NOT NULL,
    patient   TEXT NOT NULL,
    physician TEXT NOT NULL,
    on_date   TEXT NOT NULL,
    content   BYTEA NOT NULL, -- sealed: diagnoses, findings
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, patient) REFERENCES patient (tenant, id)
);

CREATE INDEX assessment_by_patient ON assessment (tenant, patient, on_date);

CREATE TABLE plan (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    patient    TEXT    NOT NULL,
    version    BIGINT NOT NULL,
    state      TEXT    NOT NULL,
    basis      TEXT,             -- JSON
    content    BYTEA    NOT NULL, -- sealed: the nine items
    created_at BIGINT NOT NULL,
    created_by TEXT    NOT NULL,
    shown_at   BIGINT,          -- offered to the patient
    signed_by  TEXT,
    signed_at  BIGINT,
    ended_at   BIGINT,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, patient, version),
    FOREIGN KEY (tenant, patient) REFERENCES patient (tenant, id)
);

-- Which plan versions the patient has read; "please change it" is kept beside it.
CREATE TABLE plan_reading (
    tenant    TEXT    NOT NULL,
    plan      TEXT    NOT NULL,
    patient   TEXT    NOT NULL,
    proxy     TEXT,
    read_at   BIGINT NOT NULL,
    wants     BIGINT NOT NULL, -- wants a change
    PRIMARY KEY (tenant, plan)
);

CREATE TABLE identity_check (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT,
    method       TEXT    NOT NULL,
    document     TEXT    NOT NULL,
    checked_by   TEXT    NOT NULL,
    checked_at   BIGINT NOT NULL,
    matches      BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX identity_check_by_patient ON identity_check (tenant, patient, checked_at);

CREATE TABLE physician_profile (
    tenant     TEXT NOT NULL,
    person     TEXT NOT NULL,
    name       TEXT NOT NULL, -- shown to the public, so not sealed
    department TEXT NOT NULL,
    photo      BYTEA NOT NULL,
    photo_type TEXT NOT NULL,
    PRIMARY KEY (tenant, person)
);

CREATE TABLE physician_proof (
    tenant            TEXT    NOT NULL,
    id                TEXT    NOT NULL,
    person            TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    photo             TEXT    NOT NULL, -- digest
    registration_year BIGINT,
    basis             TEXT    NOT NULL,
    verified_by       TEXT    NOT NULL,
    verified_at       BIGINT NOT NULL,
    valid_until       TEXT    NOT NULL,
    withdrawn_at      BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX physician_proof_by_person ON physician_proof (tenant, person, verified_at);

CREATE TABLE proof_card (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    physician    TEXT    NOT NULL,
    shown_at     BIGINT NOT NULL,
    answer       TEXT,
    answered_at  BIGINT,
    settled_by   TEXT,             -- an administrator looked into "not the person"
    settled_at   BIGINT,
    settled_reason BYTEA,           -- sealed: what was found
    PRIMARY KEY (tenant, consultation, physician)
);

CREATE INDEX proof_card_by_patient ON proof_card (tenant, patient, physician);

CREATE TABLE affiliation (
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    person     TEXT NOT NULL,
    from_date  TEXT NOT NULL,
    until_date TEXT,
    set_by     TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE course_certificate (
    tenant       TEXT NOT NULL,
    id           TEXT NOT NULL,
    person       TEXT NOT NULL,
    number       TEXT NOT NULL,
    completed_on TEXT NOT NULL,
    file_digest  TEXT NOT NULL, -- SHA-256 in hexadecimal
    file_type    TEXT,
    file         BYTEA, -- sealed
    verified_by  TEXT,
    verified_at  BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE room (
    tenant       TEXT NOT NULL,
    id           TEXT NOT NULL,
    name         TEXT NOT NULL,
    inspected_on TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
);

-- Every inspection of a room (cl-2.1-v): the newest stands in the room's row, none is lost.
CREATE TABLE room_inspection (
    tenant       TEXT    NOT NULL,
    room         TEXT    NOT NULL,
    inspected_on TEXT    NOT NULL,
    entered_by   TEXT,
    entered_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant, room, inspected_on),
    FOREIGN KEY (tenant, room) REFERENCES room (tenant, id)
);

CREATE TABLE work_period (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    device       TEXT    NOT NULL,
    network      TEXT    NOT NULL, -- digest
    room         TEXT    NOT NULL,
    separated    BIGINT NOT NULL,
    unseen       BIGINT NOT NULL,
    no_recording BIGINT NOT NULL,
    opened_at    BIGINT NOT NULL,
    ended_at     BIGINT,
    locked_at    BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX work_period_by_person ON work_period (tenant, person, opened_at);

CREATE TABLE body_answer (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    proxy        TEXT,
    at           BIGINT NOT NULL,
    urgent       BIGINT NOT NULL,
    content      BYTEA    NOT NULL, -- sealed
    handled_by   TEXT,
    handled_at   BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX body_answer_by_consultation ON body_answer (tenant, consultation, at);

CREATE TABLE statement (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    proxy        TEXT,
    device       TEXT    NOT NULL,
    at           BIGINT NOT NULL,
    seconds      BIGINT NOT NULL,
    pressed      TEXT    NOT NULL,
    content      BYTEA    NOT NULL, -- sealed
    PRIMARY KEY (tenant, id)
);

CREATE INDEX statement_by_patient ON statement (tenant, patient, at);

CREATE TABLE device_check (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    device       TEXT    NOT NULL,
    at           BIGINT NOT NULL,
    camera       BIGINT NOT NULL,
    microphone   BIGINT NOT NULL,
    tone         BIGINT NOT NULL,
    path         TEXT    NOT NULL,
    frames       BIGINT NOT NULL,
    rtt_ms       BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX device_check_by_consultation ON device_check (tenant, consultation, at);

-- A trial of camera and line before the day, for whoever holds the link; it counts for no gate.
CREATE TABLE device_trial (
    tenant       TEXT   NOT NULL,
    consultation TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    camera       BIGINT NOT NULL,
    microphone   BIGINT NOT NULL,
    tone         BIGINT NOT NULL,
    line         BIGINT NOT NULL,
    PRIMARY KEY (tenant, consultation)
);

-- What the patient asks for while waiting or in the call: to be called back, or help with the line.
CREATE TABLE patient_request (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    kind         TEXT    NOT NULL, -- callback | trouble | beside
    what         TEXT    NOT NULL, -- a code word, never the patient's own words
    at           BIGINT NOT NULL,
    answer       TEXT,             -- beside: nobody | left; callback: called; trouble: helped | works
    answered_by  TEXT,
    answered_at  BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX patient_request_by_consultation ON patient_request (tenant, consultation, at);

CREATE TABLE chart_reading (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    opened_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX chart_reading_by_consultation ON chart_reading (tenant, consultation, opened_at);

CREATE TABLE suitability (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    phase        TEXT    NOT NULL,
    verdict      TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    judged_by    TEXT    NOT NULL,
    judged_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, consultation, phase),
    FOREIGN KEY (tenant, consultation) REFERENCES consultation (tenant, id)
);

CREATE TABLE opening_strip (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    checked_by   TEXT    NOT NULL,
    checked_at   BIGINT NOT NULL,
    device       TEXT    NOT NULL,
    known        TEXT,             -- the in-person record both know each other from
    namesake     BIGINT NOT NULL, -- a companion only bears the name of a patient of that day
    content      BYTEA    NOT NULL, -- sealed: who is present
    reopened_at  BIGINT,     -- somebody new was noticed after this press
    reopened_by  TEXT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX opening_strip_by_consultation ON opening_strip (tenant, consultation, checked_at);

-- Telephone calls of the staff about a visit: who, and when.
CREATE TABLE phone_call (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    called_by    TEXT    NOT NULL,
    called_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX phone_call_by_consultation ON phone_call (tenant, consultation, called_at);

-- Who asked for the room of a visit without having been let in.
CREATE TABLE room_refused (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    seat         TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX room_refused_by_consultation ON room_refused (tenant, consultation, at);

CREATE TABLE sufficiency (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    enough       BIGINT NOT NULL,
    judged_by    TEXT    NOT NULL,
    judged_at    BIGINT NOT NULL,
    video_then   BIGINT NOT NULL,
    PRIMARY KEY (tenant, consultation)
);

CREATE TABLE continuation (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    reason       BYTEA    NOT NULL, -- sealed
    judged_by    TEXT    NOT NULL,
    judged_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE stop (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    reason       BYTEA    NOT NULL, -- sealed
    stopped_by   TEXT    NOT NULL,
    stopped_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant, consultation)
);

-- A visit that sight and sound did not suffice for: not performed as online care, and no fee of it.
CREATE TABLE unperformed (
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    told         BYTEA    NOT NULL, -- sealed: what the patient was told
    decided_by   TEXT    NOT NULL,
    decided_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant, consultation)
);

-- A hand-over to care in person: open until arrival is confirmed or the physician records the outcome.
CREATE TABLE hand_over (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    content      BYTEA    NOT NULL, -- sealed: destination, how told, outcome
    target       TEXT    NOT NULL,
    made_by      TEXT    NOT NULL,
    made_at      BIGINT NOT NULL,
    arrived_by   TEXT,
    arrived_at   BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX hand_over_by_consultation ON hand_over (tenant, consultation, made_at);

CREATE TABLE in_person_backup (
    tenant         TEXT    NOT NULL,
    consultation   TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    partner        TEXT,
    travel_minutes BIGINT,
    decided_at     BIGINT NOT NULL,
    PRIMARY KEY (tenant, consultation)
);

-- Versions of a note. A finalised one (確定) is never changed; an amendment is a new version.
CREATE TABLE note (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    patient      TEXT    NOT NULL,
    consultation TEXT,
    kind         TEXT    NOT NULL, -- visit | agreement
    version      BIGINT NOT NULL,
    content      BYTEA    NOT NULL, -- sealed
    author       TEXT    NOT NULL,
    written_at   BIGINT NOT NULL,
    finalized_at BIGINT,
    finalized_by TEXT,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, consultation, kind, version),
    FOREIGN KEY (tenant, patient) REFERENCES patient (tenant, id)
);

CREATE INDEX note_by_patient ON note (tenant, patient, written_at);

-- One live seat for one natural person, across all institutions: the primary key is the rule (cl-1.6-iii).
CREATE TABLE live_seat (
    person       TEXT    NOT NULL PRIMARY KEY,
    tenant       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    taken_at     BIGINT NOT NULL,
    lease_until  BIGINT NOT NULL
);

CREATE TABLE live_lock (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    from_at      BIGINT NOT NULL,
    until_at     BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE seat_grant (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    seat         TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    device       TEXT    NOT NULL,
    granted_by   TEXT    NOT NULL,
    granted_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX seat_grant_by_consultation ON seat_grant (tenant, consultation, granted_at);
CREATE INDEX seat_grant_by_device ON seat_grant (tenant, device, granted_at);

-- What the media server counted, one row a run of the program, so that restarts add up.
CREATE TABLE call_lost (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    consultation TEXT    NOT NULL,
    since        BIGINT NOT NULL,
    seconds_max  BIGINT NOT NULL, -- the limit of item 5 of the plan
    marked_at    BIGINT NOT NULL,
    back_at      BIGINT,          -- when the patient's picture and sound came back
    PRIMARY KEY (tenant, id)
);

CREATE INDEX call_lost_by_consultation ON call_lost (tenant, consultation, marked_at);

CREATE TABLE call_quality (
    tenant          TEXT    NOT NULL,
    consultation    TEXT    NOT NULL,
    run             TEXT    NOT NULL,
    two_way_seconds BIGINT NOT NULL,
    video_now       BIGINT NOT NULL,
    poor_since      BIGINT,
    poor_spell      BIGINT,
    counters        TEXT    NOT NULL, -- JSON: packets, bytes and seconds per seat and track
    measured_at     BIGINT NOT NULL,
    PRIMARY KEY (tenant, consultation, run)
);

CREATE TABLE invariant_check (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    checked_at BIGINT NOT NULL,
    found      BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- The nightly look at the pages that must show the clinic's contact.
CREATE TABLE page_check (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    page       TEXT    NOT NULL,
    checked_at BIGINT NOT NULL,
    shown      BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
