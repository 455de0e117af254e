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
  online_care_notified INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

-- What the institution has set for itself, within the bounds of the clauses.
CREATE TABLE house_rule (
  tenant TEXT NOT NULL PRIMARY KEY,
  arrival_minutes INTEGER NOT NULL,
  travel_minutes_max INTEGER NOT NULL,
  near TEXT NOT NULL, -- JSON list of municipalities
  cover_minutes INTEGER NOT NULL, -- idle staff screens are covered after so many
  identity_months INTEGER, -- identity is checked again after so many months; NULL = never
  changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE person (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  login_name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  disabled_at INTEGER,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE UNIQUE INDEX person_by_login_name ON person (tenant, login_name);

CREATE TABLE credential (
  tenant TEXT NOT NULL,
  person TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  password_set_at INTEGER NOT NULL,
  totp BLOB,
  totp_last_step INTEGER,
  failures INTEGER NOT NULL,
  last_failure_at INTEGER,
  PRIMARY KEY (tenant, person),
  FOREIGN KEY (tenant, person) REFERENCES person (tenant, id)
) STRICT;

CREATE TABLE workplace (
  tenant TEXT NOT NULL,
  person TEXT NOT NULL,
  institution TEXT NOT NULL,
  PRIMARY KEY (tenant, person, institution),
  FOREIGN KEY (tenant, person) REFERENCES person (tenant, id)
) STRICT;

CREATE TABLE membership (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  person TEXT NOT NULL,
  role TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER,
  name BLOB NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX membership_by_person ON membership (tenant, person);

CREATE TABLE device (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  surface TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  kind TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE UNIQUE INDEX device_by_token ON device (tenant, surface, token_hash);

CREATE TABLE session (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  surface TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  device TEXT NOT NULL,
  person TEXT,
  patient TEXT,
  proxy TEXT,
  consultation TEXT,
  opened_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  covered_at INTEGER,
  ended_at INTEGER,
  PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, device) REFERENCES device (tenant, id)
) STRICT;

CREATE UNIQUE INDEX session_by_token ON session (tenant, token_hash);
CREATE INDEX session_by_person ON session (tenant, person);
CREATE INDEX session_by_consultation ON session (tenant, consultation);
