//! Areas that are hard to reach quickly, and what is agreed with partners for whoever lives there.

use crate::{
    By, Conn, Fault, Tx,
    partner::{areas, written},
    row::Cells,
};
use care::{
    PatientId,
    area::Area,
    plan::reach::{AGREED_BEFOREHAND, Agreement, Facts, is_far},
};
use sha2::{Digest as _, Sha256};

/// Agreements that one look at the register takes.
const AGREEMENTS_MAX: i64 = 200;

impl Conn {
    /// The areas that the institution calls hard to reach quickly.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn far_areas(&mut self) -> Result<Vec<Area>, Fault> {
        let row = sqlx::query(
            "SELECT tenant AS id, areas
             FROM far_area
             WHERE tenant = $1",
        )
        .bind(self.tenant().to_string())
        .fetch_optional(self.any())
        .await?;
        row.map_or(Ok(Vec::new()), |row| {
            areas(&Cells::of("far_area", &row), "areas")
        })
    }

    /// What is agreed with partners, partner by partner.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn response_agreements(&mut self) -> Result<Vec<Agreement>, Fault> {
        let rows = sqlx::query(
            "SELECT partner AS id, transport, place, contact, digest, valid_until
             FROM response_agreement
             WHERE tenant = $1
             ORDER BY partner
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(AGREEMENTS_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("response_agreement", row);
                Ok(Agreement {
                    partner: cells.parsed("id")?,
                    transport: cells.text("transport")?,
                    place: cells.text("place")?,
                    contact: cells.text("contact")?,
                    document: cells.text("digest")?,
                    valid_until: cells.date("valid_until")?,
                })
            })
            .collect()
    }

    /// What is known of where a patient lives.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn reach_facts(&mut self, patient: PatientId) -> Result<Facts, Fault> {
        let address = self
            .patient(patient)
            .await?
            .map(|patient| patient.profile.address)
            .unwrap_or_default();
        let (listed, partners) = (self.far_areas().await?, self.partners().await?);
        let limit = self.house_rules().await?.travel_minutes_max;
        Ok(Facts {
            far: is_far(&address, &listed, &partners, limit),
            agreements: self.response_agreements().await?,
        })
    }
}

impl Tx {
    /// Keeps the areas that are hard to reach quickly.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_far_areas(&mut self, by: &By, areas: &[Area]) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO far_area (tenant, areas, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (tenant) DO UPDATE SET areas = excluded.areas, changed_at = excluded.changed_at",
        )
        .bind(tenant)
        .bind(written(areas)?)
        .bind(now)
        .execute(self.any())
        .await?;
        let count = i64::try_from(areas.len()).unwrap_or(i64::MAX);
        self.record(
            by.under(AGREED_BEFOREHAND, "far_areas.kept")
                .field("areas", count),
        )
        .await?;
        Ok(())
    }

    /// Keeps what is agreed with a partner, with the signed document and its digest.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_response_agreement(
        &mut self,
        by: &By,
        agreement: &Agreement,
        document: &[u8],
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let digest = crate::engine::hex(&Sha256::digest(document));
        sqlx::query(
            "INSERT INTO response_agreement (tenant, partner, transport, place, contact, digest, document, valid_until, kept_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (tenant, partner) DO UPDATE
             SET transport = excluded.transport, place = excluded.place, contact = excluded.contact,
                 digest = excluded.digest, document = excluded.document, valid_until = excluded.valid_until,
                 kept_at = excluded.kept_at",
        )
        .bind(tenant)
        .bind(agreement.partner.to_string())
        .bind(&agreement.transport)
        .bind(&agreement.place)
        .bind(&agreement.contact)
        .bind(&digest)
        .bind(document)
        .bind(agreement.valid_until.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(AGREED_BEFOREHAND, "response_agreement.kept")
                .object("partner", agreement.partner.to_string())
                .field("valid_until", agreement.valid_until.to_string())
                .field("document", digest),
        )
        .await?;
        Ok(())
    }
}
