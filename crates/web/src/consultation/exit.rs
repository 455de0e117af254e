//! The two ways on for a symptom that cannot be seen online: a slot here, or a partner whose entry is in force (cl-1.2-ii-b).

use super::Case;
use crate::{Form, Lang, Problem, Words, form::Reading, visit::Receiver, words::tokyo};
use care::{
    Dossier, PartnerId, Refusal, Remedy,
    partner::Partner,
    symptom::{self, IN_PERSON},
};
use jiff::civil::{Date, Time};
use store::{
    By, Tx,
    outbox::{Address, Message},
};

/// Where the patient goes.
pub(super) enum Exit {
    /// Seen here, at this hour of the day named.
    Own(Time),
    /// Referred to a partner of the register.
    Partner(PartnerId),
}

impl Exit {
    /// Reads the choice; none was made where the page did not ask for one.
    pub(super) fn read(form: &Form, reading: &mut Reading<'_>) -> Option<Self> {
        match form.text("exit") {
            "" => None,
            "own" => reading.parse("time").map(Self::Own),
            partner => {
                let found = partner.parse().ok().map(Self::Partner);
                if found.is_none() {
                    reading.wrong("exit", "field-wrong");
                }
                found
            }
        }
    }

    /// Puts the message to the patient in line and gives the destination in words.
    pub(super) async fn kept(
        &self,
        tx: &mut Tx,
        by: &By,
        case: &Case,
        target: Date,
    ) -> Result<String, Problem> {
        let w = Words::of(Lang::Ja);
        let institution = tx.institution().await?.ok_or(Problem::NotFound)?;
        let mut values = vec![
            ("clinic", institution.name.clone()),
            ("day", w.date(target)),
        ];
        let (text, destination) = match self {
            Self::Own(time) => {
                let at = target
                    .to_datetime(*time)
                    .to_zoned(tokyo())
                    .map_err(|_| Problem::Malformed)?
                    .timestamp();
                if at <= case.dossier.now {
                    return Err(nowhere().into());
                }
                let time = time.strftime("%H:%M").to_string();
                let destination = format!("{} {time}", institution.name);
                values.push(("time", time));
                values.push(("phone", institution.phone.clone()));
                (w.fill_all("stop-sent-own", &values), destination)
            }
            Self::Partner(id) => {
                let partner = case
                    .dossier
                    .referral
                    .partners
                    .iter()
                    .find(|partner| partner.id == *id && in_force(partner, &case.dossier))
                    .ok_or_else(nowhere)?;
                let areas: Vec<String> = partner.areas.iter().map(ToString::to_string).collect();
                values.extend([
                    ("name", partner.name.clone()),
                    ("areas", areas.join("、")),
                    ("hours", partner.hours.clone()),
                    ("phone", partner.phone.clone()),
                ]);
                let destination = format!("{} {}", partner.name, partner.phone);
                (w.fill_all("stop-sent-partner", &values), destination)
            }
        };
        let visit = &case.booking.consultation;
        let patient = tx.patient(visit.patient).await?.ok_or(Problem::NotFound)?;
        // Nobody to write to is told on the telephone: the form asks how the patient was told.
        if let Some((channel, to)) = Receiver::Patient(None).contact(&patient) {
            let from = [
                ("clinic", institution.name.clone()),
                ("phone", institution.phone.clone()),
            ];
            let message = Message {
                to,
                subject: w.say("stop-sent-subject").into_owned(),
                text: format!("{text}\n{}", w.fill_all("stop-sent-from", &from)),
            };
            let address = Address {
                patient: patient.id,
                proxy: None,
                consultation: Some(visit.id),
                channel,
            };
            tx.post(by, &address, "in_person", &message).await?;
        }
        Ok(destination)
    }
}

/// After "not fit" a place in free words is no way on.
pub(super) fn only_way(facts: &symptom::Facts, exit: Option<&Exit>) -> Result<(), Refusal> {
    if facts.unfit() && exit.is_none() {
        return Err(nowhere());
    }
    Ok(())
}

fn nowhere() -> Refusal {
    Refusal::state(IN_PERSON, Remedy::NameSlotOrPartner).because("no_exit_in_person")
}

fn in_force(partner: &Partner, dossier: &Dossier) -> bool {
    partner.kind.sees_patients() && partner.valid_until >= dossier.today
}

/// The partners that can be chosen: id and words.
pub(super) fn partners(dossier: &Dossier) -> Vec<(String, String)> {
    let mut found: Vec<&Partner> = dossier
        .referral
        .partners
        .iter()
        .filter(|partner| in_force(partner, dossier))
        .collect();
    found.sort_by_key(|partner| partner.travel_minutes);
    found
        .into_iter()
        .map(|partner| {
            (
                partner.id.to_string(),
                format!("{} {} {}", partner.name, partner.hours, partner.phone),
            )
        })
        .collect()
}
