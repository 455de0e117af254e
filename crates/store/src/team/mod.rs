//! A visit with more than two people: who attends, on what instruction a nurse acts, and what was ordered and done.

mod attendance;
mod instruction;
mod order;

use crate::{Conn, Fault};
use access::{PersonId, Role};
use care::{
    Consultation,
    assistance::{Basis, Facts, Nurse},
    attendance::Part,
};
use jiff::Timestamp;

impl Conn {
    /// What the judgement of a visit with a nurse rests on; nothing where no nurse was asked to be there.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn assistance(
        &mut self,
        visit: &Consultation,
        now: Timestamp,
    ) -> Result<Option<Facts>, Fault> {
        let attendants = self.attendants(visit).await?;
        let Some(nurse) = attendants
            .iter()
            .find(|one| one.part == Part::Nurse && !matches!(one.answer, Some((false, _))))
        else {
            return Ok(None);
        };
        let instruction = self.instructions(visit.patient).await?.into_iter().next();
        let station = self.station_of(nurse.person).await?;
        let (reviewed, triggers) = self.instruction_events(visit.patient).await?;
        let of_station = match (&station, &instruction) {
            (Some(own), Some(instruction)) => matches!(
                &instruction.draft.basis,
                Basis::HomeNursing { station } if station == own
            ),
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        let is_nurse = self.is_nurse(nurse.person, now).await?;
        let seen_in_person = self
            .assessments(visit.patient)
            .await?
            .into_iter()
            .filter(|(assessment, _)| assessment.physician == visit.physician)
            .map(|(assessment, _)| assessment.on)
            .max();
        Ok(Some(Facts {
            nurse: Nurse {
                person: nurse.person,
                affiliated: is_nurse && station.is_none(),
                of_station: is_nurse && of_station,
            },
            instruction,
            reviewed,
            triggers,
            seen_in_person,
            departure: self.departure_of(visit).await?,
        }))
    }

    async fn is_nurse(&mut self, person: PersonId, now: Timestamp) -> Result<bool, Fault> {
        let held = self.memberships(person, now).await?;
        Ok(held.iter().any(|row| row.role == Role::Nurse))
    }
}
