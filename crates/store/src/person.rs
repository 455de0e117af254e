//! People who work here: their sign-in for the whole installation, and their roles at each institution.
//!
//! A person and the credentials are rows of [`TenantId::INSTALLATION`]; open the connection for it. A membership, with the
//! person's name, belongs to the institution; `workplace` is the installation's index of where a person has one.

use crate::{Conn, Fault, Tx, normal, plain};
use access::{PersonId, Role, TenantId, Ulid};
use jiff::Timestamp;
use ledger::{Actor, Entry};
use sqlx::{Row as _, any::AnyRow};

/// Most institutions of one person that sign-in offers.
const WORKPLACES_MAX: i64 = 64;
/// Most people listed for one institution.
const STAFF_MAX: i64 = 1_000;

/// A person to make known. Not printable.
pub struct NewPerson {
    /// The new id.
    pub id: PersonId,
    /// The sign-in name; kept normalised.
    pub login_name: String,
    /// PHC string of argon2id.
    pub password_hash: String,
    /// Secret of the one-time codes; without it the person enrols at the first sign-in.
    pub totp_secret: Option<Vec<u8>>,
}

/// What a sign-in is checked against. Not printable.
pub struct Credential {
    /// Whose.
    pub person: PersonId,
    /// PHC string of argon2id.
    pub password_hash: String,
    /// Secret of the one-time codes, unsealed.
    pub totp_secret: Option<Vec<u8>>,
    /// The last time step whose code was used.
    pub totp_last_step: Option<i64>,
    /// Failures in a row.
    pub failures: u32,
    /// The last of them.
    pub last_failure: Option<Timestamp>,
    /// Whether the person was shut out for good.
    pub disabled: bool,
}

/// A role to give at the connection's institution.
pub struct NewMembership {
    /// To whom.
    pub person: PersonId,
    /// Which.
    pub role: Role,
    /// From when.
    pub from: Timestamp,
    /// Until when, if known.
    pub until: Option<Timestamp>,
    /// The person's name as patients and colleagues see it; sealed at rest.
    pub name: String,
}

/// A role held at an institution.
#[derive(Clone)]
pub struct Membership {
    /// The row.
    pub id: Ulid,
    /// Who holds it.
    pub person: PersonId,
    /// Which.
    pub role: Role,
    /// The person's name.
    pub name: String,
}

impl Conn {
    /// What a sign-in name is checked against. The connection is the installation's.
    ///
    /// # Errors
    ///
    /// Storage failed, or the row is impossible.
    pub async fn credential(&mut self, login_name: &str) -> Result<Option<Credential>, Fault> {
        let tenant = self.tenant().to_string();
        // Served by the index person_by_login_name.
        let row = sqlx::query(
            "SELECT c.person, c.password_hash, c.totp, c.totp_last_step, c.failures, c.last_failure_at, p.disabled_at
             FROM person p
             JOIN credential c ON c.tenant = p.tenant AND c.person = p.id
             WHERE p.tenant = $1 AND p.login_name = $2",
        )
        .bind(tenant)
        .bind(normal(login_name))
        .fetch_optional(self.any())
        .await?;
        row.map(|row| self.credential_row(&row)).transpose()
    }

    /// The same by the person.
    ///
    /// # Errors
    ///
    /// Storage failed, or the row is impossible.
    pub async fn credential_of(&mut self, person: PersonId) -> Result<Option<Credential>, Fault> {
        let tenant = self.tenant().to_string();
        let row = sqlx::query(
            "SELECT c.person, c.password_hash, c.totp, c.totp_last_step, c.failures, c.last_failure_at, p.disabled_at
             FROM person p
             JOIN credential c ON c.tenant = p.tenant AND c.person = p.id
             WHERE p.tenant = $1 AND p.id = $2",
        )
        .bind(tenant)
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| self.credential_row(&row)).transpose()
    }

    /// The sign-in name of a person.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn login_name(&mut self, person: PersonId) -> Result<Option<String>, Fault> {
        let row = sqlx::query(
            "SELECT login_name
             FROM person
             WHERE tenant = $1 AND id = $2",
        )
        .bind(TenantId::INSTALLATION.to_string())
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        Ok(row.map(|row| row.try_get("login_name")).transpose()?)
    }

    /// Whether a person was shut out of the whole installation; unknown people are.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn is_disabled(&mut self, person: PersonId) -> Result<bool, Fault> {
        let row = sqlx::query(
            "SELECT disabled_at
             FROM person
             WHERE tenant = $1 AND id = $2",
        )
        .bind(TenantId::INSTALLATION.to_string())
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(row.try_get::<Option<i64>, _>("disabled_at")?.is_some()),
            None => Ok(true),
        }
    }

    /// The institutions where a person has, or had, a role.
    ///
    /// # Errors
    ///
    /// Storage failed, or the row is impossible.
    pub async fn workplaces(&mut self, person: PersonId) -> Result<Vec<TenantId>, Fault> {
        let rows = sqlx::query(
            "SELECT institution
             FROM workplace
             WHERE tenant = $1 AND person = $2
             ORDER BY institution
             LIMIT $3",
        )
        .bind(TenantId::INSTALLATION.to_string())
        .bind(person.to_string())
        .bind(WORKPLACES_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let id: String = row.try_get("institution")?;
                id.parse().map_err(|_| Fault::Corrupt {
                    table: "workplace",
                    column: "institution",
                    id,
                })
            })
            .collect()
    }

    /// The roles a person holds at this institution at an instant.
    ///
    /// # Errors
    ///
    /// Storage failed, or the row is impossible.
    pub async fn memberships(
        &mut self,
        person: PersonId,
        at: Timestamp,
    ) -> Result<Vec<Membership>, Fault> {
        let tenant = self.tenant().to_string();
        // Served by the index membership_by_person.
        let rows = sqlx::query(
            "SELECT id, person, role, name
             FROM membership
             WHERE tenant = $1 AND person = $2 AND from_at <= $3 AND (until_at IS NULL OR until_at > $3)
             ORDER BY id",
        )
        .bind(tenant)
        .bind(person.to_string())
        .bind(at.as_microsecond())
        .fetch_all(self.any())
        .await?;
        rows.iter().map(|row| self.membership_row(row)).collect()
    }

    /// Everyone who holds a role at this institution at an instant.
    ///
    /// # Errors
    ///
    /// Storage failed, or a row is impossible.
    pub async fn staff(&mut self, at: Timestamp) -> Result<Vec<Membership>, Fault> {
        let tenant = self.tenant().to_string();
        let rows = sqlx::query(
            "SELECT id, person, role, name
             FROM membership
             WHERE tenant = $1 AND from_at <= $2 AND (until_at IS NULL OR until_at > $2)
             ORDER BY id
             LIMIT $3",
        )
        .bind(tenant)
        .bind(at.as_microsecond())
        .bind(STAFF_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter().map(|row| self.membership_row(row)).collect()
    }

    /// A person's name at this institution, whether or not a role is held now: names stand under old acts too.
    ///
    /// # Errors
    ///
    /// Storage failed, or the row is impossible.
    pub async fn name_of(&mut self, person: PersonId) -> Result<Option<String>, Fault> {
        if let Some(name) = self.known_name(person) {
            return Ok(name.clone());
        }
        let tenant = self.tenant().to_string();
        let row = sqlx::query(
            "SELECT id, person, role, name
             FROM membership
             WHERE tenant = $1 AND person = $2
             ORDER BY id DESC
             LIMIT 1",
        )
        .bind(tenant)
        .bind(person.to_string())
        .fetch_optional(self.any())
        .await?;
        let name = row
            .map(|row| self.membership_row(&row).map(|held| held.name))
            .transpose()?;
        self.keep_name(person, name.as_ref());
        Ok(name)
    }

    fn credential_row(&self, row: &AnyRow) -> Result<Credential, Fault> {
        let person: String = row.try_get("person")?;
        let corrupt = |column| Fault::Corrupt {
            table: "credential",
            column,
            id: person.clone(),
        };
        let totp: Option<Vec<u8>> = row.try_get("totp")?;
        let last_failure: Option<i64> = row.try_get("last_failure_at")?;
        Ok(Credential {
            person: person.parse().map_err(|_| corrupt("person"))?,
            password_hash: row.try_get("password_hash")?,
            totp_secret: totp
                .map(|sealed| self.unseal_tenant("credential", &person, &sealed))
                .transpose()?,
            totp_last_step: row.try_get("totp_last_step")?,
            failures: u32::try_from(row.try_get::<i64, _>("failures")?)
                .map_err(|_| corrupt("failures"))?,
            last_failure: last_failure
                .map(|micros| {
                    Timestamp::from_microsecond(micros).map_err(|_| corrupt("last_failure_at"))
                })
                .transpose()?,
            disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
        })
    }

    fn membership_row(&self, row: &AnyRow) -> Result<Membership, Fault> {
        let id: String = row.try_get("id")?;
        let corrupt = |column| Fault::Corrupt {
            table: "membership",
            column,
            id: id.clone(),
        };
        let person: String = row.try_get("person")?;
        let role: String = row.try_get("role")?;
        let name: Vec<u8> = row.try_get("name")?;
        let name = self.unseal_tenant("membership", &id, &name)?;
        Ok(Membership {
            id: id.parse::<PersonId>().map_err(|_| corrupt("id"))?.0,
            person: person.parse().map_err(|_| corrupt("person"))?,
            role: role.parse().map_err(|_| corrupt("role"))?,
            name: String::from_utf8(name).map_err(|_| corrupt("name"))?,
        })
    }
}

impl Tx {
    /// Makes a person known to the installation. The transaction is the installation's.
    ///
    /// # Errors
    ///
    /// The sign-in name is taken ([`Fault::Conflict`]), or storage failed.
    pub async fn create_person(&mut self, new: &NewPerson, actor: Actor) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let person = new.id.to_string();
        let now = self.now().as_microsecond();
        let login_name = normal(plain(&new.login_name)?);
        sqlx::query(
            "INSERT INTO person (tenant, id, login_name, created_at)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(tenant.as_str())
        .bind(person.as_str())
        .bind(login_name)
        .bind(now)
        .execute(self.any())
        .await?;
        let totp = new
            .totp_secret
            .as_ref()
            .map(|secret| self.seal_tenant("credential", &person, secret))
            .transpose()?;
        sqlx::query(
            "INSERT INTO credential (tenant, person, password_hash, password_set_at, totp, failures)
             VALUES ($1, $2, $3, $4, $5, 0)",
        )
        .bind(tenant)
        .bind(person.as_str())
        .bind(new.password_hash.as_str())
        .bind(now)
        .bind(totp)
        .execute(self.any())
        .await?;
        self.record(Entry::new("person.created", actor, "administration").object("person", person))
            .await?;
        Ok(())
    }

    /// Gives a person a new password, and forgets failures. The transaction is the installation's.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn set_password(
        &mut self,
        person: PersonId,
        hash: &str,
        actor: Actor,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        sqlx::query(
            "UPDATE credential
             SET password_hash = $3, password_set_at = $4, failures = 0, last_failure_at = NULL
             WHERE tenant = $1 AND person = $2",
        )
        .bind(tenant)
        .bind(person.to_string())
        .bind(hash)
        .bind(now)
        .execute(self.any())
        .await?;
        let entry = Entry::new("password.changed", actor, "administration")
            .object("person", person.to_string());
        self.record(entry).await?;
        Ok(())
    }

    /// Gives a person a new secret for one-time codes, or takes it away so that the person enrols again.
    /// The transaction is the installation's.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn set_totp(
        &mut self,
        person: PersonId,
        secret: Option<&[u8]>,
        actor: Actor,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let id = person.to_string();
        let sealed = secret
            .map(|secret| self.seal_tenant("credential", &id, secret))
            .transpose()?;
        sqlx::query(
            "UPDATE credential
             SET totp = $3, totp_last_step = NULL
             WHERE tenant = $1 AND person = $2",
        )
        .bind(tenant)
        .bind(id.as_str())
        .bind(sealed)
        .execute(self.any())
        .await?;
        let subject = if secret.is_some() {
            "factor.added"
        } else {
            "factor.removed"
        };
        self.record(
            Entry::new(subject, actor, "administration")
                .object("person", id)
                .field("factor", "totp"),
        )
        .await?;
        Ok(())
    }

    /// Notes a failed sign-in. The transaction is the installation's.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sign_in_failed(&mut self, person: PersonId) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        sqlx::query(
            "UPDATE credential
             SET failures = failures + 1, last_failure_at = $3
             WHERE tenant = $1 AND person = $2",
        )
        .bind(tenant)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Uses up a one-time code and forgets failures. False if another request used it first: then nobody is let in.
    /// The transaction is the installation's.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sign_in_passed(
        &mut self,
        person: PersonId,
        step: Option<i64>,
    ) -> Result<bool, Fault> {
        let tenant = self.tenant().to_string();
        let done = sqlx::query(
            "UPDATE credential
             SET failures = 0, last_failure_at = NULL, totp_last_step = COALESCE($3, totp_last_step)
             WHERE tenant = $1 AND person = $2
               AND ($3 IS NULL OR totp_last_step IS NULL OR totp_last_step < $3)",
        )
        .bind(tenant)
        .bind(person.to_string())
        .bind(step)
        .execute(self.any())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Shuts a person out of the whole installation, or lets the person in again. The transaction is the installation's.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn set_disabled(
        &mut self,
        person: PersonId,
        disabled: bool,
        actor: Actor,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let at = disabled.then(|| self.now().as_microsecond());
        sqlx::query(
            "UPDATE person
             SET disabled_at = $3
             WHERE tenant = $1 AND id = $2",
        )
        .bind(tenant)
        .bind(person.to_string())
        .bind(at)
        .execute(self.any())
        .await?;
        let subject = if disabled {
            "person.disabled"
        } else {
            "person.enabled"
        };
        self.record(
            Entry::new(subject, actor, "administration").object("person", person.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Gives a role at the transaction's institution.
    ///
    /// # Errors
    ///
    /// No such person ([`Fault::Conflict`]), or storage failed.
    pub async fn add_membership(
        &mut self,
        new: &NewMembership,
        actor: Actor,
    ) -> Result<Ulid, Fault> {
        let tenant = self.tenant().to_string();
        let id = self.fresh_id()?;
        let row = id.to_string();
        let name = self.seal_tenant("membership", &row, plain(&new.name)?.as_bytes())?;
        sqlx::query(
            "INSERT INTO workplace (tenant, person, institution)
             VALUES ($1, $2, $3)
             ON CONFLICT (tenant, person, institution) DO NOTHING",
        )
        .bind(TenantId::INSTALLATION.to_string())
        .bind(new.person.to_string())
        .bind(tenant.as_str())
        .execute(self.any())
        .await?;
        sqlx::query(
            "INSERT INTO membership (tenant, id, person, role, from_at, until_at, name)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(row.as_str())
        .bind(new.person.to_string())
        .bind(new.role.as_str())
        .bind(new.from.as_microsecond())
        .bind(new.until.map(Timestamp::as_microsecond))
        .bind(name)
        .execute(self.any())
        .await?;
        let entry = Entry::new("membership.added", actor, "administration")
            .object("person", new.person.to_string())
            .object("membership", row)
            .field("role", new.role.as_str());
        self.record(entry).await?;
        Ok(id)
    }

    /// Ends a role at the transaction's institution, now. True if it was still held.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_membership(&mut self, id: Ulid, actor: Actor) -> Result<bool, Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        let done = sqlx::query(
            "UPDATE membership
             SET until_at = $3
             WHERE tenant = $1 AND id = $2 AND (until_at IS NULL OR until_at > $3)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let ended = done.rows_affected() > 0;
        if ended {
            let entry = Entry::new("membership.ended", actor, "administration")
                .object("membership", id.to_string());
            self.record(entry).await?;
        }
        Ok(ended)
    }
}
