//! Everything the gates of one consultation look at, loaded by the shell in one go.

use crate::{
    Class, Consultation, acute, agreement, assistance, attended, background,
    emergency_contraception, examination, explanation, first_visit, identity, notice, place, plan,
    preconsultation, presence, proof, record, referral, rota, smoking, statement, suitability,
    symptom,
};
use access::{DeviceId, TenantId, affiliation::Affiliation, qualification::CourseCertificate};
use jiff::{Timestamp, civil::Date};

/// The facts of one consultation at one moment.
#[derive(Clone)]
#[expect(
    missing_docs,
    reason = "each field is the facts of the module it is named after"
)]
pub struct Dossier {
    pub consultation: Consultation,
    pub institution: TenantId,
    pub now: Timestamp,
    /// The legal day, Asia/Tokyo.
    pub today: Date,
    pub agreement: agreement::Facts,
    pub background: background::Facts,
    pub explanation: explanation::Facts,
    pub plan: plan::Facts,
    pub identity: identity::Facts,
    pub proof: proof::Facts,
    pub judgements: Vec<suitability::Judgement>,
    /// Whether the patient was told, for this visit, where to be.
    pub guided: bool,
    /// Today's statement page.
    pub statement: Option<statement::Statement>,
    /// The answer about the body, of this visit.
    pub body: Option<statement::Body>,
    pub symptoms: symptom::Facts,
    pub acute: acute::Facts,
    /// The route chosen for a first visit, where no record in person says it.
    pub route: Option<first_visit::Chosen>,
    /// The sheet of a first visit; nothing in a visit of another kind.
    pub after_visit: Option<first_visit::sheet::Facts>,
    /// Whether a person has taken up an urgent answer.
    pub urgent_open: bool,
    /// What the nurse beside the patient may do; nothing where no nurse was asked.
    pub assistance: Option<assistance::Facts>,
    /// What emergency contraception rests on; nothing in a visit of another kind.
    pub contraception: Option<emergency_contraception::Facts>,
    /// What smoking cessation rests on; nothing in a visit of another kind.
    pub smoking: Option<Box<smoking::Facts>>,
    /// What a visit with the attending physician beside the patient rests on; nothing in any other.
    pub attended: Option<attended::Facts>,
    /// On what a first visit after a pre-consultation stands; nothing on any other route.
    pub onward: Option<Box<preconsultation::Facts>>,
    pub work_period: Option<place::WorkPeriod>,
    /// The patient's newest "somebody is beside the physician".
    pub doubt: Option<place::Doubt>,
    /// The physician's device and network of this request.
    pub physician_device: DeviceId,
    pub physician_network: String,
    /// The patient's device on the line.
    pub patient_device: Option<DeviceId>,
    pub opening_strip: Option<presence::ThirdPartyCheck>,
    pub live_seat: Option<presence::LiveSeat>,
    pub reading: Option<record::Reading>,
    pub chart_source_up: bool,
    pub examination: examination::Facts,
    pub note: Option<record::Soap>,
    pub referral: referral::Facts,
    /// Who sees the patient, where several take turns or one stands in.
    pub rota: rota::Facts,
    /// The visit notice, where it has to be in the patient's hands before the visit is closed.
    pub notice: notice::Facts,
    pub affiliations: Vec<Affiliation>,
    pub courses: Vec<CourseCertificate>,
    /// Whether the physician's qualification is verified.
    pub qualified: bool,
}

impl Dossier {
    /// Whether this is a routine follow-up in which nothing is left to do but the admit press.
    #[must_use]
    pub fn is_followup(&self) -> bool {
        self.consultation.class == Class::Followup
    }
}
