-- People, their places of work, and their sessions.
--
-- `person`, `credential` and `workplace` belong to the installation: their tenant is the zero ULID.
-- `institution`, `membership`, `device` and `session` belong to one institution each.

CREATE TABLE institution (
  tenant TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  phone TEXT NOT NULL,
  hours TEXT NOT NULL,
  name_en TEXT NOT NULL,
  address_en TEXT NOT NULL,
  hours_en TEXT NOT NULL,
  code TEXT NOT NULL,
  online_care_notified BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- What the institution has set for itself, within the bounds of the clauses.
CREATE TABLE house_rule (
  tenant TEXT NOT NULL PRIMARY KEY,
  arrival_minutes BIGINT NOT NULL,
  travel_minutes_max BIGINT NOT NULL,
  near TEXT NOT NULL, -- JSON list of municipalities
  cover_minutes BIGINT NOT NULL, -- idle staff screens are covered after so many
  identity_months BIGINT, -- identity is checked again after so many months; NULL = never
  changed_at BIGINT NOT NULL
);

CREATE TABLE person (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  login_name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  disabled_at BIGINT,
  PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX person_by_login_name ON person (tenant, login_name);

CREATE TABLE credential (
  tenant TEXT NOT NULL,
  person TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  password_set_at BIGINT NOT NULL,
  totp BYTEA,
  totp_last_step BIGINT,
  failures BIGINT NOT NULL,
  last_failure_at BIGINT,
  PRIMARY KEY (tenant, person),
  FOREIGN KEY (tenant, person) REFERENCES person (tenant, id)
);

CREATE TABLE workplace (
  tenant TEXT NOT NULL,
  person TEXT NOT NULL,
  institution TEXT NOT NULL,
  PRIMARY KEY (tenant, person, institution),
  FOREIGN KEY (tenant, person) REFERENCES person (tenant, id)
);

CREATE TABLE membership (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  person TEXT NOT NULL,
  role TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT,
  name BYTEA NOT NULL,
  PRIMARY KEY (tenant, id)
);

CREATE INDEX membership_by_person ON membership (tenant, person);

CREATE TABLE device (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  surface TEXT NOT NULL,
  token_hash BYTEA NOT NULL,
  kind TEXT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX device_by_token ON device (tenant, surface, token_hash);

CREATE TABLE session (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  surface TEXT NOT NULL,
  token_hash BYTEA NOT NULL,
  device TEXT NOT NULL,
  person TEXT,
  patient TEXT,
  proxy TEXT,
  consultation TEXT,
  opened_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  covered_at BIGINT,
  ended_at BIGINT,
  PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, device) REFERENCES device (tenant, id)
);

CREATE UNIQUE INDEX session_by_token ON session (tenant, token_hash);
CREATE INDEX session_by_person ON session (tenant, person);
CREATE INDEX session_by_consultation ON session (tenant, consultation);
