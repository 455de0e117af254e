//! What of a visit's page hangs on the plan's diseases, on doubt about the person, and on sight and sound that do not suffice.

use super::Case;
use crate::{Words, words::Lang};
use care::{Stage, examination, record::ANOTHER};
use store::{Conn, Fault};

/// One disease of the plan, as the closing panel offers it.
pub(super) struct Disease {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) treated: bool,
}

/// The part of the page.
pub(super) struct Aside {
    /// Diseases of the plan in force; empty at a first visit.
    pub(super) diseases: Vec<Disease>,
    /// A disease was treated that the plan does not name.
    pub(super) another: bool,
    /// The visit is a follow-up, and may turn out to be one for a new condition.
    pub(super) may_reclass: bool,
    /// The physician may say that this is somebody else.
    pub(super) may_doubt: bool,
    /// Sight and sound do not suffice: the exit that is no online care is offered.
    pub(super) lacking: bool,
    /// Why the visit was not performed as online care, and what the patient was told.
    pub(super) unperformed: Option<(&'static str, String)>,
}

impl Aside {
    pub(super) async fn load(conn: &mut Conn, case: &Case) -> Result<Self, Fault> {
        let dossier = &case.dossier;
        let visit = &case.booking.consultation;
        let treated = &dossier.plan.treated;
        let running = matches!(visit.stage, Stage::Live { .. } | Stage::Ended { .. });
        let plan = dossier
            .plan
            .in_force
            .as_ref()
            .filter(|_| !visit.class.is_first());
        Ok(Self {
            diseases: plan
                .map(|plan| plan.draft.online_care.diagnoses.as_slice())
                .unwrap_or_default()
                .iter()
                .map(|diagnosis| Disease {
                    code: diagnosis.code.clone(),
                    name: diagnosis.name.clone(),
                    // A routine visit is about what the plan names; that is shown in full and can be taken back.
                    treated: treated.is_empty() || treated.contains(&diagnosis.code),
                })
                .collect(),
            another: treated.iter().any(|code| code == ANOTHER),
            may_reclass: visit.new_condition().is_ok(),
            may_doubt: !visit.stage.is_over() && !matches!(visit.stage, Stage::Documented { .. }),
            lacking: running && !examination::suffices(&dossier.examination),
            unperformed: match visit.stage {
                Stage::NotPerformed => conn
                    .unperformed(visit)
                    .await?
                    .map(|(reason, told)| (reason.as_str(), told)),
                _ => None,
            },
        })
    }
}

impl Disease {
    /// Name and code, as a chart writes them.
    pub(super) fn label(&self, w: Words) -> String {
        match w.lang() {
            Lang::Ja => format!("{}（{}）", self.name, self.code),
            Lang::En => format!("{} ({})", self.name, self.code),
        }
    }
}
