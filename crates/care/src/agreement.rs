//! Agreement (合意): the patient's own, one row per kind, accepted by the physician, and the wish to be seen online.

use crate::{ConsultationId, ProxyId, Refusal, Remedy};
use access::PersonId;
use guideline::{Clause, clause};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Physician and patient both agree to online care.
pub const ONLINE_CARE: Clause = clause("cl-1.1-i");
/// The physician makes sure that the patient wishes it.
pub const WISH: Clause = clause("cl-1.1-ii");
/// The risks of the line are explained and agreed to.
pub const SECURITY_RISK: Clause = clause("cl-2.5.1-i-b");
/// The use of this very system is agreed to.
pub const SYSTEM_USE: Clause = clause("cl-2.5.1.1-iii-a");
/// Vendor, institution and patient stand on the same security statement.
pub const THREE_PARTIES: Clause = clause("sec-0.b");

/// What is the patient's to look after is agreed beforehand, and holds nothing up (患者側の行為についての取り決め).
pub const OWN_PART: Clause = clause("sec-0.f");

/// The system and version line that an agreement of kind `system_use` names. A minor version asks nothing anew.
pub const SYSTEM: &str = "onshin/1";

/// Why an offer is refused that leaves one of the kinds out.
pub const INCOMPLETE: &str = "agreement_incomplete";

/// What is agreed to. Two agreements that the law keeps apart are never one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// オンライン診療を受けること
    OnlineCare,
    /// 通信の危険
    SecurityRisk,
    /// この仕組みを使うこと
    SystemUse,
    /// 患者が気をつけること: recommended, so a visit does not wait for it.
    PatientConduct,
}

impl Kind {
    /// Every kind that a visit needs, in the order asked.
    pub const ALL: [Self; 3] = [Self::OnlineCare, Self::SecurityRisk, Self::SystemUse];

    /// The word stored and sent; also the tag of its text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnlineCare => "online_care",
            Self::SecurityRisk => "security_risk",
            Self::SystemUse => "system_use",
            Self::PatientConduct => "patient_conduct",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .chain([Self::PatientConduct])
            .find(|kind| kind.as_str() == word)
    }

    /// The clause that asks for it.
    #[must_use]
    pub const fn clause(self) -> Clause {
        match self {
            Self::OnlineCare => ONLINE_CARE,
            Self::SecurityRisk => SECURITY_RISK,
            Self::SystemUse => SYSTEM_USE,
            Self::PatientConduct => OWN_PART,
        }
    }
}

/// Who speaks for the patient, or tries to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver {
    /// The patient's own sign-in.
    Patient,
    /// A registered proxy's own sign-in (登録代理人).
    Proxy(ProxyId),
    /// Somebody of the staff, who may not.
    Staff(PersonId),
}

impl Giver {
    /// Only the patient's side gives the patient's statements.
    ///
    /// # Errors
    ///
    /// A member of staff asks.
    pub fn speaks_for_patient(self, clause: Clause) -> Result<(), Refusal> {
        match self {
            Self::Patient | Self::Proxy(_) => Ok(()),
            Self::Staff(_) => {
                Err(Refusal::person(clause, Remedy::PatientOnly).because("wrong_actor"))
            }
        }
    }
}

/// The wish to be seen online, asked with the agreement, nothing preselected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// 希望する
    pub wants: bool,
    /// When the patient said so.
    pub stated: Timestamp,
    /// When and by whom it was confirmed with the patient.
    pub confirmed: Option<(PersonId, Timestamp)>,
}

/// The newest row of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was agreed to.
    pub kind: Kind,
    /// Version of the text that counts as a change in substance.
    pub material: i64,
    /// The system named, for `system_use`.
    pub system: String,
    /// When the patient gave it.
    pub given: Timestamp,
    /// When and by which physician it was accepted.
    pub accepted: Option<(PersonId, Timestamp)>,
    /// When the patient withdrew it.
    pub withdrawn: Option<Timestamp>,
    /// Whether the chart entry exists (cl-2.5.1.1-iii-b).
    pub charted: bool,
}

/// The security statement in force, and who stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Version that counts as a change in substance.
    pub material: i64,
    /// Version released by the vendor.
    pub vendor: Option<i64>,
    /// Version signed by the institution's administrator.
    pub institution: Option<i64>,
}

/// What is known of the agreements of one patient at one institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The newest statement of the wish.
    pub wish: Option<Wish>,
    /// The newest row per kind.
    pub rows: Vec<Row>,
    /// Current material version of each kind's text.
    pub material: Vec<(Kind, i64)>,
    /// The security statement.
    pub statement: Statement,
}

/// The patient's own part: enough to be admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct GivenByPatient(pub(crate) ConsultationId);

/// Both sides agreed, on texts in force: needed for live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Agreed(pub(crate) ConsultationId);

/// What the patient sends from the agreement screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Who sends it.
    pub by: Giver,
    /// 希望する or 希望しない; nothing when it was left out.
    pub wish: Option<bool>,
    /// The kinds ticked.
    pub kinds: Vec<Kind>,
}

/// Accepts what the patient sends: own act, wish said, every required kind ticked.
///
/// The explanation comes first: [`crate::explanation::acknowledged`] is asked before this.
///
/// # Errors
///
/// Staff sends it, the wish is missing or a no, or a required kind is left out.
pub fn offered(offer: &Offer, _explained: crate::explanation::Acknowledged) -> Result<(), Refusal> {
    offer.by.speaks_for_patient(ONLINE_CARE)?;
    match offer.wish {
        Some(true) => {}
        Some(false) | None => return Err(Refusal::state(WISH, Remedy::StateWish)),
    }
    for kind in Kind::ALL {
        if !offer.kinds.contains(&kind) {
            return Err(Refusal::state(kind.clause(), Remedy::GiveAgreement)
                .because(INCOMPLETE)
                .naming([kind]));
        }
    }
    Ok(())
}

/// Judges the patient's own part, which picture and sound need.
///
/// # Errors
///
/// No agreement to online care, withdrawn, on an old text, or no wish.
pub fn given(id: ConsultationId, facts: &Facts) -> Result<GivenByPatient, Refusal> {
    for kind in Kind::ALL {
        let _ = standing(kind, facts)?;
    }
    wished(facts)?;
    Ok(GivenByPatient(id))
}

/// Judges the whole agreement, which live needs.
///
/// # Errors
///
/// The patient's part is missing, the physician has not accepted it or not confirmed the wish, or the three parties
/// do not stand on the same security statement.
pub fn agreed(id: ConsultationId, facts: &Facts) -> Result<Agreed, Refusal> {
    stands_on_statement(facts)?;
    for kind in Kind::ALL {
        if standing(kind, facts)?.accepted.is_none() {
            return Err(Refusal::state(kind.clause(), Remedy::AcceptAgreement));
        }
    }
    if wished(facts)?.confirmed.is_none() {
        return Err(Refusal::state(WISH, Remedy::AcceptAgreement));
    }
    Ok(Agreed(id))
}

/// Whether a plan may be signed: the risks of the line are agreed to before the plan stands.
///
/// # Errors
///
/// The agreement to the risks is missing, withdrawn or on an old text.
pub fn risks_agreed(facts: &Facts) -> Result<(), Refusal> {
    standing(Kind::SecurityRisk, facts).map(|_| ())
}

/// Whether an agreement was withdrawn while the visit is running: the physician is told and signing is locked.
#[must_use]
pub fn withdrawn(facts: &Facts) -> bool {
    let needed = |row: &Row| Kind::ALL.contains(&row.kind);
    facts
        .rows
        .iter()
        .any(|row| needed(row) && row.withdrawn.is_some())
        || facts.wish.is_some_and(|wish| !wish.wants)
}

/// The kinds that do not stand: never given, withdrawn, or on an old text. Only these are asked.
#[must_use]
pub fn open_kinds(facts: &Facts) -> Vec<Kind> {
    Kind::ALL
        .into_iter()
        .filter(|kind| standing(*kind, facts).is_err())
        .collect()
}

/// Whether the patient has not agreed to what is the own part, where the institution has a text of it. Nothing waits for it.
#[must_use]
pub fn own_part_open(facts: &Facts) -> bool {
    let has_text = facts
        .material
        .iter()
        .any(|(kind, _)| *kind == Kind::PatientConduct);
    has_text && standing(Kind::PatientConduct, facts).is_err()
}

fn standing(kind: Kind, facts: &Facts) -> Result<&Row, Refusal> {
    let clause = kind.clause();
    let row = facts
        .rows
        .iter()
        .find(|row| row.kind == kind)
        .ok_or_else(|| Refusal::state(clause, Remedy::GiveAgreement))?;
    if row.withdrawn.is_some() {
        return Err(Refusal::state(clause, Remedy::Withdrawn).because("consent_withdrawn"));
    }
    let current = facts
        .material
        .iter()
        .find(|(of, _)| *of == kind)
        .map(|(_, version)| *version);
    if current != Some(row.material) {
        return Err(Refusal::state(clause, Remedy::AgreeAgain).because("agreement_stale"));
    }
    if kind == Kind::SystemUse && row.system != SYSTEM {
        return Err(Refusal::state(clause, Remedy::AgreeAgain).because("agreement_stale"));
    }
    Ok(row)
}

fn wished(facts: &Facts) -> Result<Wish, Refusal> {
    facts
        .wish
        .filter(|wish| wish.wants)
        .ok_or_else(|| Refusal::state(WISH, Remedy::StateWish))
}

/// Whether vendor, institution and patient stand on the same security statement.
///
/// # Errors
///
/// One of the three has not accepted the version in force.
pub fn stands_on_statement(facts: &Facts) -> Result<(), Refusal> {
    let statement = facts.statement;
    if statement.vendor != Some(statement.material) {
        return Err(
            Refusal::state(THREE_PARTIES, Remedy::VendorStatement).because("vendor_not_agreed")
        );
    }
    if statement.institution != Some(statement.material) {
        return Err(Refusal::state(THREE_PARTIES, Remedy::SignStatement).because("agreement_stale"));
    }
    let patient = facts
        .rows
        .iter()
        .find(|row| row.kind == Kind::SecurityRisk && row.withdrawn.is_none());
    if patient.map(|row| row.material) != Some(statement.material) {
        return Err(Refusal::state(THREE_PARTIES, Remedy::AgreeAgain).because("agreement_stale"));
    }
    Ok(())
}
