//! What is known of a patient from named sources (cl-1.2-iii-b), and the judgement that a first visit rests on.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    Consultation, ConsultationId, PatientId,
    background::{self, FROM_SOURCES, Facts, FromSources, Item, Judged, Matter, Source},
    record::Prior,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Most items of one patient: letters and notebooks of a lifetime.
pub const ITEMS_MAX: usize = 200;

/// One thing known from one source. No `Debug`: it is of a patient.
#[derive(Clone)]
pub struct PriorItem {
    /// Its name.
    pub id: Ulid,
    /// Where from.
    pub source: Source,
    /// Of what.
    pub matter: Matter,
    /// When the source was obtained.
    pub obtained: Date,
    /// Confirmed that there is none.
    pub none: bool,
    /// What it says.
    pub text: String,
    /// Who entered it.
    pub by: PersonId,
    /// When.
    pub entered: Timestamp,
}

/// An item to be entered. No `Debug`.
#[derive(Clone)]
pub struct NewPrior {
    /// Where from.
    pub source: Source,
    /// Of what.
    pub matter: Matter,
    /// When the source was obtained.
    pub obtained: Date,
    /// Confirmed that there is none.
    pub none: bool,
    /// What it says.
    pub text: String,
}

#[derive(Serialize, Deserialize)]
struct Content {
    none: bool,
    text: String,
}

impl PriorItem {
    /// The item as it is judged.
    #[must_use]
    pub fn item(&self) -> Item {
        Item {
            source: self.source,
            matter: self.matter,
            obtained: self.obtained,
            says: says(self.none, &self.text),
        }
    }
}

impl NewPrior {
    /// The item as it is judged.
    #[must_use]
    pub fn item(&self) -> Item {
        Item {
            source: self.source,
            matter: self.matter,
            obtained: self.obtained,
            says: says(self.none, &self.text),
        }
    }
}

fn says(none: bool, text: &str) -> bool {
    none || !text.trim().is_empty()
}

impl Conn {
    /// What is known of a patient from sources, oldest first; without what was struck out.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn prior_information(&mut self, patient: PatientId) -> Result<Vec<PriorItem>, Fault> {
        let rows = sqlx::query(
            "SELECT id, source, matter, obtained, content, entered_by, entered_at
             FROM prior_information
             WHERE tenant = $1 AND patient = $2 AND struck_at IS NULL -- prior_information_by_patient
             ORDER BY entered_at, id
             LIMIT 200",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        let mut items = Vec::with_capacity(rows.len());
        for row in &rows {
            let cells = Cells::of("prior_information", row);
            let id: Ulid = cells.parsed("id")?;
            let sealed = cells.bytes("content")?;
            let content: Content = self
                .unseal_json(
                    &patient.to_string(),
                    "prior_information",
                    &id.to_string(),
                    &sealed,
                )
                .await?;
            items.push(PriorItem {
                id,
                source: cells.word("source", Source::parse)?,
                matter: cells.word("matter", Matter::parse)?,
                obtained: cells.date("obtained")?,
                none: content.none,
                text: content.text,
                by: cells.parsed("entered_by")?,
                entered: cells.instant("entered_at")?,
            });
        }
        Ok(items)
    }

    /// What is known of the patient of a visit, and what was judged on it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn background_facts(&mut self, visit: &Consultation) -> Result<Facts, Fault> {
        Ok(Facts {
            items: self
                .prior_information(visit.patient)
                .await?
                .iter()
                .map(|item| (item.id, item.item()))
                .collect(),
            judged: self
                .background_judgement(visit)
                .await?
                .map(|(judged, _)| judged),
        })
    }

    /// The newest judgement of a visit, with its grounds.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn background_judgement(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<(Judged, String)>, Fault> {
        let row = sqlx::query(
            "SELECT id, judged_by, judged_at, items, content
             FROM background_judgement
             WHERE tenant = $1 AND consultation = $2 -- background_judgement_by_consultation
             ORDER BY judged_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("background_judgement", &row);
        let (id, sealed) = (cells.text("id")?, cells.bytes("content")?);
        let judged = Judged {
            by: cells.parsed("judged_by")?,
            at: cells.instant("judged_at")?,
            on: cells
                .text("items")?
                .split_whitespace()
                .map(|name| name.parse().map_err(|_| cells.corrupt("items")))
                .collect::<Result<_, _>>()?,
        };
        let grounds = self
            .unseal_json(
                &visit.patient.to_string(),
                "background_judgement",
                &id,
                &sealed,
            )
            .await?;
        Ok(Some((judged, grounds)))
    }

    /// What stands in the chart of what was obtained beforehand: everything known, where a first visit rests on it
    /// (cl-1.2-iii-c).
    pub(crate) async fn prior_block(
        &mut self,
        visit: ConsultationId,
        patient: PatientId,
    ) -> Result<Vec<Prior>, Fault> {
        let judged = sqlx::query(
            "SELECT id FROM background_judgement WHERE tenant = $1 AND consultation = $2 LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        if judged.is_none() {
            return Ok(Vec::new());
        }
        Ok(self
            .prior_information(patient)
            .await?
            .into_iter()
            .map(|item| Prior {
                item: item.id.to_string(),
                source: item.source.as_str().to_owned(),
                matter: item.matter.as_str().to_owned(),
                obtained: item.obtained,
                none: item.none,
                text: item.text,
            })
            .collect())
    }
}

impl Tx {
    /// Keeps one item. It was judged before.
    ///
    /// # Errors
    ///
    /// `Conflict` when the patient has as many as there can be; or storage failed.
    pub async fn add_prior(
        &mut self,
        by: &By,
        person: PersonId,
        patient: PatientId,
        new: &NewPrior,
    ) -> Result<Ulid, Fault> {
        if self.prior_information(patient).await?.len() >= ITEMS_MAX {
            return Err(Fault::Conflict);
        }
        let id = self.fresh_id()?;
        let content = Content {
            none: new.none,
            text: new.text.clone(),
        };
        let sealed = self
            .seal_json(
                &patient.to_string(),
                "prior_information",
                &id.to_string(),
                &content,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO prior_information (tenant, id, patient, source, matter, obtained, content, entered_by, entered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(new.source.as_str())
        .bind(new.matter.as_str())
        .bind(new.obtained.to_string())
        .bind(sealed)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(content.text.as_bytes())?;
        self.record(
            by.under(FROM_SOURCES, "background.entered")
                .object("patient", patient.to_string())
                .object("item", id.to_string())
                .field("source", new.source.as_str())
                .digest("content", digest),
        )
        .await?;
        Ok(id)
    }

    /// Strikes out an item that was entered by mistake. It stays, and counts no more.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn strike_prior(
        &mut self,
        by: &By,
        person: PersonId,
        patient: PatientId,
        item: Ulid,
    ) -> Result<bool, Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let struck = sqlx::query(
            "UPDATE prior_information SET struck_by = $1, struck_at = $2
             WHERE tenant = $3 AND patient = $4 AND id = $5 AND struck_at IS NULL",
        )
        .bind(person.to_string())
        .bind(now)
        .bind(tenant)
        .bind(patient.to_string())
        .bind(item.to_string())
        .execute(self.any())
        .await?
        .rows_affected();
        if struck == 0 {
            return Ok(false);
        }
        self.record(
            by.under(FROM_SOURCES, "background.struck")
                .object("patient", patient.to_string())
                .object("item", item.to_string()),
        )
        .await?;
        Ok(true)
    }

    /// Keeps the judgement that a first visit is possible on these sources.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn judge_background(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        (_judged, facts, grounds): (FromSources, &background::Facts, &str),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "background_judgement",
                &id.to_string(),
                &grounds,
            )
            .await?;
        let items: Vec<String> = facts.names().map(|name| name.to_string()).collect();
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO background_judgement (tenant, id, consultation, judged_by, judged_at, items, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(physician.to_string())
        .bind(now)
        .bind(items.join(" "))
        .bind(sealed)
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(grounds.as_bytes())?;
        let entry = by
            .under(FROM_SOURCES, "background.judged")
            .object("consultation", visit.id.to_string())
            .field("items", i64::try_from(items.len()).unwrap_or(i64::MAX))
            .digest("grounds", digest);
        let entry = self.reserved(entry, physician).await?;
        self.record(entry).await?;
        Ok(())
    }
}
