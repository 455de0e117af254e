//! Links to a visit (招待): a secret that a birth date turns into a session of one browser.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::DeviceId;
use care::{ConsultationId, PatientId, ProxyId};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;
use ulid::Ulid;

/// Wrong birth dates after which a link closes.
pub const WRONG_MAX: i64 = 5;
/// How long a link rests after that.
pub const REST: SignedDuration = SignedDuration::from_mins(15);
/// Messages with a link for one consultation in an hour.
pub const RESEND_MAX_PER_HOUR: i64 = 3;

/// One link.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its name.
    pub id: Ulid,
    /// To which visit.
    pub consultation: ConsultationId,
    /// Whose.
    pub patient: PatientId,
    /// The proxy's own link, if it is one.
    pub proxy: Option<ProxyId>,
    /// Wrong dates so far.
    pub wrong: i64,
    /// When it closed itself.
    pub closed: Option<Timestamp>,
    /// The browser it is bound to.
    pub device: Option<DeviceId>,
    /// When it was last opened anew from another browser: the physician is told.
    pub rebound: Option<Timestamp>,
}

/// One browser on the patient's side of a visit: the patient's own, or a helper's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// The helper, if it is one.
    pub proxy: Option<ProxyId>,
    /// The browser that the newest link of this person is bound to.
    pub device: DeviceId,
    /// When it was bound.
    pub bound: Timestamp,
    /// When it was last heard of: bound, or seen in a session that is still open.
    pub seen: Timestamp,
    /// Another browser of the same person was bound before.
    pub changed: bool,
}

impl Invitation {
    /// Whether it rests after too many wrong dates.
    #[must_use]
    pub fn rests(&self, now: Timestamp) -> bool {
        self.closed.is_some_and(|at| now.duration_since(at) < REST)
    }

    /// Tries left before it closes.
    #[must_use]
    pub const fn left(&self) -> i64 {
        WRONG_MAX - self.wrong
    }
}

impl Conn {
    /// The link with this secret.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn invitation(&mut self, secret: &[u8]) -> Result<Option<Invitation>, Fault> {
        let row = sqlx::query(
            "SELECT id, consultation, patient, proxy, wrong, closed_at, bound_device, rebound_at
             FROM invitation
             WHERE tenant = $1 AND token_hash = $2 -- invitation_by_token",
        )
        .bind(self.tenant().to_string())
        .bind(hash(secret))
        .fetch_optional(self.any())
        .await?;
        row.as_ref().map(invitation).transpose()
    }

    /// The link that counts for the patient, or for one proxy: the one bound last, else the one sent last.
    ///
    /// A link that is sent again beside a browser already bound takes nothing from it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn newest_invitation(
        &mut self,
        consultation: ConsultationId,
        proxy: Option<ProxyId>,
    ) -> Result<Option<Invitation>, Fault> {
        let rows = sqlx::query(
            "SELECT id, consultation, patient, proxy, wrong, closed_at, bound_device, rebound_at
             FROM invitation
             WHERE tenant = $1 AND consultation = $2 -- invitation_by_consultation
             ORDER BY COALESCE(bound_at, 0) DESC, sent_at DESC, id DESC
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .bind(consultation.to_string())
        .fetch_all(self.any())
        .await?;
        for row in &rows {
            let found = invitation(row)?;
            if found.proxy == proxy {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Who has opened a link of a visit and from which browser: one row a person, the one bound last first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sides(&mut self, visit: ConsultationId) -> Result<Vec<Side>, Fault> {
        let rows = sqlx::query(
            "SELECT i.id, i.proxy, i.bound_device, i.bound_at, i.rebound_at,
                    (SELECT MAX(s.last_seen_at) FROM session s
                     WHERE s.tenant = i.tenant AND s.consultation = i.consultation -- session_by_consultation
                       AND s.device = i.bound_device AND s.ended_at IS NULL) AS seen_at
             FROM invitation i
             WHERE i.tenant = $1 AND i.consultation = $2 AND i.bound_at IS NOT NULL -- invitation_by_consultation
             ORDER BY i.bound_at DESC, i.id DESC
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_all(self.any())
        .await?;
        let mut sides: Vec<Side> = Vec::new();
        for row in &rows {
            let cells = Cells::of("invitation", row);
            let bound = cells.instant("bound_at")?;
            let side = Side {
                proxy: cells.maybe_parsed("proxy")?,
                device: cells.parsed("bound_device")?,
                bound,
                seen: cells.maybe_instant("seen_at")?.unwrap_or(bound).max(bound),
                changed: cells.maybe_instant("rebound_at")?.is_some(),
            };
            if sides.iter().all(|known| known.proxy != side.proxy) {
                sides.push(side);
            }
        }
        Ok(sides)
    }

    /// Links sent for a visit since an instant.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn invitations_since(
        &mut self,
        visit: ConsultationId,
        since: Timestamp,
    ) -> Result<i64, Fault> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS sent
             FROM invitation
             WHERE tenant = $1 AND consultation = $2 AND sent_at > $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .bind(since.as_microsecond())
        .fetch_one(self.any())
        .await?;
        Cells::of("invitation", &row).int("sent")
    }
}

impl Tx {
    /// Makes a link. Earlier links of the same person go on working: a message may arrive late.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn invite(
        &mut self,
        by: &By,
        consultation: ConsultationId,
        patient: PatientId,
        proxy: Option<ProxyId>,
        secret: &[u8],
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let id = self.fresh_id()?;
        sqlx::query(
            "INSERT INTO invitation (tenant, id, consultation, patient, proxy, token_hash, sent_at, wrong)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        )
        .bind(&tenant)
        .bind(id.to_string())
        .bind(consultation.to_string())
        .bind(patient.to_string())
        .bind(proxy.map(|proxy| proxy.to_string()))
        .bind(hash(secret))
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("link.released")
                .object("consultation", consultation.to_string())
                .object("patient", patient.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Counts a wrong birth date; closes the link at the fifth. Answers the link as it is then.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn wrong_date(&mut self, link: &Invitation) -> Result<Invitation, Fault> {
        let now = self.now();
        let mut after = link.clone();
        if after.closed.is_some() && !after.rests(now) {
            after.wrong = 0;
            after.closed = None;
        }
        after.wrong += 1;
        if after.wrong >= WRONG_MAX {
            after.closed = Some(now);
        }
        let tenant = self.tenant().to_string();
        sqlx::query(
            "UPDATE invitation SET wrong = $1, closed_at = $2 WHERE tenant = $3 AND id = $4",
        )
        .bind(after.wrong)
        .bind(after.closed.map(Timestamp::as_microsecond))
        .bind(tenant)
        .bind(link.id.to_string())
        .execute(self.any())
        .await?;
        if after.closed == Some(now) {
            self.record(
                By::System
                    .entry("access.denied")
                    .object("consultation", link.consultation.to_string())
                    .field("reason", "link_closed"),
            )
            .await?;
        }
        Ok(after)
    }

    /// Binds the link to a browser and ends any earlier binding.
    ///
    /// Answers whether this person came to this visit from another browser before, by this link or by an earlier one
    /// that was sent again: the physician is told.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn bind(
        &mut self,
        by: &By,
        link: &Invitation,
        device: DeviceId,
    ) -> Result<bool, Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let before = self
            .sides(link.consultation)
            .await?
            .into_iter()
            .find(|side| side.proxy == link.proxy)
            .map(|side| side.device);
        let new_device = before.is_some_and(|before| before != device);
        sqlx::query(
            "UPDATE invitation
             SET bound_device = $1, bound_at = $2, wrong = 0, closed_at = NULL, rebound_at = COALESCE($3, rebound_at)
             WHERE tenant = $4 AND id = $5",
        )
        .bind(device.to_string())
        .bind(now)
        .bind(new_device.then_some(now))
        .bind(tenant)
        .bind(link.id.to_string())
        .execute(self.any())
        .await?;
        self.record(
            by.entry("link.opened")
                .object("consultation", link.consultation.to_string())
                .field("new_device", i64::from(new_device)),
        )
        .await?;
        Ok(new_device)
    }
}

fn hash(secret: &[u8]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

fn invitation(row: &AnyRow) -> Result<Invitation, Fault> {
    let cells = Cells::of("invitation", row);
    Ok(Invitation {
        id: cells.parsed("id")?,
        consultation: cells.parsed("consultation")?,
        patient: cells.parsed("patient")?,
        proxy: cells.maybe_parsed("proxy")?,
        wrong: cells.int("wrong")?,
        closed: cells.maybe_instant("closed_at")?,
        device: cells.maybe_parsed("bound_device")?,
        rebound: cells.maybe_instant("rebound_at")?,
    })
}
