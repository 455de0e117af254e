//! What a refusal says besides its clause: who can mend it, and the page where it is mended (rev-0.c).

use crate::surface::{self, Surface};
use axum::http::Method;
use care::{Mender, Remedy};
use guideline::{Clause, clause};

/// Every refusal says in plain words what is missing, who can mend it, and where.
pub const REFUSED_IN_WORDS: Clause = clause("rev-0.c");

/// The word for who can mend it; its text is `mender-…`.
pub(crate) const fn mender(mender: Mender) -> &'static str {
    match mender {
        Mender::Patient => "patient",
        Mender::Physician => "physician",
        Mender::Reception => "reception",
        Mender::Administrator => "administrator",
        Mender::Vendor => "vendor",
    }
}

/// The page where it is mended, seen from the page that was refused.
///
/// A patient is sent to `/visit`, which leads to the first unsettled step. Staff are sent to the register that lacks
/// something, or back to the visit, chart or booking whose page has the button.
pub fn place(remedy: Remedy, surface: Surface, path: &str) -> String {
    match surface {
        Surface::Patient => "/visit".to_owned(),
        Surface::Staff | Surface::Admin => register(remedy)
            .filter(|place| is_served(place))
            .map_or_else(|| home(path), ToOwned::to_owned),
    }
}

/// The register that lacks something, where it is one; `None` where the refused subject's own page has the button.
#[expect(
    clippy::too_many_lines,
    reason = "a flat match is as long as there are remedies"
)]
const fn register(remedy: Remedy) -> Option<&'static str> {
    match remedy {
        Remedy::CompleteInstitution => Some("/house/institution"),
        Remedy::LoadLists | Remedy::OfferService => Some("/house/lists"),
        Remedy::FillRegister
        | Remedy::AttestGuideline
        | Remedy::PractiseTakeover
        | Remedy::SignStructure => Some("/house/surgery"),
        Remedy::OfferSmoking => Some("/house/smoking"),
        Remedy::ShowInstitutions => Some("/contraception/new"),

        Remedy::TaskOfOthers
        | Remedy::TaskEnded
        | Remedy::DoWhatTaskAsks
        | Remedy::EnterArrivalDay
        | Remedy::SayWhatCameOfIt
        | Remedy::ConfirmOutcome
        | Remedy::ReportOnce
        | Remedy::CompleteReport => Some("/tasks"),
        Remedy::OpenWorkPeriod => Some("/work"),
        Remedy::EndTheOther => Some("/today"),
        Remedy::SignStatement | Remedy::VendorStatement => Some("/house/statement"),
        Remedy::CompleteText => Some("/house/texts"),
        Remedy::OwnSegment => Some("/house/boundary"),
        Remedy::PutListInForce => Some("/house/symptoms"),
        Remedy::WriteChartEntry => Some("/house/checklist"),
        Remedy::VerifyProof
        | Remedy::EnterRegistrationYear
        | Remedy::EnterAffiliation
        | Remedy::EnterCourse
        | Remedy::EnterSpecialty
        | Remedy::EnterCounselling => Some("/house/people"),
        Remedy::EnterContacts => Some("/house/contacts"),
        Remedy::PublishTerms | Remedy::ShowTerms => Some("/house/public"),
        Remedy::AcknowledgeTerms => Some("/requests"),
        Remedy::RegisterPlace
        | Remedy::EnterNotification
        | Remedy::EnterException
        | Remedy::SignException => Some("/house/places"),
        Remedy::FindInstitution | Remedy::RenewReceiver => Some("/partners"),
        Remedy::AgreeResponse => Some("/partners/far"),
        Remedy::SwitchServiceOn => Some("/house/joint"),
        Remedy::PhysicianDisputed => Some("/house/disputes"),
        Remedy::SignChatScope => Some("/house/chat"),
        Remedy::GiveAgreement
        | Remedy::StateWish
        | Remedy::Withdrawn
        | Remedy::PatientOnly
        | Remedy::AcceptAgreement
        | Remedy::AgreeAgain
        | Remedy::ReadExplanation
        | Remedy::MarkExplained
        | Remedy::ShowPlanChange
        | Remedy::CompletePlan
        | Remedy::RecordInPerson
        | Remedy::SignPlan
        | Remedy::WriteSheet
        | Remedy::AskAboutChange
        | Remedy::AnswerAboutChange
        | Remedy::KeepPlan
        | Remedy::VisitOrRejudge
        | Remedy::ChangePlan
        | Remedy::SeeInPersonFirst
        | Remedy::SayWhatWasTried
        | Remedy::SayStable
        | Remedy::ChooseRoute
        | Remedy::AnswerSymptoms
        | Remedy::DecideSymptoms
        | Remedy::NameSlotOrPartner
        | Remedy::NameAttendingPhysician
        | Remedy::AttendingSeesInPerson
        | Remedy::AwaitAttending
        | Remedy::SendInformation
        | Remedy::JudgeInformation
        | Remedy::SignSharing
        | Remedy::NameResponsible
        | Remedy::TellPatientOfJoint
        | Remedy::StateNeed
        | Remedy::AcceptNeed
        | Remedy::SignReferralLetter
        | Remedy::OpenReferralLetter
        | Remedy::WriteReply
        | Remedy::JudgeToday
        | Remedy::JudgeFinally
        | Remedy::HandOver
        | Remedy::TreatingPhysician
        | Remedy::GiveReason
        | Remedy::ExplainNow
        | Remedy::AnswerEnough
        | Remedy::WriteObservation
        | Remedy::ContinueOrStop
        | Remedy::SeeAndHear
        | Remedy::CheckIdentity
        | Remedy::ShowLicence
        | Remedy::AcceptSubstitute
        | Remedy::WriteHandOver
        | Remedy::ReadHandOver
        | Remedy::NameFromRegister
        | Remedy::ListPhysician
        | Remedy::NewConsultation
        | Remedy::OfferWellness
        | Remedy::DeliverNotice
        | Remedy::NameDocument
        | Remedy::SeePatientFirst
        | Remedy::CheckTwoDocuments
        | Remedy::SayNoPhoto
        | Remedy::FinishSteps
        | Remedy::PressOpeningStrip
        | Remedy::AnswerProof
        | Remedy::AnswerBeside
        | Remedy::StatePlace
        | Remedy::MoveToSafety
        | Remedy::FindPrivateRoom
        | Remedy::PromiseNoRecording
        | Remedy::NameInPersonPlace
        | Remedy::OpenChart
        | Remedy::CiteAids
        | Remedy::ExamineBesideAids
        | Remedy::CompleteNote
        | Remedy::PhysicianOnly
        | Remedy::NameCompanion
        | Remedy::AskCompanion
        | Remedy::ChooseText
        | Remedy::CompleteInstruction
        | Remedy::SignInstruction
        | Remedy::ReviewInstruction
        | Remedy::ReviseInstruction
        | Remedy::OrderAct
        | Remedy::OrderWhileLive
        | Remedy::SayWhyNotVisiting
        | Remedy::AskAboutAttendant
        | Remedy::NameAttendant
        | Remedy::AcceptChatScope
        | Remedy::RemoveOutsideLink
        | Remedy::AddSource
        | Remedy::RemoveLine
        | Remedy::StateDays
        | Remedy::ShortenSupply
        | Remedy::UpdateFormulary
        | Remedy::ReviewMedicines
        | Remedy::OrderByCode
        | Remedy::ChooseExtension
        | Remedy::WriteRisk
        | Remedy::AskMedicines
        | Remedy::JudgeOnSources
        | Remedy::GoToInstitution
        | Remedy::SayWhyNotThere
        | Remedy::ChooseGround
        | Remedy::WriteJudgement
        | Remedy::OneTablet
        | Remedy::ChoosePharmacy
        | Remedy::ArrangeThreeWeeks
        | Remedy::ReadReliable
        | Remedy::ExplainReliable
        | Remedy::GetHelpNow
        | Remedy::Arrive
        | Remedy::HoldFirst
        | Remedy::SayWhatWasHeard
        | Remedy::ContactInstitution
        | Remedy::AnswerPassOn
        | Remedy::AgreeToShare
        | Remedy::NameGround
        | Remedy::EnterCoordination
        | Remedy::PlanLinkage
        | Remedy::SendDocument
        | Remedy::AnswerGuidance
        | Remedy::NameReachable
        | Remedy::StateEligibility
        | Remedy::SignEligibility
        | Remedy::ChooseGuideline
        | Remedy::ArrangeSurgery
        | Remedy::ProbeLine
        | Remedy::TestTogether
        | Remedy::EnterCheckup
        | Remedy::RenewCheckup
        | Remedy::SignCourse
        | Remedy::ChooseListedDrug
        | Remedy::JudgeLowRisk
        | Remedy::SetVisit
        | Remedy::WeighBoth
        | Remedy::AcknowledgeWeighing
        | Remedy::UseAdmittedDevice => None,
    }
}

/// The page of the visit, chart or booking that an act was sent to; the board for anything else.
fn home(path: &str) -> String {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (
            Some(
                kind @ ("consultations" | "patients" | "bookings" | "contraception" | "joint"
                | "smoking" | "onward"),
            ),
            Some(id),
        ) if !id.is_empty() => {
            format!("/{kind}/{id}")
        }
        _ => "/today".to_owned(),
    }
}

/// The page that somebody comes back to who sent an act there: its own, or that of what it was about.
pub(crate) fn page_of(path: &str) -> String {
    if is_served(path) {
        path.to_owned()
    } else {
        home(path)
    }
}

fn is_served(path: &str) -> bool {
    surface::table(Surface::Staff)
        .into_iter()
        .any(|route| *route.method() == Method::GET && route.path() == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rev_0_c_every_refusal_leads_to_a_page_that_is_there() {
        for remedy in Remedy::ALL {
            for (path, home) in [
                ("/consultations/X/admit", "/consultations/X"),
                ("/patients/X/plans/3", "/patients/X"),
                ("/elsewhere", "/today"),
            ] {
                let place = place(*remedy, Surface::Staff, path);
                assert!(
                    place == home || is_served(&place),
                    "{}: {place}",
                    remedy.key()
                );
            }
        }
    }
}
