//! Sessions: who is signed in, on which surface and device, for how long.

use crate::{Conn, Fault, Tx};
use access::{DeviceId, PersonId, SessionId, session::Course};
use care::{ConsultationId, PatientId, ProxyId};
use jiff::Timestamp;
use sqlx::{Row as _, any::AnyRow};

/// Whose session it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Someone who works here.
    Person(PersonId),
    /// A patient, or the named helper (登録代理人), in one visit.
    Patient {
        /// The patient.
        patient: PatientId,
        /// The helper, if it is not the patient's own session.
        proxy: Option<ProxyId>,
        /// The visit.
        consultation: ConsultationId,
    },
}

/// A session to open. The token itself is never stored.
pub struct NewSession {
    /// `patient` or `staff`.
    pub surface: &'static str,
    /// SHA-256 of the token in the cookie.
    pub token_hash: [u8; 32],
    /// On which device.
    pub device: DeviceId,
    /// Whose.
    pub holder: Holder,
}

/// A session as stored.
#[derive(Clone, Copy)]
pub struct Session {
    /// Its id, for the ledger; no secret.
    pub id: SessionId,
    /// On which device.
    pub device: DeviceId,
    /// Whose.
    pub holder: Holder,
    /// Its instants, as far as storage knows them.
    pub course: Course,
}

impl Conn {
    /// The session of a token on a surface. A token of another surface finds nothing.
    ///
    /// # Errors
    ///
    /// Storage failed, or the row is impossible.
    pub async fn session(
        &mut self,
        surface: &str,
        token_hash: &[u8; 32],
    ) -> Result<Option<Session>, Fault> {
        let tenant = self.tenant().to_string();
        // Served by the index session_by_token.
        let row = sqlx::query(
            "SELECT id, device, person, patient, proxy, consultation,
                    opened_at, last_seen_at, covered_at, live_until, ended_at
             FROM session
             WHERE tenant = $1 AND token_hash = $2 AND surface = $3",
        )
        .bind(tenant)
        .bind(token_hash.to_vec())
        .bind(surface)
        .fetch_optional(self.any())
        .await?;
        row.map(|row| session(&row)).transpose()
    }
}

impl Tx {
    /// Opens a session. The caller records `session.opened` in the same act, for it knows the factors.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn open_session(&mut self, new: &NewSession) -> Result<SessionId, Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        let id = SessionId(self.fresh_id()?);
        let (person, patient, proxy, consultation) = match new.holder {
            Holder::Person(person) => (Some(person.to_string()), None, None, None),
            Holder::Patient {
                patient,
                proxy,
                consultation,
            } => (
                None,
                Some(patient.to_string()),
                proxy.map(|proxy| proxy.to_string()),
                Some(consultation.to_string()),
            ),
        };
        sqlx::query(
            "INSERT INTO session
               (tenant, id, surface, token_hash, device, person, patient, proxy, consultation, opened_at, last_seen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(new.surface)
        .bind(new.token_hash.to_vec())
        .bind(new.device.to_string())
        .bind(person)
        .bind(patient)
        .bind(proxy)
        .bind(consultation)
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(id)
    }

    /// Notes the last act of a session, and until when a running call holds it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn session_seen(
        &mut self,
        id: SessionId,
        live_until: Option<Timestamp>,
    ) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        sqlx::query(
            "UPDATE session
             SET last_seen_at = $3, live_until = $4
             WHERE tenant = $1 AND id = $2 AND last_seen_at <= $3",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(now)
        .bind(live_until.map(Timestamp::as_microsecond))
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Covers the screen of a session.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn cover_session(&mut self, id: SessionId) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        sqlx::query(
            "UPDATE session
             SET covered_at = $3
             WHERE tenant = $1 AND id = $2 AND covered_at IS NULL",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Uncovers the screen: the person has shown again who it is.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn uncover_session(&mut self, id: SessionId) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        sqlx::query(
            "UPDATE session
             SET covered_at = NULL, last_seen_at = $3
             WHERE tenant = $1 AND id = $2 AND ended_at IS NULL",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Ends a session. True if it was still open.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_session(&mut self, id: SessionId) -> Result<bool, Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        let done = sqlx::query(
            "UPDATE session
             SET ended_at = $3
             WHERE tenant = $1 AND id = $2 AND ended_at IS NULL",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends every session of a person at this institution but one. Returns how many.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_sessions_of(
        &mut self,
        person: PersonId,
        but: Option<SessionId>,
    ) -> Result<u64, Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        let but = but.map(|id| id.to_string()).unwrap_or_default();
        // Served by the index session_by_person.
        let done = sqlx::query(
            "UPDATE session
             SET ended_at = $3
             WHERE tenant = $1 AND person = $2 AND ended_at IS NULL AND id <> $4",
        )
        .bind(tenant)
        .bind(person.to_string())
        .bind(now)
        .bind(but)
        .execute(self.any())
        .await?;
        Ok(done.rows_affected())
    }

    /// Ends the sessions of one visit: those of the patient (`None`) or of one helper; a new binding replaces the earlier.
    /// Returns how many.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_visit_sessions(
        &mut self,
        consultation: ConsultationId,
        proxy: Option<ProxyId>,
    ) -> Result<u64, Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        let proxy = proxy.map(|proxy| proxy.to_string()).unwrap_or_default();
        // Served by the index session_by_consultation.
        let done = sqlx::query(
            "UPDATE session
             SET ended_at = $3
             WHERE tenant = $1 AND consultation = $2 AND ended_at IS NULL AND COALESCE(proxy, '') = $4",
        )
        .bind(tenant)
        .bind(consultation.to_string())
        .bind(now)
        .bind(proxy)
        .execute(self.any())
        .await?;
        Ok(done.rows_affected())
    }

    /// Ends every session of a visit, the helpers' too: the visit is over. Returns how many.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_all_visit_sessions(
        &mut self,
        consultation: ConsultationId,
    ) -> Result<u64, Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        let done = sqlx::query(
            "UPDATE session
             SET ended_at = $3
             WHERE tenant = $1 AND consultation = $2 AND ended_at IS NULL",
        )
        .bind(tenant)
        .bind(consultation.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(done.rows_affected())
    }
}

fn session(row: &AnyRow) -> Result<Session, Fault> {
    let id: String = row.try_get("id")?;
    let corrupt = |column| Fault::Corrupt {
        table: "session",
        column,
        id: id.clone(),
    };
    let person: Option<String> = row.try_get("person")?;
    let patient: Option<String> = row.try_get("patient")?;
    let proxy: Option<String> = row.try_get("proxy")?;
    let consultation: Option<String> = row.try_get("consultation")?;
    let holder = match (person, patient, consultation) {
        (Some(person), None, None) => {
            Holder::Person(person.parse().map_err(|_| corrupt("person"))?)
        }
        (None, Some(patient), Some(consultation)) => Holder::Patient {
            patient: patient.parse().map_err(|_| corrupt("patient"))?,
            proxy: proxy
                .map(|proxy| proxy.parse())
                .transpose()
                .map_err(|_| corrupt("proxy"))?,
            consultation: consultation.parse().map_err(|_| corrupt("consultation"))?,
        },
        _ => return Err(corrupt("person")),
    };
    let instant = |column: &'static str, micros: i64| {
        Timestamp::from_microsecond(micros).map_err(|_| corrupt(column))
    };
    let maybe = |column: &'static str| -> Result<Option<Timestamp>, Fault> {
        let micros: Option<i64> = row.try_get(column)?;
        micros.map(|micros| instant(column, micros)).transpose()
    };
    let device: String = row.try_get("device")?;
    Ok(Session {
        id: id.parse().map_err(|_| corrupt("id"))?,
        device: device.parse().map_err(|_| corrupt("device"))?,
        holder,
        course: Course {
            opened: instant("opened_at", row.try_get("opened_at")?)?,
            last_act: instant("last_seen_at", row.try_get("last_seen_at")?)?,
            covered: maybe("covered_at")?,
            live_until: maybe("live_until")?,
            ended: maybe("ended_at")?,
        },
    })
}
