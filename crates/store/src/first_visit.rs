//! The route of a first visit at rest.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{
    Consultation, PatientId,
    first_visit::{Chosen, REGULAR, Route},
};

impl Conn {
    /// The route that was chosen for a visit; none where a record in person says it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn route_of(&mut self, visit: &Consultation) -> Result<Option<Chosen>, Fault> {
        let row = sqlx::query(
            "SELECT consultation AS id, route, grounds
             FROM first_visit_route
             WHERE tenant = $1 AND consultation = $2",
        )
        .bind(self.tenant().to_string())
        .bind(visit.id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("first_visit_route", &row);
        match cells.text("route")?.as_str() {
            "sources" => Ok(Some(Chosen::Sources)),
            // Booked anew, it leads to another visit: this one has no route any more.
            "preconsultation" => Ok(self.led_from(visit).await?.map(Chosen::Consulted)),
            "regular_stated" => {
                let sealed = cells.bytes("grounds")?;
                let grounds = self
                    .unseal_json(
                        &visit.patient.to_string(),
                        "first_visit_route",
                        &visit.id.to_string(),
                        &sealed,
                    )
                    .await?;
                Ok(Some(Chosen::Stated(grounds)))
            }
            _ => Err(cells.corrupt("route")),
        }
    }

    /// Whether somebody here has seen the patient in person.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn seen_in_person(&mut self, patient: PatientId) -> Result<bool, Fault> {
        Ok(!self.assessments(patient).await?.is_empty())
    }
}

impl Tx {
    /// Keeps the route of a first visit.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_route(
        &mut self,
        by: &By,
        visit: &Consultation,
        route: &Route,
    ) -> Result<(), Fault> {
        if let Route::Chosen(chosen) = route {
            let grounds = match chosen {
                Chosen::Stated(grounds) => grounds.as_str(),
                Chosen::Sources | Chosen::Consulted(_) => "",
            };
            let sealed = self
                .seal_json(
                    &visit.patient.to_string(),
                    "first_visit_route",
                    &visit.id.to_string(),
                    &grounds,
                )
                .await?;
            let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
            sqlx::query(
                "INSERT INTO first_visit_route (tenant, consultation, route, grounds, chosen_by, chosen_at)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (tenant, consultation) DO UPDATE SET route = $3, grounds = $4, chosen_by = $5, chosen_at = $6",
            )
            .bind(tenant)
            .bind(visit.id.to_string())
            .bind(chosen.as_str())
            .bind(sealed)
            .bind(by.person().map(|person| person.to_string()).unwrap_or_default())
            .bind(now)
            .execute(self.any())
            .await?;
        }
        self.record(
            by.under(REGULAR, "visit.classified")
                .object("consultation", visit.id.to_string())
                .object("patient", visit.patient.to_string())
                .field("class", visit.class.as_str())
                .field("route", route.as_str()),
        )
        .await?;
        Ok(())
    }
}
