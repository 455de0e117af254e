//! The prescription of a visit (処方): drafted line by line, signed with the note, never changed after; the medicines that
//! the patient takes, and the physician's review of them.

use crate::{By, Conn, Fault, Tx, by::Also as _, dossier::legal_day, list::List, row::Cells};
use access::{PersonId, TenantId};
use care::{
    Class, Consultation, ConsultationId, PatientId,
    background::Matter,
    medicines::{self, Checkable},
    prescription::{
        CONSIDERED, CONTROLLED, EIGHT_DAYS, EXTENSION, GRAVE, Given, HIGH_SAFETY, Line, Ordered,
        Prescribable, REVIEWED, Supplied,
    },
    statement,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;

/// Prescriptions of a patient that are looked at, newest first: years of monthly visits.
const PRESCRIPTIONS_MAX: i64 = 200;

/// The newest edition of each list, by digest; empty where none was imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Editions {
    /// 医薬品マスター
    pub drugs: String,
    /// 特に安全管理が必要な医薬品
    pub high_safety: String,
    /// 十分な検討が必要な薬剤
    pub careful: String,
}

/// A prescription. No `Debug`: it is of a patient.
#[derive(Clone)]
pub struct Prescription {
    /// Its name.
    pub id: String,
    /// Of which visit.
    pub consultation: ConsultationId,
    /// Its class when it was written last.
    pub class: Class,
    /// The lines as they were written.
    pub lines: Vec<Line>,
    /// The comment to the pharmacist.
    pub comment: String,
    /// The lines as they were judged; empty while it is a draft.
    pub ordered: Vec<Ordered>,
    /// Of which editions the drugs are.
    pub editions: Editions,
    /// By whom and when it was signed.
    pub signed: Option<(PersonId, Timestamp)>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    lines: Vec<Line>,
    comment: String,
    #[serde(default)]
    ordered: Vec<Ordered>,
    /// Whether history, medicines and allergies were known from sources.
    #[serde(default)]
    known: bool,
    /// The sources, by the names of the items.
    #[serde(default)]
    sources: Vec<String>,
}

/// What a patient takes, as far as anybody said. No `Debug`.
pub struct Medicines {
    /// What the patient stated for this visit, and when.
    pub stated: Option<(statement::Medicines, Timestamp)>,
    /// What the physician was told in the visit, and when.
    pub told: Option<(String, Timestamp)>,
    /// What notebooks and letters say.
    pub notebook: Vec<String>,
    /// What was prescribed here and has not run out, newest first.
    pub running: Vec<Given>,
    /// Which version of the list this is.
    pub version: String,
}

/// A draft to be kept.
pub struct NewOrder<'a> {
    /// The lines.
    pub lines: &'a [Line],
    /// The comment to the pharmacist.
    pub comment: &'a str,
    /// Of which editions.
    pub editions: &'a Editions,
}

impl Conn {
    /// The newest edition of each list.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn lists_in_force(&mut self) -> Result<Editions, Fault> {
        let mut editions = Editions::default();
        for (list, into) in [
            (List::Drugs, &mut editions.drugs),
            (List::HighSafety, &mut editions.high_safety),
            (List::Careful, &mut editions.careful),
        ] {
            let row = sqlx::query(
                "SELECT list AS id, digest
                 FROM list_edition
                 WHERE tenant = $1 AND list = $2
                 ORDER BY number DESC
                 LIMIT 1",
            )
            .bind(TenantId::INSTALLATION.to_string())
            .bind(list.as_str())
            .fetch_optional(self.any())
            .await?;
            if let Some(row) = row {
                *into = Cells::of("list_edition", &row).text("digest")?;
            }
        }
        Ok(editions)
    }

    /// The prescription of a visit, drafted or signed.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn prescription(
        &mut self,
        visit: ConsultationId,
    ) -> Result<Option<Prescription>, Fault> {
        let row = sqlx::query(
            "SELECT id, patient, consultation, class, content, drugs, high_safety, careful, signed_by, signed_at
             FROM prescription
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.opened_prescription(&row).await?)),
            None => Ok(None),
        }
    }

    /// The signed prescriptions of a patient, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn prescriptions_of(
        &mut self,
        patient: PatientId,
    ) -> Result<Vec<Prescription>, Fault> {
        let rows = sqlx::query(
            "SELECT id, patient, consultation, class, content, drugs, high_safety, careful, signed_by, signed_at
             FROM prescription
             WHERE tenant = $1 AND patient = $2 AND signed_at IS NOT NULL -- prescription_by_patient
             ORDER BY signed_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(PRESCRIPTIONS_MAX)
        .fetch_all(self.any())
        .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            found.push(self.opened_prescription(row).await?);
        }
        Ok(found)
    }

    /// The lines that a patient was given before, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn given(&mut self, patient: PatientId) -> Result<Vec<Given>, Fault> {
        Ok(self
            .prescriptions_of(patient)
            .await?
            .into_iter()
            .filter_map(|prescription| {
                let (_, at) = prescription.signed?;
                Some((prescription.id, prescription.ordered, legal_day(at)))
            })
            .flat_map(|(from, ordered, on)| {
                ordered.into_iter().map(move |ordered| Given {
                    ordered,
                    on,
                    from: from.clone(),
                })
            })
            .collect())
    }

    /// What a patient takes, as far as anybody said it by now.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn medicines(
        &mut self,
        visit: &Consultation,
        today: Date,
    ) -> Result<Medicines, Fault> {
        let mut version = Sha256::new();
        let stated = self
            .statement_of(visit)
            .await?
            .map(|page| (page.lines.medicines, page.at));
        if let Some((_, at)) = &stated {
            version.update(at.as_microsecond().to_be_bytes());
        }
        let told = self.medicines_told(visit).await?;
        if let Some((id, ..)) = &told {
            version.update(id);
        }
        let mut notebook = Vec::new();
        for item in self.prior_information(visit.patient).await? {
            if item.matter == Matter::Medication {
                version.update(item.id.to_string());
                notebook.push(item.text);
            }
        }
        let given = self.given(visit.patient).await?;
        for one in &given {
            version.update(&one.from);
        }
        let running = given.into_iter().filter(|one| runs(one, today)).collect();
        Ok(Medicines {
            stated,
            told: told.map(|(_, words, at)| (words, at)),
            notebook,
            running,
            version: crate::engine::hex(&version.finalize()),
        })
    }

    async fn medicines_told(
        &mut self,
        visit: &Consultation,
    ) -> Result<Option<(String, String, Timestamp)>, Fault> {
        let row = sqlx::query(
            "SELECT id, content, told_at
             FROM medicines_told
             WHERE tenant = $1 AND patient = $2 AND consultation = $3 -- medicines_told_by_patient
             ORDER BY told_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.patient.to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("medicines_told", &row);
        let (id, sealed) = (cells.text("id")?, cells.bytes("content")?);
        let words = self
            .unseal_json(&visit.patient.to_string(), "medicines_told", &id, &sealed)
            .await?;
        Ok(Some((id, words, cells.instant("told_at")?)))
    }

    /// When a version of the list was checked with the patient in this visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn medicines_reviewed(
        &mut self,
        visit: ConsultationId,
        version: &str,
    ) -> Result<Option<Timestamp>, Fault> {
        let row = sqlx::query(
            "SELECT id, reviewed_at
             FROM medicines_review
             WHERE tenant = $1 AND consultation = $2 AND version = $3 -- medicines_review_by_consultation
             ORDER BY reviewed_at DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .bind(version)
        .fetch_optional(self.any())
        .await?;
        row.map(|row| Cells::of("medicines_review", &row).instant("reviewed_at"))
            .transpose()
    }

    async fn opened_prescription(&mut self, row: &AnyRow) -> Result<Prescription, Fault> {
        let cells = Cells::of("prescription", row);
        let (id, patient) = (cells.text("id")?, cells.text("patient")?);
        let sealed = cells.bytes("content")?;
        let content: Content = self
            .unseal_json(&patient, "prescription", &id, &sealed)
            .await?;
        Ok(Prescription {
            consultation: cells.parsed("consultation")?,
            class: cells.word("class", Class::parse)?,
            lines: content.lines,
            comment: content.comment,
            ordered: content.ordered,
            editions: Editions {
                drugs: cells.text("drugs")?,
                high_safety: cells.text("high_safety")?,
                careful: cells.text("careful")?,
            },
            signed: cells
                .maybe_parsed("signed_by")?
                .zip(cells.maybe_instant("signed_at")?),
            id,
        })
    }
}

/// Whether something supplied has not run out; what nobody can count is shown for a month.
fn runs(given: &Given, today: Date) -> bool {
    const UNKNOWN_DAYS: u32 = 30;
    let days = given.ordered.days.unwrap_or(UNKNOWN_DAYS);
    let end = given
        .on
        .saturating_add(jiff::Span::new().days(i64::from(days.min(3_650))));
    end >= today
}

/// What was supplied, for the sum of days.
#[must_use]
pub fn supplied(given: &[Given]) -> Vec<Supplied> {
    given
        .iter()
        .map(|one| Supplied {
            ingredient: one.ordered.ingredient.clone(),
            days: one.ordered.days.unwrap_or(0),
            on: one.on,
        })
        .collect()
}

impl Tx {
    /// Keeps the draft of an order. A signed one is never written over.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was signed; or storage failed.
    pub async fn keep_order(
        &mut self,
        by: &By,
        visit: &Consultation,
        new: &NewOrder<'_>,
    ) -> Result<(), Fault> {
        let before = self.prescription(visit.id).await?;
        if before
            .as_ref()
            .is_some_and(|before| before.signed.is_some())
        {
            return Err(Fault::Conflict);
        }
        let id = match &before {
            Some(before) => before.id.clone(),
            None => self.fresh_id()?.to_string(),
        };
        let content = Content {
            lines: new.lines.to_vec(),
            comment: new.comment.to_owned(),
            ordered: Vec::new(),
            known: false,
            sources: Vec::new(),
        };
        self.write_prescription(visit, &id, &content, new.editions)
            .await?;
        if before.is_none() {
            self.record(
                by.entry("prescription.opened")
                    .object("consultation", visit.id.to_string())
                    .object("prescription", id),
            )
            .await?;
        }
        Ok(())
    }

    async fn write_prescription(
        &mut self,
        visit: &Consultation,
        id: &str,
        content: &Content,
        editions: &Editions,
    ) -> Result<(), Fault> {
        let sealed = self
            .seal_json(&visit.patient.to_string(), "prescription", id, content)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO prescription (tenant, id, patient, consultation, class, content, drugs, high_safety, careful, written_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (tenant, consultation) DO UPDATE
             SET class = excluded.class, content = excluded.content, drugs = excluded.drugs,
                 high_safety = excluded.high_safety, careful = excluded.careful, written_at = excluded.written_at",
        )
        .bind(tenant)
        .bind(id)
        .bind(visit.patient.to_string())
        .bind(visit.id.to_string())
        .bind(visit.class.as_str())
        .bind(sealed)
        .bind(&editions.drugs)
        .bind(&editions.high_safety)
        .bind(&editions.careful)
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Keeps what the patient told the physician of medicines. It is the physician's entry, never the patient's statement.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_medicines_told(
        &mut self,
        by: &By,
        person: PersonId,
        visit: &Consultation,
        words: &str,
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let sealed = self
            .seal_json(
                &visit.patient.to_string(),
                "medicines_told",
                &id.to_string(),
                &words,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO medicines_told (tenant, id, patient, consultation, content, told_by, told_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.patient.to_string())
        .bind(visit.id.to_string())
        .bind(sealed)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(medicines::STATED, "medication.told")
                .object("consultation", visit.id.to_string())
                .object("list", id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps that the physician checked the list with the patient, as it stands.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_medicines_review(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        (_checkable, version): (Checkable, &str),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO medicines_review (tenant, id, consultation, version, reviewed_by, reviewed_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(visit.id.to_string())
        .bind(version)
        .bind(physician.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(REVIEWED, "medication.reviewed")
                .object("consultation", visit.id.to_string())
                .field("list", version.to_owned()),
        )
        .await?;
        Ok(())
    }

    /// Signs the prescription of a visit, with the proof that it may be signed.
    ///
    /// # Errors
    ///
    /// `Conflict` when there is no draft, or the proof is of another visit; or storage failed.
    pub async fn sign_prescription(
        &mut self,
        by: &By,
        physician: PersonId,
        visit: &Consultation,
        (proof, editions): (&Prescribable, &Editions),
    ) -> Result<(), Fault> {
        let draft = self
            .prescription(visit.id)
            .await?
            .filter(|draft| draft.signed.is_none() && proof.consultation() == visit.id)
            .ok_or(Fault::Conflict)?;
        let background = self.background_facts(visit).await?;
        let content = Content {
            lines: draft.lines,
            comment: draft.comment,
            ordered: proof.lines().to_vec(),
            known: background.known(legal_day(self.now())).is_ok(),
            sources: background.names().map(|name| name.to_string()).collect(),
        };
        self.write_prescription(visit, &draft.id, &content, editions)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE prescription SET signed_by = $1, signed_at = $2
             WHERE tenant = $3 AND id = $4 AND signed_at IS NULL",
        )
        .bind(physician.to_string())
        .bind(now)
        .bind(tenant)
        .bind(&draft.id)
        .execute(self.any())
        .await?;
        let said = crate::row::json(&content)?;
        let (_, digest) = self.digest(said.as_bytes())?;
        let entry = by
            .under(CONSIDERED, "prescription.signed")
            .also([CONTROLLED, HIGH_SAFETY, EIGHT_DAYS, GRAVE, EXTENSION])
            .object("consultation", visit.id.to_string())
            .object("prescription", draft.id.clone())
            .field("class", visit.class.as_str())
            .field("drugs", editions.drugs.clone())
            .field("high_safety", editions.high_safety.clone())
            .field("careful", editions.careful.clone())
            .field("known", i64::from(content.known))
            .field(
                "lines",
                i64::try_from(content.ordered.len()).unwrap_or(i64::MAX),
            )
            .digest("prescription", digest);
        let entry = self.reserved(entry, physician).await?;
        self.record(entry).await?;
        self.open_check(by, visit, &content.ordered).await
    }
}
