//! Sessions: who is signed in, on which surface and device, for how long.

use crate::{Conn, Fault, Tx, row::Cells};
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

/// What a call says about the session it was held in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallSign {
    /// It runs, as far as the media server's last renewal reaches.
    Until(Timestamp),
    /// It ended then.
    Over(Timestamp),
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
                    opened_at, last_seen_at, covered_at, ended_at
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

    /// The newest call in which this session has a seat. It ends with the grant, in the same commit, and lasts no longer
    /// than the lease that the media server renews while the physician is on the line.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn call_sign(&mut self, session: &Session) -> Result<Option<CallSign>, Fault> {
        let holder = match session.holder {
            Holder::Person(person) => person.to_string(),
            Holder::Patient { consultation, .. } => consultation.to_string(),
        };
        let row = sqlx::query(
            "SELECT g.id, g.ended_at, l.lease_until
             FROM seat_grant g
             LEFT JOIN live_seat l
               ON l.person = g.granted_by AND l.tenant = g.tenant AND l.consultation = g.consultation
             WHERE g.tenant = $1 AND g.device = $2 -- seat_grant_by_device
               AND CASE WHEN g.role = 'physician' THEN g.granted_by ELSE g.consultation END = $3
             ORDER BY g.granted_at DESC, g.id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(session.device.to_string())
        .bind(holder)
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("seat_grant", &row);
        let ended = cells.maybe_instant("ended_at")?;
        let lease = cells.maybe_instant("lease_until")?;
        Ok(ended.map(CallSign::Over).or(lease.map(CallSign::Until)))
    }

    /// When a browser last acted for a person, in any session.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn last_act_on(
        &mut self,
        person: PersonId,
        device: DeviceId,
    ) -> Result<Option<Timestamp>, Fault> {
        let row = sqlx::query(
            "SELECT id, last_seen_at
             FROM session
             WHERE tenant = $1 AND person = $2 AND device = $3 -- session_by_person
             ORDER BY last_seen_at DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(person.to_string())
        .bind(device.to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("session", &row).instant("last_seen_at"))
            .transpose()
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

    /// Notes the last act of a session.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn session_seen(&mut self, id: SessionId) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        sqlx::query(
            "UPDATE session
             SET last_seen_at = $3
             WHERE tenant = $1 AND id = $2 AND last_seen_at <= $3",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(now)
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
            live_until: None,
            ended: maybe("ended_at")?,
        },
    })
}
