//! The summary for the institution that responds to a sudden change: prepared when it is due, and released with the note by the
//! same press (cl-1.3-iv-a). A plan that leaves the response to nobody else shows nothing of this.

use super::{Asking, Case};
use crate::{Problem, Words, plans};
use care::{
    PartnerId,
    patient::age,
    plan::{
        Item,
        information::{self, Standing},
    },
    record::Soap,
};
use store::{Conn, Tx, summary::Summary};

/// What would go, as the closing panel shows it. No `Debug`: it is of a patient.
pub(super) struct Prepared {
    pub(super) receiver: PartnerId,
    pub(super) summary: Summary,
    /// It should have gone already.
    pub(super) overdue: bool,
}

/// The items of a plan that whoever responds needs.
const ITEMS: [Item; 3] = [Item::OnlineCare, Item::StopConditions, Item::AcutePolicy];

impl Prepared {
    /// The summary, where one is due today.
    ///
    /// # Errors
    ///
    /// Storage failed. A receiver who is not in the register any more is refused when it is released, not here.
    pub(super) async fn load(
        conn: &mut Conn,
        case: &Case,
        soap: &Soap,
        w: Words,
    ) -> Result<Option<Self>, Problem> {
        let dossier = &case.dossier;
        let Some(plan) = &dossier.plan.in_force else {
            return Ok(None);
        };
        let Some(schedule) = information::schedule_of(&plan.draft) else {
            return Ok(None);
        };
        let overdue = match conn.information(plan, dossier.today).await? {
            Some(Standing::Due) => false,
            Some(Standing::Overdue(_)) => true,
            Some(Standing::Sent) | None => return Ok(None),
        };
        let (Some(receiver), Some(patient)) =
            (schedule.receiver, conn.patient(plan.patient).await?)
        else {
            return Ok(None);
        };
        let partners = conn.partners().await?;
        let to = partners
            .iter()
            .find(|partner| partner.id == receiver)
            .map(|partner| format!("{} {}", partner.name, partner.phone))
            .unwrap_or_default();
        let profile = &patient.profile;
        let born = format!(
            "{} ({})",
            w.date(profile.birth),
            age(profile.birth, dossier.today)
        );
        let mut lines = vec![
            (w.say("summary-patient").into_owned(), profile.name.clone()),
            (w.say("summary-born").into_owned(), born),
            (
                w.say("summary-content").into_owned(),
                schedule.content.clone(),
            ),
        ];
        let named: Vec<_> = Item::ALL
            .into_iter()
            .zip(plans::lines(w, &plan.draft, &partners))
            .filter(|(item, _)| ITEMS.contains(item))
            .map(|(_, line)| (w.say(line.key.as_str()).into_owned(), line.texts.join("\n")))
            .collect();
        lines.extend(named);
        if !profile.alerts.is_empty() {
            lines.push((
                w.say("pane-allergies").into_owned(),
                profile.alerts.join("\n"),
            ));
        }
        for (key, text) in [
            ("soap-subjective", &soap.subjective),
            ("soap-objective", &soap.objective),
            ("soap-assessment", &soap.assessment),
            ("soap-plan", &soap.plan),
        ] {
            lines.push((w.say(key).into_owned(), text.clone()));
        }
        Ok(Some(Self {
            receiver,
            summary: Summary { to, lines },
            overdue,
        }))
    }
}

/// Releases what is due with the note that was just signed.
pub(super) async fn release(
    tx: &mut Tx,
    asking: &Asking,
    case: &Case,
    w: Words,
) -> Result<(), Problem> {
    let soap = case.dossier.note.clone().unwrap_or_default();
    let Some(prepared) = Prepared::load(tx, case, &soap, w).await? else {
        return Ok(());
    };
    let plan = case.dossier.plan.in_force.as_ref();
    if let Some(schedule) = plan.and_then(|plan| information::schedule_of(&plan.draft)) {
        let partners = tx.partners().await?;
        information::receivable(schedule, &partners, case.dossier.today)?;
    }
    let visit = &case.booking.consultation;
    tx.send_summary(&asking.by, visit, prepared.receiver, &prepared.summary)
        .await?;
    Ok(())
}
