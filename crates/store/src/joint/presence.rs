//! Who was there when, in a visit with the attending physician: opened with the room, closed by the media server or by name.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{
    Consultation, ConsultationId,
    attended::{BESIDE, Interval, Presence, Way},
};
use jiff::SignedDuration;

/// Intervals of one visit that are looked at.
const INTERVALS_MAX: i64 = 500;

/// So long after the room opened it is not yet said that somebody is gone from whom nothing came.
const NOTHING_CAME_YET: SignedDuration = SignedDuration::from_secs(15);

/// Whose presence it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The attending physician.
    Attending,
    /// The remote physician.
    Remote,
    /// The patient, or who speaks for the patient.
    Patient,
}

impl Who {
    /// Everybody.
    pub const ALL: [Self; 3] = [Self::Attending, Self::Remote, Self::Patient];

    /// The word stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attending => "attending",
            Self::Remote => "remote",
            Self::Patient => "patient",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|who| who.as_str() == word)
    }
}

/// Who says that somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Picture or sound at the media server.
    Media,
    /// The person, or who sees the person, in words.
    Named,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Named => "named",
        }
    }
}

impl Conn {
    /// Who was there when.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn joint_presence(&mut self, visit: ConsultationId) -> Result<Presence, Fault> {
        let rows = sqlx::query(
            "SELECT id, who, from_at, until_at
             FROM joint_presence
             WHERE tenant = $1 AND consultation = $2 -- joint_presence_by_consultation
             ORDER BY from_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .bind(INTERVALS_MAX)
        .fetch_all(self.any())
        .await?;
        let mut presence = Presence::default();
        for row in &rows {
            let cells = Cells::of("joint_presence", row);
            let interval = Interval {
                from: cells.instant("from_at")?,
                until: cells.maybe_instant("until_at")?,
            };
            match cells.word("who", Who::parse)? {
                Who::Attending => presence.attending.push(interval),
                Who::Remote => presence.remote.push(interval),
                Who::Patient => presence.patient.push(interval),
            }
        }
        Ok(presence)
    }
}

impl Tx {
    /// Keeps that somebody is there, or is not any more. What stands already stays as it is.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_presence(
        &mut self,
        by: &By,
        visit: ConsultationId,
        (who, source): (Who, Source),
        there: bool,
    ) -> Result<(), Fault> {
        let known = self.joint_presence(visit).await?;
        let times = match who {
            Who::Attending => known.attending,
            Who::Remote => known.remote,
            Who::Patient => known.patient,
        };
        if times.iter().any(|time| time.until.is_none()) == there {
            return Ok(());
        }
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        if there {
            let id = self.fresh_id()?;
            sqlx::query(
                "INSERT INTO joint_presence (tenant, id, consultation, who, source, from_at) VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(tenant)
            .bind(id.to_string())
            .bind(visit.to_string())
            .bind(who.as_str())
            .bind(source.as_str())
            .bind(now)
            .execute(self.any())
            .await?;
        } else {
            sqlx::query(
                "UPDATE joint_presence SET until_at = $1
                 WHERE tenant = $2 AND consultation = $3 AND who = $4 AND until_at IS NULL",
            )
            .bind(now)
            .bind(tenant)
            .bind(visit.to_string())
            .bind(who.as_str())
            .execute(self.any())
            .await?;
        }
        let subject = if there { "joint.came" } else { "joint.left" };
        self.record(
            by.under(BESIDE, subject)
                .object("consultation", visit.to_string())
                .field("who", who.as_str())
                .field("source", source.as_str()),
        )
        .await?;
        Ok(())
    }

    /// Keeps who of a joint visit sends picture or sound, by seat; another visit is not asked.
    ///
    /// In the first seconds nothing has come yet: who was just let in is not gone.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_flowing(
        &mut self,
        visit: &Consultation,
        flowing: &[String],
    ) -> Result<(), Fault> {
        let Some(joint) = self.joint_of(visit).await? else {
            return Ok(());
        };
        let known = self.joint_presence(visit.id).await?;
        let now = self.now();
        let attending = format!("staff:{}", joint.attending);
        for who in Who::ALL {
            let sends = flowing.iter().any(|seat| match who {
                Who::Attending => *seat == attending,
                Who::Remote => seat == "physician",
                Who::Patient => seat == "patient" || seat.starts_with("proxy:"),
            });
            // In the patient's room nobody sends a picture of the own: there a word counts.
            if who == Who::Attending && joint.way == Way::SameRoom {
                continue;
            }
            let times = match who {
                Who::Attending => &known.attending,
                Who::Remote => &known.remote,
                Who::Patient => &known.patient,
            };
            let new = times.iter().any(|time| {
                time.until.is_none() && now.duration_since(time.from) < NOTHING_CAME_YET
            });
            if sends || !new {
                self.keep_presence(&By::System, visit.id, (who, Source::Media), sends)
                    .await?;
            }
        }
        Ok(())
    }

    /// With the end of a call nobody is there any more.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub(crate) async fn end_presence(&mut self, visit: ConsultationId) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE joint_presence SET until_at = $1
             WHERE tenant = $2 AND consultation = $3 AND until_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(visit.to_string())
        .execute(self.any())
        .await?;
        Ok(())
    }
}
