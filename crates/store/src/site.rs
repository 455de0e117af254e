//! The register of places at which several patients are seen (場所の台帳), and who is booked where.
//!
//! An address is kept sealed; beside it lies a keyed hash of the place it names, so that the same place is found again.

use crate::{
    By, Conn, Fault, Tx,
    course::{FileKind, digest},
    row::Cells,
};
use access::PersonId;
use care::{
    ConsultationId, PatientId, SiteId,
    place::site::{
        EXEMPT, Exception, Facts, GROUP, Key, Round, Site, SiteKind, WINDOW_DAYS, are_related,
    },
};
use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Places of one institution at most.
pub const SITES_MAX: i64 = 500;
/// Exceptions of one place that are looked at, the newest.
pub const EXCEPTIONS_MAX: i64 = 50;
/// Other patients at one place that are looked at.
const OTHERS_MAX: i64 = 50;

/// Name and address of a place. No `Debug`: it may be a family's home.
#[derive(Clone, Serialize, Deserialize)]
pub struct Named {
    /// What it is called.
    pub name: String,
    /// Its address, as it was typed.
    pub address: String,
}

/// One line of the register.
pub struct Line {
    /// As a booking looks at it.
    pub site: Site,
    /// Name and address.
    pub named: Named,
    /// Other words of each exception, in the same order.
    pub papers: Vec<Papers>,
    /// Patients booked there in the last and the next thirty days.
    pub patients: i64,
}

/// What an exception rests on.
pub struct Papers {
    /// Which exception.
    pub id: Ulid,
    /// Who confirmed it.
    pub authority: String,
    /// How they are reached.
    pub contact: String,
    /// SHA-256 of the document.
    pub digest: String,
}

/// A place to be entered.
pub struct NewSite<'a> {
    /// As what.
    pub kind: SiteKind,
    /// Name and address.
    pub named: &'a Named,
    /// The place that the address names.
    pub key: &'a Key,
    /// Number of the notification, and its document.
    pub notified: Option<(&'a str, FileKind, &'a [u8])>,
}

/// An exception to be entered.
pub struct NewException<'a> {
    /// Which, and when.
    pub exception: &'a Exception,
    /// Who confirmed it.
    pub authority: &'a str,
    /// How they are reached.
    pub contact: &'a str,
    /// The document.
    pub document: (FileKind, &'a [u8]),
}

impl Conn {
    fn home_hash(&self, key: &Key) -> Vec<u8> {
        self.lookup_hash("place_home", &key.home)
    }

    fn building_hash(&self, key: &Key) -> Vec<u8> {
        self.lookup_hash("place_building", &key.building)
    }

    /// The register, by entry.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sites(&mut self, today: Date) -> Result<Vec<Line>, Fault> {
        let rows = sqlx::query(
            "SELECT id, kind, home_hash, content, number, file_digest
             FROM site
             WHERE tenant = $1 AND ended_at IS NULL
             ORDER BY id
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(SITES_MAX)
        .fetch_all(self.any())
        .await?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in &rows {
            let cells = Cells::of("site", row);
            let id: SiteId = cells.parsed("id")?;
            let sealed = cells.bytes("content")?;
            let bytes = self.unseal_tenant("site", &id.to_string(), &sealed)?;
            let named = serde_json::from_slice(&bytes).map_err(|_| cells.corrupt("content"))?;
            let (exceptions, papers) = self.exceptions(id).await?.into_iter().unzip();
            let patients = self
                .booked_at(&cells.bytes("home_hash")?, None, today)
                .await?
                .len();
            lines.push(Line {
                site: site(&cells, exceptions)?,
                named,
                papers,
                patients: i64::try_from(patients).unwrap_or(i64::MAX),
            });
        }
        Ok(lines)
    }

    async fn exceptions(&mut self, id: SiteId) -> Result<Vec<(Exception, Papers)>, Fault> {
        let rows = sqlx::query(
            "SELECT id, round, from_on, until_on, confirmed_on, authority, contact, file_digest, signed_by
             FROM site_exception
             WHERE tenant = $1 AND site = $2 -- site_exception_by_site
             ORDER BY id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .bind(EXCEPTIONS_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("site_exception", row);
                let exception = Exception {
                    round: cells.word("round", Round::parse)?,
                    from: cells.date("from_on")?,
                    until: cells.date("until_on")?,
                    confirmed: cells.date("confirmed_on")?,
                    signed: cells.maybe_text("signed_by")?.is_some(),
                };
                let papers = Papers {
                    id: cells.parsed("id")?,
                    authority: cells.text("authority")?,
                    contact: cells.text("contact")?,
                    digest: cells.text("file_digest")?,
                };
                Ok((exception, papers))
            })
            .collect()
    }

    /// The place of the register that an address names: that home, else a facility in that building.
    async fn site_at(&mut self, key: &Key) -> Result<Option<Site>, Fault> {
        let (home, building) = (self.home_hash(key), self.building_hash(key));
        let row = sqlx::query(
            "SELECT id, kind, number, file_digest
             FROM site
             WHERE tenant = $1 AND ended_at IS NULL
               AND (home_hash = $2 OR building_hash = $3 AND kind <> 'household') -- site_by_building
             ORDER BY CASE WHEN home_hash = $2 THEN 0 ELSE 1 END, id
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(home)
        .bind(building)
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let cells = Cells::of("site", &row);
        let exceptions = self.exceptions(cells.parsed("id")?).await?;
        site(&cells, exceptions.into_iter().map(|(one, _)| one).collect()).map(Some)
    }

    /// Patients booked at one place around a day, besides one.
    async fn booked_at(
        &mut self,
        home_hash: &[u8],
        besides: Option<PatientId>,
        on: Date,
    ) -> Result<Vec<PatientId>, Fault> {
        let (from, until) = (
            on.saturating_sub(WINDOW_DAYS.days()),
            on.saturating_add(WINDOW_DAYS.days()),
        );
        let rows = sqlx::query(
            "SELECT DISTINCT visit_place.patient AS id
             FROM visit_place
             JOIN consultation ON consultation.tenant = visit_place.tenant AND consultation.id = visit_place.consultation
             WHERE visit_place.tenant = $1 AND visit_place.home_hash = $2 -- visit_place_by_home
               AND visit_place.booked_on BETWEEN $3 AND $4
               AND consultation.stage NOT IN ('declined', 'aborted')
               AND visit_place.patient <> $5
             LIMIT $6",
        )
        .bind(self.tenant().to_string())
        .bind(home_hash.to_vec())
        .bind(from.to_string())
        .bind(until.to_string())
        .bind(besides.map(|id| id.to_string()).unwrap_or_default())
        .bind(OTHERS_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| Cells::of("visit_place", row).parsed("id"))
            .collect()
    }

    /// What a booking at a place is judged by.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn place_facts(
        &mut self,
        patient: PatientId,
        key: &Key,
        (on, is_checkup): (Date, bool),
    ) -> Result<Facts, Fault> {
        let hash = self.home_hash(key);
        let others = self.booked_at(&hash, Some(patient), on).await?;
        let mut unrelated = 0;
        if !others.is_empty() {
            let name = self
                .patient(patient)
                .await?
                .map(|known| known.profile.name)
                .unwrap_or_default();
            for other in others {
                let other = self.patient(other).await?;
                let related = other.is_some_and(|other| are_related(&name, &other.profile.name));
                unrelated += usize::from(!related);
            }
        }
        Ok(Facts {
            site: self.site_at(key).await?,
            unrelated,
            on,
            is_checkup,
        })
    }
}

impl Tx {
    /// Keeps at which place a visit was booked.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_visit_place(
        &mut self,
        visit: ConsultationId,
        patient: PatientId,
        key: &Key,
        on: Date,
    ) -> Result<(), Fault> {
        let (tenant, hash) = (self.tenant().to_string(), self.home_hash(key));
        sqlx::query(
            "INSERT INTO visit_place (tenant, consultation, patient, home_hash, booked_on)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(tenant)
        .bind(visit.to_string())
        .bind(patient.to_string())
        .bind(hash)
        .bind(on.to_string())
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Enters a place. A place that is in the register at that address is replaced.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn enter_site(&mut self, by: &By, new: NewSite<'_>) -> Result<SiteId, Fault> {
        let id = SiteId(self.fresh_id()?);
        let (home, building) = (self.home_hash(new.key), self.building_hash(new.key));
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE site SET ended_at = $1 WHERE tenant = $2 AND home_hash = $3 AND ended_at IS NULL",
        )
        .bind(now)
        .bind(tenant.clone())
        .bind(home.clone())
        .execute(self.any())
        .await?;
        let content = serde_json::to_vec(new.named)
            .map_err(|why| Fault::Unavailable(format!("no JSON for site: {why}")))?;
        let sealed = self.seal_tenant("site", &id.to_string(), &content)?;
        let file = new
            .notified
            .map(|(_, _, file)| self.seal_tenant("site_file", &id.to_string(), file))
            .transpose()?;
        let file_digest = new.notified.map(|(_, _, file)| digest(file));
        sqlx::query(
            "INSERT INTO site (tenant, id, kind, home_hash, building_hash, content, number, file_digest, file_type, file, entered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(new.kind.as_str())
        .bind(home)
        .bind(building)
        .bind(sealed)
        .bind(new.notified.map(|(number, _, _)| number.to_owned()))
        .bind(file_digest.clone())
        .bind(new.notified.map(|(_, kind, _)| kind.media_type()))
        .bind(file)
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(GROUP, "site.entered")
                .object("site", id.to_string())
                .field("kind", new.kind.as_str())
                .field("file", file_digest.unwrap_or_default()),
        )
        .await?;
        Ok(id)
    }

    /// Takes a place out of the register.
    ///
    /// # Errors
    ///
    /// It is not there (`Conflict`), or storage failed.
    pub async fn end_site(&mut self, by: &By, id: SiteId) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE site SET ended_at = $1 WHERE tenant = $2 AND id = $3 AND ended_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(by.entry("site.ended").object("site", id.to_string()))
            .await?;
        Ok(())
    }

    /// Enters an exception for named days. It counts for nothing before it is signed.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn enter_exception(
        &mut self,
        by: &By,
        site: SiteId,
        new: NewException<'_>,
    ) -> Result<Ulid, Fault> {
        let id = self.fresh_id()?;
        let (kind, file) = new.document;
        let sealed = self.seal_tenant("site_exception", &id.to_string(), file)?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO site_exception (tenant, id, site, round, from_on, until_on, confirmed_on, authority, contact, file_digest,
                                         file_type, file)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(site.to_string())
        .bind(new.exception.round.as_str())
        .bind(new.exception.from.to_string())
        .bind(new.exception.until.to_string())
        .bind(new.exception.confirmed.to_string())
        .bind(new.authority)
        .bind(new.contact)
        .bind(digest(file))
        .bind(kind.media_type())
        .bind(sealed)
        .execute(self.any())
        .await?;
        self.record(
            by.entry("exception.entered")
                .object("site", site.to_string())
                .field("round", new.exception.round.as_str())
                .field("file", digest(file)),
        )
        .await?;
        Ok(id)
    }

    /// Signs an exception, once.
    ///
    /// # Errors
    ///
    /// It is not there, or was signed before (`Conflict`), or storage failed.
    pub async fn sign_exception(
        &mut self,
        by: &By,
        signer: PersonId,
        id: Ulid,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE site_exception SET signed_by = $1, signed_at = $2
             WHERE tenant = $3 AND id = $4 AND signed_by IS NULL",
        )
        .bind(signer.to_string())
        .bind(now)
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(EXEMPT, "exception.signed")
                .object("exception", id.to_string()),
        )
        .await?;
        Ok(())
    }
}

fn site(cells: &Cells<'_>, exceptions: Vec<Exception>) -> Result<Site, Fault> {
    let has_document = cells.maybe_text("file_digest")?.is_some();
    Ok(Site {
        id: cells.parsed("id")?,
        kind: cells.word("kind", SiteKind::parse)?,
        notified: cells
            .maybe_text("number")?
            .map(|number| (number, has_document)),
        exceptions,
    })
}
