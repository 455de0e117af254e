//! The attending physician (主治医) beside the patient, a second physician far away (D to P with D).
//!
//! A joint visit (合同診療) is opened before it has an hour: whose patient, who attends, who is far away. What the two
//! physicians hand each other and agree on hangs on it. It takes the place of the remote physician's own visit in person.

use crate::{
    ConsultationId, PatientId, Refusal, Remedy, Service, Stage,
    attendance::{self, Attendance},
    proof, specialist, surgery,
};
use access::{PersonId, TenantId, affiliation, affiliation::Affiliation};
use guideline::{Clause, clause};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

/// The physician beside the patient has seen the patient in person, and is there.
pub const BESIDE: Clause = clause("cl-2.4-i-a");
/// The remote physician knows enough from the attending one beforehand.
pub const INFORMED: Clause = clause("cl-2.4-i-b");
/// The attending physician answers for the care, unless both agreed otherwise.
pub const RESPONSIBLE: Clause = clause("cl-2.4-ii-a");
/// How responsibility is shared when something goes wrong is agreed beforehand.
pub const SHARED: Clause = clause("cl-2.4-ii-b");

/// Longest words of one field, in characters.
pub const WORDS_CHARS_MAX: usize = 2000;
/// Longest time that an agreement holds, in months. Ours; the guideline names none.
pub const SHARING_MONTHS_MAX: i32 = 24;

access::id! {
    /// One joint visit (合同診療), before and after it has an hour.
    JointId
}

access::id! {
    /// One paper of a joint visit.
    PaperId
}

access::id! {
    /// One agreement of two physicians about responsibility (責任分担の合意).
    SharingId
}

impl Service {
    /// Whether an attending physician sits beside the patient.
    #[must_use]
    pub const fn is_joint(self) -> bool {
        match self {
            Self::WithPhysician | Self::RemoteSpecialist | Self::RemoteSurgery => true,
            Self::Care
            | Self::PreConsultation
            | Self::WellnessCheck
            | Self::EmergencyContraception
            | Self::SmokingCessation => false,
        }
    }
}

/// One of the two physicians.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Beside the patient (主治医).
    Attending,
    /// Far away (遠隔地の医師).
    Remote,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Attending, Self::Remote];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attending => "attending",
            Self::Remote => "remote",
        }
    }

    /// The side of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.as_str() == word)
    }
}

/// How the attending physician takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// With a browser of the own.
    Device,
    /// In the patient's room, before the patient's device.
    SameRoom,
}

impl Way {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Device, Self::SameRoom];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::SameRoom => "same_room",
        }
    }

    /// The way of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == word)
    }
}

/// What the patient was told of a joint visit when answering, and confirmed by the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Who answers for the care.
    pub responsible: PersonId,
    /// Whether the attending physician is in the patient's own room.
    pub way: Way,
}

/// A joint visit. Not printable: it names a patient.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Joint {
    /// Its name.
    pub id: JointId,
    /// Whose.
    pub patient: PatientId,
    /// Who attends.
    pub attending: PersonId,
    /// Who is far away and treats online.
    pub remote: PersonId,
    /// What for.
    pub service: Service,
    /// Its visit, once it has an hour.
    pub visit: Option<ConsultationId>,
    /// Who answers for the care; preset to the attending physician.
    pub responsible: Option<PersonId>,
    /// The agreement that names the other, where it is the other.
    pub basis: Option<SharingId>,
    /// How the attending physician takes part.
    pub way: Way,
    /// When the attending physician confirmed to be in the patient's room.
    pub here: Option<Timestamp>,
    /// What the patient has confirmed.
    pub told: Option<Told>,
}

impl Joint {
    /// Which of the two somebody is.
    #[must_use]
    pub fn side(&self, person: PersonId) -> Option<Side> {
        if person == self.attending {
            Some(Side::Attending)
        } else if person == self.remote {
            Some(Side::Remote)
        } else {
            None
        }
    }

    /// Whether the patient knows who answers for the care and where the attending physician is, as both stand now.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.told
            .is_some_and(|told| Some(told.responsible) == self.responsible && told.way == self.way)
    }
}

/// Judges two physicians for a joint visit.
///
/// # Errors
///
/// One person on both sides, or somebody beside the patient who is no physician.
pub fn paired(
    attending: PersonId,
    remote: PersonId,
    attending_is_physician: bool,
) -> Result<(), Refusal> {
    if !attending_is_physician {
        return Err(Refusal::content(BESIDE, Remedy::NameAttendingPhysician)
            .because("attending_no_physician"));
    }
    if attending == remote {
        return Err(
            Refusal::content(BESIDE, Remedy::NameAttendingPhysician).because("attending_is_remote")
        );
    }
    Ok(())
}

/// What the attending physician tells beforehand (診療情報提供). No `Debug`: clinical words.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Information {
    /// 経過の要約
    pub summary: String,
    /// 検査などの結果
    pub results: String,
    /// たずねたいこと
    pub question: String,
}

/// Judges what is sent.
///
/// # Errors
///
/// A part is empty.
pub fn sendable(information: &Information) -> Result<(), Refusal> {
    let parts = [
        &information.summary,
        &information.results,
        &information.question,
    ];
    if parts.iter().any(|part| part.trim().is_empty()) {
        return Err(
            Refusal::content(INFORMED, Remedy::SendInformation).because("information_empty")
        );
    }
    Ok(())
}

/// The newest information that was sent, and what the remote physician did with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// When the remote physician opened it.
    pub opened: Option<Timestamp>,
    /// Whether it was found sufficient.
    pub sufficient: Option<bool>,
}

/// Judges an answer to what was sent.
///
/// # Errors
///
/// It was not opened, or "insufficient" asks for nothing.
pub fn judged(package: Package, sufficient: bool, request: &str) -> Result<(), Refusal> {
    if package.opened.is_none() {
        return Err(
            Refusal::state(INFORMED, Remedy::JudgeInformation).because("information_unopened")
        );
    }
    if !sufficient && request.trim().is_empty() {
        return Err(Refusal::content(INFORMED, Remedy::GiveReason).because("request_empty"));
    }
    Ok(())
}

/// What two physicians agree about responsibility.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// In which cases it counts.
    pub cases: String,
    /// What is done when the line fails.
    pub line_failure: String,
    /// Who decides.
    pub decides: String,
    /// Who explains to the patient.
    pub explains: String,
    /// Which insurance stands behind it.
    pub insurance: String,
    /// Who answers for the care.
    pub responsible: Side,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// Such an agreement, with the signatures it has.
#[derive(Clone, PartialEq, Eq)]
pub struct Sharing {
    /// Its name.
    pub id: SharingId,
    /// The one party.
    pub attending: PersonId,
    /// The other.
    pub remote: PersonId,
    /// What it says.
    pub terms: Terms,
    /// When the attending physician signed.
    pub attending_signed: Option<Timestamp>,
    /// When the remote physician signed.
    pub remote_signed: Option<Timestamp>,
}

/// Judges an agreement before its first signature.
///
/// # Errors
///
/// A part is empty, or the days do not follow one another.
pub fn agreeable(terms: &Terms) -> Result<(), Refusal> {
    let no = |why| Err(Refusal::content(SHARED, Remedy::SignSharing).because(why));
    let parts = [
        &terms.cases,
        &terms.line_failure,
        &terms.decides,
        &terms.explains,
        &terms.insurance,
    ];
    if parts.iter().any(|part| part.trim().is_empty()) {
        return no("sharing_empty");
    }
    let last = terms.from.saturating_add(SHARING_MONTHS_MAX.months());
    if terms.until < terms.from || terms.until > last {
        return no("period_wrong");
    }
    Ok(())
}

/// A time in which somebody was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// From.
    pub from: Timestamp,
    /// Until; still there where there is none.
    pub until: Option<Timestamp>,
}

/// The moment that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// While the call runs: who has just gone is away.
    Now(Timestamp),
    /// The end of the call, with which everybody goes.
    End(Timestamp),
}

impl Interval {
    pub(crate) fn holds(self, moment: Moment) -> bool {
        match moment {
            Moment::Now(at) => self.from <= at && self.until.is_none_or(|until| until > at),
            Moment::End(at) => self.from <= at && self.until.is_none_or(|until| until >= at),
        }
    }
}

/// Who was there when.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// The attending physician.
    pub attending: Vec<Interval>,
    /// The remote physician.
    pub remote: Vec<Interval>,
    /// The patient, or who speaks for the patient.
    pub patient: Vec<Interval>,
}

/// What a joint visit rests on.
#[derive(Clone)]
pub struct Facts {
    /// The visit as it was opened.
    pub joint: Joint,
    /// Whether the attending one holds the role of a physician here today.
    pub is_physician: bool,
    /// Where the attending physician belongs.
    pub affiliations: Vec<Affiliation>,
    /// The attending physician's own proof of identity and licence.
    pub proof: proof::Facts,
    /// Whether this attending physician has seen this patient in person.
    pub seen_in_person: bool,
    /// The newest information.
    pub package: Option<Package>,
    /// Agreements of either of them, the newest first.
    pub sharings: Vec<Sharing>,
    /// The attending physician's seat.
    pub attendance: Option<Attendance>,
    /// Whether picture and sound are open.
    pub granted: bool,
    /// Who was there when.
    pub presence: Presence,
    /// What a visit to a remote specialist asks besides.
    pub specialist: Option<specialist::Facts>,
    /// What remote surgery asks besides.
    pub surgery: Option<Box<surgery::Facts>>,
}

/// Judges who sits beside the patient (cl-2.4-i-a).
///
/// # Errors
///
/// No physician, not of this institution, no proof of identity and licence in force, or no record in person with this
/// patient.
pub fn beside(facts: &Facts, institution: TenantId, today: Date) -> Result<(), Refusal> {
    let no = |remedy, why| Err(Refusal::state(BESIDE, remedy).because(why));
    if !facts.is_physician {
        return no(Remedy::NameAttendingPhysician, "attending_no_physician");
    }
    let belongs = affiliation::affiliated(
        &facts.affiliations,
        facts.joint.attending,
        institution,
        today,
    );
    if belongs.is_err() {
        return no(Remedy::EnterAffiliation, "attending_of_nobody");
    }
    if proof::card(&facts.proof, today).is_err() {
        return no(Remedy::VerifyProof, "attending_unproven");
    }
    if !facts.seen_in_person {
        return no(Remedy::AttendingSeesInPerson, "attending_never_saw");
    }
    Ok(())
}

/// Judges whether the attending physician has taken the seat (cl-2.4-i-a): the own device is open, or both the physician
/// and the patient have confirmed that they are in one room.
///
/// # Errors
///
/// The patient has not agreed, or the physician is not there.
pub fn seated(facts: &Facts, visit: ConsultationId) -> Result<(), Refusal> {
    let absent = |why| Err(Refusal::state(BESIDE, Remedy::AwaitAttending).because(why));
    let Some(attendance) = &facts.attendance else {
        return absent("attending_unasked");
    };
    attendance::agreed(attendance, visit)?;
    match facts.joint.way {
        Way::Device if attendance.device.is_none() => absent("attending_away"),
        Way::SameRoom if facts.joint.here.is_none() => absent("attending_unconfirmed"),
        Way::SameRoom if !facts.joint.is_told() => {
            Err(Refusal::state(BESIDE, Remedy::TellPatientOfJoint).because("patient_unconfirmed"))
        }
        Way::Device | Way::SameRoom => Ok(()),
    }
}

/// Judges whether the attending physician is there at a moment (cl-2.4-i-a): the clinical part pauses without.
///
/// # Errors
///
/// Not there.
pub fn present(facts: &Facts, at: Moment) -> Result<(), Refusal> {
    if facts.presence.attending.iter().any(|time| time.holds(at)) {
        Ok(())
    } else {
        Err(Refusal::state(BESIDE, Remedy::AwaitAttending).because("attending_absent"))
    }
}

/// Judges whether all who have to be there are, at the moment that counts: now once picture and sound are open, the end of
/// the call after it. Before, nothing counts yet.
///
/// # Errors
///
/// Somebody is not there at that moment.
pub fn all_there(facts: &Facts, stage: Stage, now: Timestamp) -> Result<(), Refusal> {
    let at = match stage {
        Stage::Live { .. } => Moment::Now(now),
        Stage::Checks { .. } if facts.granted => Moment::Now(now),
        Stage::Ended { at, .. } => Moment::End(at),
        Stage::Requested
        | Stage::Booked
        | Stage::Checks { .. }
        | Stage::Documented { .. }
        | Stage::Closed { .. }
        | Stage::Declined
        | Stage::SwitchedInPerson
        | Stage::NotPerformed
        | Stage::Aborted => return Ok(()),
    };
    match &facts.specialist {
        Some(_) => specialist::together(&facts.presence, at),
        None => present(facts, at),
    }
}

/// Judges what the remote physician knows beforehand (cl-2.4-i-b).
///
/// # Errors
///
/// Nothing was sent, it was not opened, or not found sufficient.
pub fn informed(facts: &Facts) -> Result<(), Refusal> {
    let no = |remedy, why| Err(Refusal::state(INFORMED, remedy).because(why));
    let Some(package) = facts.package else {
        return no(Remedy::SendInformation, "information_missing");
    };
    match (package.opened, package.sufficient) {
        (None, _) => no(Remedy::JudgeInformation, "information_unopened"),
        (Some(_), None) => no(Remedy::JudgeInformation, "information_unjudged"),
        (Some(_), Some(false)) => no(Remedy::SendInformation, "information_insufficient"),
        (Some(_), Some(true)) => Ok(()),
    }
}

/// The agreement of these two that holds today (cl-2.4-ii-b).
///
/// # Errors
///
/// There is none of this pair, a signature is missing, or its days are over or to come.
pub fn shared(joint: &Joint, sharings: &[Sharing], today: Date) -> Result<SharingId, Refusal> {
    held(joint, sharings, today).map(|sharing| sharing.id)
}

fn held<'s>(joint: &Joint, sharings: &'s [Sharing], today: Date) -> Result<&'s Sharing, Refusal> {
    let no = |why| Refusal::state(SHARED, Remedy::SignSharing).because(why);
    let of_pair: Vec<&Sharing> = sharings
        .iter()
        .filter(|one| one.attending == joint.attending && one.remote == joint.remote)
        .collect();
    let signed: Vec<&Sharing> = of_pair
        .iter()
        .copied()
        .filter(|one| one.attending_signed.is_some() && one.remote_signed.is_some())
        .collect();
    let holds = signed
        .iter()
        .copied()
        .find(|one| one.terms.from <= today && today <= one.terms.until);
    match (holds, signed.is_empty(), of_pair.is_empty()) {
        (Some(one), _, _) => Ok(one),
        (None, false, _) => Err(no("sharing_expired")),
        (None, true, false) => Err(no("sharing_unsigned")),
        (None, true, true) => Err(no("sharing_missing")),
    }
}

/// Judges a change of who answers for the care: the agreement in force names that side (cl-2.4-ii-a).
///
/// # Errors
///
/// Nobody is named, or the other side without an agreement in force that names it.
pub fn responsible_for(
    joint: &Joint,
    side: Option<Side>,
    sharings: &[Sharing],
    today: Date,
) -> Result<(PersonId, Option<SharingId>), Refusal> {
    let no = |why| Refusal::state(RESPONSIBLE, Remedy::NameResponsible).because(why);
    match side {
        None => Err(no("no_responsible")),
        Some(Side::Attending) => Ok((joint.attending, None)),
        Some(Side::Remote) => match held(joint, sharings, today) {
            Ok(one) if one.terms.responsible == Side::Remote => Ok((joint.remote, Some(one.id))),
            Ok(_) | Err(_) => Err(no("responsible_without_agreement")),
        },
    }
}

/// Judges that exactly one answers for the care, by right, and that the patient knows who (cl-2.4-ii-a).
///
/// # Errors
///
/// Nobody, somebody else, the remote physician without an agreement, or the patient was not told.
pub fn responsible(facts: &Facts, today: Date) -> Result<(), Refusal> {
    let joint = &facts.joint;
    let side = joint.responsible.map(|person| joint.side(person));
    let side = match side {
        Some(None) => {
            return Err(Refusal::state(RESPONSIBLE, Remedy::NameResponsible)
                .because("responsible_somebody_else"));
        }
        Some(side) => side,
        None => None,
    };
    let (_, basis) = responsible_for(joint, side, &facts.sharings, today)?;
    if basis.is_some() && joint.basis.is_none() {
        return Err(Refusal::state(RESPONSIBLE, Remedy::NameResponsible)
            .because("responsible_without_agreement"));
    }
    if joint.is_told() {
        Ok(())
    } else {
        Err(Refusal::state(RESPONSIBLE, Remedy::TellPatientOfJoint).because("responsible_untold"))
    }
}
