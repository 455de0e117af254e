//! That a patient was told where to be during a visit: with the message, and on the page that asks for the place.

use crate::{By, Conn, Fault, LegalText, Tx, row::Cells};
use care::{Consultation, ConsultationId};
use guideline::{Clause, clause};

/// The kind and tag of its text.
pub const KIND: &str = "guidance";
/// The one text of that kind.
pub const TAG: &str = "place";

/// The web layer answers the clause.
const GUIDED: Clause = clause("cl-2.2-ii-b");

/// How it reached the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// In a message.
    Sent,
    /// On the page that asks for the place.
    Shown,
}

impl Told {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Shown => "shown",
        }
    }

    const fn entry(self) -> &'static str {
        match self {
            Self::Sent => "guidance.sent",
            Self::Shown => "guidance.shown",
        }
    }
}

/// In which ways a patient was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guided {
    /// A message carried it.
    pub sent: bool,
    /// The page showed it.
    pub shown: bool,
}

impl Guided {
    /// Whether it reached the patient at all.
    #[must_use]
    pub const fn any(self) -> bool {
        self.sent || self.shown
    }
}

impl Conn {
    /// The institution's guidance in force; none where it has no texts yet.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn guidance(&mut self) -> Result<Option<LegalText>, Fault> {
        let texts = self.texts(KIND).await?;
        Ok(texts.into_iter().find(|text| text.tag == TAG))
    }

    /// In which ways the patient was told for this visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn guided(&mut self, visit: ConsultationId) -> Result<Guided, Fault> {
        let rows = sqlx::query(
            "SELECT consultation AS id, told
             FROM place_guidance
             WHERE tenant = $1 AND consultation = $2
             LIMIT 2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_all(self.any())
        .await?;
        let mut guided = Guided::default();
        for row in &rows {
            let told = Cells::of("place_guidance", row).text("told")?;
            guided.sent |= told == Told::Sent.as_str();
            guided.shown |= told == Told::Shown.as_str();
        }
        Ok(guided)
    }
}

impl Tx {
    /// Keeps that the patient was told, once for each way and visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_guidance(
        &mut self,
        by: &By,
        visit: &Consultation,
        told: Told,
    ) -> Result<(), Fault> {
        let version = self.guidance().await?.map_or(0, |text| text.version);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "INSERT INTO place_guidance (tenant, consultation, told, version, told_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, consultation, told) DO NOTHING",
        )
        .bind(tenant)
        .bind(visit.id.to_string())
        .bind(told.as_str())
        .bind(version)
        .bind(now)
        .execute(self.any())
        .await?;
        if done.rows_affected() > 0 {
            self.record(
                by.under(GUIDED, told.entry())
                    .object("consultation", visit.id.to_string())
                    .object("patient", visit.patient.to_string())
                    .field("version", version),
            )
            .await?;
        }
        Ok(())
    }
}
