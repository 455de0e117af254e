//! Patients and their registered proxies: sealed, found by digest, never by plain text.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{PatientId, ProxyId, patient::Profile};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// Patients on one page at most: so many names one ledger entry may carry.
pub const PAGE_MAX: usize = 50;
/// Patients read for a name search at most; beyond it the search says so.
pub const SEARCH_MAX: i64 = 5_000;

/// A patient as kept.
#[derive(Clone)]
pub struct Patient {
    /// Its name.
    pub id: PatientId,
    /// Chart number.
    pub number: i64,
    /// The person.
    pub profile: Profile,
    /// When the contact was renewed at the desk.
    pub recovered: Option<Timestamp>,
    /// When a physician raised doubt about identity.
    pub doubted: Option<Timestamp>,
}

/// A registered proxy (登録代理人). Sealed; no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct ProxyPerson {
    /// Name.
    pub name: String,
    /// Relation to the patient, in words.
    pub relation: String,
    /// Mobile number, digits only.
    pub phone: String,
    /// The proxy's own birth date, asked at the own link.
    pub birth: Date,
}

/// A proxy as kept.
#[derive(Clone)]
pub struct Proxy {
    /// Its name.
    pub id: ProxyId,
    /// For whom.
    pub patient: PatientId,
    /// The person.
    pub person: ProxyPerson,
}

impl Conn {
    /// One patient.
    ///
    /// # Errors
    ///
    /// Storage failed, or the row is not as it was sealed.
    pub async fn patient(&mut self, id: PatientId) -> Result<Option<Patient>, Fault> {
        let row = sqlx::query(
            "SELECT id, number, profile, recovered_at, doubted_at
             FROM patient
             WHERE tenant = $1 AND id = $2",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Some(self.opened(&row).await?)),
            None => Ok(None),
        }
    }

    /// Patients whose name or kana contains the words, or whose chart number it is; at most one page.
    ///
    /// Names are opened one by one in memory and nothing is kept: the plain text exists nowhere else.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn search_patients(&mut self, words: &str) -> Result<Vec<Patient>, Fault> {
        let sought = crate::normal(words);
        let rows = sqlx::query(
            "SELECT id, number, profile, recovered_at, doubted_at
             FROM patient
             WHERE tenant = $1
             ORDER BY number
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(SEARCH_MAX)
        .fetch_all(self.any())
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let patient = self.opened(row).await?;
            let fits = sought.is_empty()
                || crate::normal(&patient.profile.name).contains(&sought)
                || crate::normal(&patient.profile.kana).contains(&sought)
                || patient.number.to_string() == sought;
            if fits {
                found.push(patient);
            }
            if found.len() == PAGE_MAX {
                break;
            }
        }
        Ok(found)
    }

    /// Patients on whose file a contact is or was: their own, or a helper's. Used only to answer "lost my link" without telling.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn patients_by_contact(&mut self, contact: &str) -> Result<Vec<PatientId>, Fault> {
        let hash = self.lookup_hash("contact", contact);
        let rows = sqlx::query(
            "SELECT DISTINCT patient AS id
             FROM patient_lookup
             WHERE tenant = $1 AND kind IN ('contact', 'proxy') AND hash = $2
             LIMIT 10",
        )
        .bind(self.tenant().to_string())
        .bind(hash)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| Cells::of("patient_lookup", row).parsed("id"))
            .collect()
    }

    /// The registered proxies of a patient.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn proxies(&mut self, patient: PatientId) -> Result<Vec<Proxy>, Fault> {
        let rows = sqlx::query(
            "SELECT id, person
             FROM proxy
             WHERE tenant = $1 AND patient = $2 AND ended_at IS NULL
             ORDER BY created_at
             LIMIT 20",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .fetch_all(self.any())
        .await?;
        let mut proxies = Vec::new();
        for row in &rows {
            let cells = Cells::of("proxy", row);
            let id: ProxyId = cells.parsed("id")?;
            let sealed = cells.bytes("person")?;
            let person = self
                .unseal_json(&patient.to_string(), "proxy", &id.to_string(), &sealed)
                .await?;
            proxies.push(Proxy {
                id,
                patient,
                person,
            });
        }
        Ok(proxies)
    }

    async fn opened(&mut self, row: &sqlx::any::AnyRow) -> Result<Patient, Fault> {
        let cells = Cells::of("patient", row);
        let id: PatientId = cells.parsed("id")?;
        let sealed = cells.bytes("profile")?;
        let text = id.to_string();
        Ok(Patient {
            id,
            number: cells.int("number")?,
            profile: self.unseal_json(&text, "patient", &text, &sealed).await?,
            recovered: cells.maybe_instant("recovered_at")?,
            doubted: cells.maybe_instant("doubted_at")?,
        })
    }
}

impl Tx {
    /// Registers a patient with a key of the own.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn add_patient(&mut self, by: &By, profile: &Profile) -> Result<PatientId, Fault> {
        let id = PatientId(self.fresh_id()?);
        let text = id.to_string();
        self.new_patient_key(&text).await?;
        let sealed = self.seal_json(&text, "patient", &text, profile).await?;
        let number = self.next_number("patient").await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query("INSERT INTO patient (tenant, id, number, profile, created_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(&tenant)
            .bind(&text)
            .bind(number)
            .bind(sealed)
            .bind(now)
            .execute(self.any())
            .await?;
        self.index_contact(id, &profile.phone).await?;
        self.index_contact(id, &profile.mail).await?;
        self.record(by.entry("patient.registered").object("patient", text))
            .await?;
        Ok(id)
    }

    /// Renews a patient's contact at the desk. Identity is due again afterwards.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn recover_patient(
        &mut self,
        by: &By,
        patient: &Patient,
        phone: &str,
    ) -> Result<(), Fault> {
        let id = patient.id.to_string();
        let mut profile = patient.profile.clone();
        phone.clone_into(&mut profile.phone);
        let sealed = self.seal_json(&id, "patient", &id, &profile).await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE patient SET profile = $1, recovered_at = $2 WHERE tenant = $3 AND id = $4",
        )
        .bind(sealed)
        .bind(now)
        .bind(tenant)
        .bind(&id)
        .execute(self.any())
        .await?;
        self.index_contact(patient.id, phone).await?;
        self.record(by.entry("patient.recovered").object("patient", id))
            .await?;
        Ok(())
    }

    /// Registers a proxy by name.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn add_proxy(
        &mut self,
        by: &By,
        created_by: PersonId,
        patient: PatientId,
        person: &ProxyPerson,
    ) -> Result<ProxyId, Fault> {
        let id = ProxyId(self.fresh_id()?);
        let sealed = self
            .seal_json(&patient.to_string(), "proxy", &id.to_string(), person)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO proxy (tenant, id, patient, person, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(sealed)
        .bind(now)
        .bind(created_by.to_string())
        .execute(self.any())
        .await?;
        self.index(patient, "proxy", &person.phone).await?;
        self.record(
            by.entry("proxy.approved")
                .object("patient", patient.to_string())
                .object("proxy", id.to_string()),
        )
        .await?;
        Ok(id)
    }

    async fn index_contact(&mut self, patient: PatientId, contact: &str) -> Result<(), Fault> {
        self.index(patient, "contact", contact).await
    }

    async fn index(
        &mut self,
        patient: PatientId,
        kind: &'static str,
        contact: &str,
    ) -> Result<(), Fault> {
        if contact.trim().is_empty() {
            return Ok(());
        }
        let hash = self.lookup_hash("contact", contact);
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO patient_lookup (tenant, patient, kind, hash) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, kind, hash, patient) DO NOTHING",
        )
        .bind(tenant)
        .bind(patient.to_string())
        .bind(kind)
        .bind(hash)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// The next number of a numbered table of this tenant. Writers of a tenant stand in line, so none is given twice.
    pub(crate) async fn next_number(&mut self, table: &'static str) -> Result<i64, Fault> {
        let text = match table {
            "patient" => {
                "SELECT COALESCE(MAX(number), 0) + 1 AS next FROM patient WHERE tenant = $1"
            }
            _ => "SELECT COALESCE(MAX(number), 0) + 1 AS next FROM consultation WHERE tenant = $1",
        };
        let tenant = self.tenant().to_string();
        let row = sqlx::query(text).bind(tenant).fetch_one(self.any()).await?;
        Cells::of(table, &row).int("next")
    }
}
