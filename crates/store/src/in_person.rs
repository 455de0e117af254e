//! Care in person as one visit knows it: the place that stands ready, and the hand-over with what was said to the patient.

use crate::{Conn, Fault, judgement::HandOverContent, row::Cells};
use care::{Consultation, ConsultationId, referral::Backup, suitability::HandOver};
use ulid::Ulid;

impl Conn {
    /// The in-person place that was decided for a visit when the patient was admitted (cl-2.1-ii).
    ///
    /// A physician's named arrangement lies with the arrangement itself; here it is without its words.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn backup_of(&mut self, visit: ConsultationId) -> Result<Option<Backup>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, kind, partner, travel_minutes
             FROM in_person_backup
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let cells = Cells::of("in_person_backup", &row);
        Ok(Some(match cells.text("kind")?.as_str() {
            "own" => Backup::Own,
            "partner" => Backup::Partner {
                partner: cells
                    .maybe_parsed("partner")?
                    .ok_or_else(|| cells.corrupt("partner"))?,
                travel_minutes: u16::try_from(cells.int("travel_minutes")?)
                    .map_err(|_| cells.corrupt("travel_minutes"))?,
            },
            "arranged" => Backup::Arranged {
                with: String::new(),
                accepted_by: String::new(),
            },
            _ => return Err(cells.corrupt("kind")),
        }))
    }

    /// The newest hand-over of a visit: where the patient is seen in person, by when, and how that was said (cl-1.1-iii-b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn hand_over_of(&mut self, visit: &Consultation) -> Result<Option<HandOver>, Fault> {
        let row = sqlx::query(
            "SELECT id, content, target
             FROM hand_over
             WHERE tenant = $1 AND consultation = $2
             ORDER BY made_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let cells = Cells::of("hand_over", &row);
        let id: Ulid = cells.parsed("id")?;
        let sealed = cells.bytes("content")?;
        let content: HandOverContent = self
            .unseal_json(
                &visit.patient.to_string(),
                "hand_over",
                &id.to_string(),
                &sealed,
            )
            .await?;
        Ok(Some(HandOver {
            destination: content.destination,
            target: cells.date("target")?,
            told: content.told,
        }))
    }
}
