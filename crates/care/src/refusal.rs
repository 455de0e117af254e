//! A refusal by the guidelines: which clause speaks, what is missing, and who can mend it.

use crate::Missing;
use guideline::Clause;

/// The law says no, and says the way forward.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Refusal {
    /// The clause that refuses.
    pub clause: Clause,
    /// What kind of no it is; the shell turns it into 409, 403 or 422.
    pub ground: Ground,
    /// What mends it, and who.
    pub remedy: Remedy,
    /// Reason code, such as `agreement_stale`; the clause id where there is no other.
    pub reason: &'static str,
    /// What is missing in particular: explanation items, plan items, segments.
    pub items: Vec<Missing>,
}

/// What a refusal rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Where things stand (409).
    State,
    /// Who asks (403).
    Person,
    /// What was sent (422).
    Content,
}

/// Who can mend what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "roles, in the glossary")]
pub enum Mender {
    Patient,
    Physician,
    Reception,
    Administrator,
    Vendor,
}

macro_rules! remedies {
    ($($(#[$doc:meta])* $name:ident $key:literal $mender:ident,)*) => {
        /// One way forward. Each has one message in the shell, in both languages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Remedy { $($(#[$doc])* $name,)* }

        impl Remedy {
            /// Every way forward, so that a test can walk them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The message id in the shell.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => concat!("remedy-", $key),)* }
            }

            /// Who can mend it.
            #[must_use]
            pub const fn mender(self) -> Mender {
                match self { $(Self::$name => Mender::$mender,)* }
            }
        }
    };
}

remedies! {
    /// The patient gives the agreement on the own phone.
    GiveAgreement "give-agreement" Patient,
    /// The patient says whether online care is wished.
    StateWish "state-wish" Patient,
    /// The agreement was withdrawn: talk, or an appointment in person.
    Withdrawn "withdrawn" Reception,
    /// Only the patient or a registered proxy may do this.
    PatientOnly "patient-only" Patient,
    /// The physician accepts the agreement and confirms the wish.
    AcceptAgreement "accept-agreement" Physician,
    /// A changed text is shown and answered once.
    AgreeAgain "agree-again" Patient,
    /// The administrator signs the security statement in force.
    SignStatement "sign-statement" Administrator,
    /// The vendor stands on the release's own text only: the institution goes back to it, or asks the vendor.
    VendorStatement "vendor-statement" Administrator,
    /// The patient reads what is not yet acknowledged.
    ReadExplanation "read-explanation" Patient,
    /// The physician marks what was explained.
    MarkExplained "mark-explained" Physician,
    /// The text needs its mandatory part.
    CompleteText "complete-text" Administrator,
    /// The changed items of the plan are shown to the patient.
    ShowPlanChange "show-plan-change" Patient,
    /// The plan's items are written out.
    CompletePlan "complete-plan" Physician,
    /// An assessment face to face is recorded first.
    RecordInPerson "record-in-person" Physician,
    /// What is done for a patient who is hard to reach quickly is agreed with a partner.
    AgreeResponse "agree-response" Reception,
    /// Whoever is informed regularly is in the register of partners.
    RenewReceiver "renew-receiver" Reception,
    /// The change of another physician's plan is put to the patient.
    AskAboutChange "ask-about-change" Physician,
    /// The patient answers to the change, on the own page.
    AnswerAboutChange "answer-about-change" Patient,
    /// The patient keeps the plan in force.
    KeepPlan "keep-plan" Physician,
    /// The sheet for the patient is written and explained.
    WriteSheet "write-sheet" Physician,
    /// The plan is signed.
    SignPlan "sign-plan" Physician,
    /// A visit in person, or a reasoned judgement on the admit panel.
    VisitOrRejudge "visit-or-rejudge" Physician,
    /// The diagnosis joins the plan, or the visit becomes one for a new condition.
    ChangePlan "change-plan" Physician,
    /// The boundary register gets exactly one owner for the segment.
    OwnSegment "own-segment" Administrator,
    /// The physician's provisional judgement of today.
    JudgeToday "judge-today" Physician,
    /// The final judgement comes before the signature.
    JudgeFinally "judge-finally" Physician,
    /// After no-go the patient is handed over in person.
    HandOver "hand-over" Physician,
    /// The physician treating this patient does it.
    TreatingPhysician "treating-physician" Physician,
    /// A reason is chosen.
    GiveReason "give-reason" Physician,
    /// Explanation and agreement follow now.
    ExplainNow "explain-now" Physician,
    /// The question is answered: enough or not.
    AnswerEnough "answer-enough" Physician,
    /// What was seen, heard or measured is written.
    WriteObservation "write-observation" Physician,
    /// Go on with a reason, or stop.
    ContinueOrStop "continue-or-stop" Physician,
    /// Picture and sound flow both ways for the minimum time, or another exit is taken.
    SeeAndHear "see-and-hear" Physician,
    /// Identity is checked with a photo document in the call.
    CheckIdentity "check-identity" Physician,
    /// The kind of document is chosen from the list, or described in words.
    NameDocument "name-document" Physician,
    /// The patient's picture flows first: a document is compared live.
    SeePatientFirst "see-patient-first" Physician,
    /// Two different kinds of document are shown, and both match.
    CheckTwoDocuments "check-two-documents" Physician,
    /// The patient says on the own screen that there is no document with a photograph.
    SayNoPhoto "say-no-photo" Patient,
    /// Each step is done and answered, and why it satisfied is written.
    FinishSteps "finish-steps" Physician,
    /// The patient accepts the substitute for this visit, on the own screen.
    AcceptSubstitute "accept-substitute" Patient,
    /// A physician of the plan, or a deputy, writes and signs the hand-over.
    WriteHandOver "write-hand-over" Physician,
    /// The substitute opens the hand-over and says that it was read.
    ReadHandOver "read-hand-over" Physician,
    /// Physicians of a plan come from the registers: staff, and partners.
    NameFromRegister "name-from-register" Physician,
    /// The plan lists the physician first.
    ListPhysician "list-physician" Physician,
    /// Checks of the healthy are switched on.
    OfferWellness "offer-wellness" Administrator,
    /// Treatment is a consultation of its own.
    NewConsultation "new-consultation" Reception,
    /// The opening strip is pressed after asking aloud.
    PressOpeningStrip "press-opening-strip" Physician,
    /// The physician's proof is verified by a second person.
    VerifyProof "verify-proof" Administrator,
    /// The physician holds the licence into the camera, and the patient accepts it.
    ShowLicence "show-licence" Physician,
    /// Whom patients complain to, and ask for their records, is entered.
    EnterContacts "enter-contacts" Administrator,
    /// The visit notice is delivered, read, or printed for the patient.
    DeliverNotice "deliver-notice" Reception,
    /// The patient looks at the proof card and answers.
    AnswerProof "answer-proof" Patient,
    /// The patient said it is not this physician: the room is closed.
    PhysicianDisputed "physician-disputed" Administrator,
    /// The registration year comes from the verified qualification.
    EnterRegistrationYear "enter-registration-year" Administrator,
    /// The work period is opened for this room, device and network.
    OpenWorkPeriod "open-work-period" Physician,
    /// The patient sees somebody beside the physician, who answers first.
    AnswerBeside "answer-beside" Physician,
    /// The patient says today's place.
    StatePlace "state-place" Patient,
    /// The patient moves to a safe place first.
    MoveToSafety "move-to-safety" Patient,
    /// The patient finds a room where nobody sees or hears.
    FindPrivateRoom "find-private-room" Patient,
    /// The patient (or physician) states that nothing is recorded.
    PromiseNoRecording "promise-no-recording" Patient,
    /// An in-person place within reach is named, or an arrangement with acceptance.
    NameInPersonPlace "name-in-person-place" Reception,
    /// The chart is opened first.
    OpenChart "open-chart" Physician,
    /// The chart entry is written.
    WriteChartEntry "write-chart-entry" Vendor,
    /// The place is entered in the register as what it is, with its papers.
    RegisterPlace "register-place" Administrator,
    /// The notification has its number and its document.
    EnterNotification "enter-notification" Administrator,
    /// The exception names its days, and the authority was asked again.
    EnterException "enter-exception" Administrator,
    /// The administrator signs the exception.
    SignException "sign-exception" Administrator,
    /// The note cites what was sent for this visit, and can be shown.
    CiteAids "cite-aids" Physician,
    /// What was seen and heard at the moment stands beside the pictures and words that were sent.
    ExamineBesideAids "examine-beside-aids" Physician,
    /// The note is completed.
    CompleteNote "complete-note" Physician,
    /// A physician with a verified qualification does it.
    PhysicianOnly "physician-only" Physician,
    /// The running consultation ends first.
    EndTheOther "end-the-other" Physician,
    /// A companion is somebody who has no consultation of the own that day.
    NameCompanion "name-companion" Physician,
    /// Whoever was found beside the patient, and the patient, agree aloud that they stay.
    AskCompanion "ask-companion" Physician,
    /// Two texts of one note stand side by side; one is chosen.
    ChooseText "choose-text" Physician,
    /// The administrator enters the affiliation.
    EnterAffiliation "enter-affiliation" Administrator,
    /// The ministry's course certificate is entered and verified.
    EnterCourse "enter-course" Administrator,
    /// Institution name, address, telephone and hours are entered.
    CompleteInstitution "complete-institution" Administrator,
    /// The urgent sign comes first: help now.
    GetHelpNow "get-help-now" Patient,
    /// The patient opens the link and arrives.
    Arrive "arrive" Patient,
    /// What is known comes from a named source: a letter, a check-up, a medicine notebook, a chart.
    AddSource "add-source" Physician,
    /// The line is taken out, or the drug is given in person.
    RemoveLine "remove-line" Physician,
    /// The days that a line covers are stated.
    StateDays "state-days" Physician,
    /// Seven days or less, or sources that make the background known.
    ShortenSupply "shorten-supply" Physician,
    /// The edition of the drug master, or a list, is imported.
    UpdateFormulary "update-formulary" Administrator,
    /// What the first visit rests on is judged anew, on the sources as they stand.
    JudgeOnSources "judge-on-sources" Physician,
    /// A drug and its amount go into a line, by code.
    OrderByCode "order-by-code" Physician,
    /// A diagnosis of the plan is chosen with grounds, or the visit is for a new condition.
    ChooseExtension "choose-extension" Physician,
    /// The block about a drug's risk is written.
    WriteRisk "write-risk" Physician,
    /// The patient is asked aloud, and what is told is entered.
    AskMedicines "ask-medicines" Physician,
    /// Current medicines are checked with the patient.
    ReviewMedicines "review-medicines" Physician,
    /// The administrator puts the list of symptoms in force.
    PutListInForce "put-list-in-force" Administrator,
    /// The patient answers the list of symptoms for this visit.
    AnswerSymptoms "answer-symptoms" Patient,
    /// The physician decides on each symptom, with grounds.
    DecideSymptoms "decide-symptoms" Physician,
    /// A slot here, or a partner of the register whose entry is in force.
    NameSlotOrPartner "name-slot-or-partner" Physician,
    /// The task belongs to other people.
    TaskOfOthers "task-of-others" Reception,
    /// The task ended before.
    TaskEnded "task-ended" Reception,
    /// The task ends by the act that it waits for.
    DoWhatTaskAsks "do-what-task-asks" Reception,
    /// The day on which the patient was seen in person.
    EnterArrivalDay "enter-arrival-day" Reception,
    /// What came of it is said in words.
    SayWhatCameOfIt "say-what-came-of-it" Reception,
    /// The patient is seen in person first; an emergency start is the one way past.
    SeeInPersonFirst "see-in-person-first" Physician,
    /// What was tried in person is said before the emergency start.
    SayWhatWasTried "say-what-was-tried" Physician,
    /// The physician calls it stable.
    SayStable "say-stable" Physician,
    /// The route of a first visit is named.
    ChooseRoute "choose-route" Reception,
    /// The instruction to the nurse is completed.
    CompleteInstruction "complete-instruction" Physician,
    /// An instruction (or section of the plan) that foresees it is signed.
    SignInstruction "sign-instruction" Physician,
    /// The instruction is looked at again: unchanged, or a new version.
    ReviewInstruction "review-instruction" Physician,
    /// What was not foreseen is added to the instruction first.
    ReviseInstruction "revise-instruction" Physician,
    /// The act is foreseen: it is ordered.
    OrderAct "order-act" Physician,
    /// Acts are ordered while the visit is live.
    OrderWhileLive "order-while-live" Physician,
    /// Why a physician who does not visit the patient at home sees the patient so.
    SayWhyNotVisiting "say-why-not-visiting" Physician,
    /// The patient is told who attends and why, and answers.
    AskAboutAttendant "ask-about-attendant" Patient,
    /// Who attends is named with a reason before the patient is let in.
    NameAttendant "name-attendant" Physician,
    /// Fee and limits of a pre-consultation are entered and published.
    PublishTerms "publish-terms" Administrator,
    /// The page that speaks of pre-consultations shows fee and limits again.
    ShowTerms "show-terms" Administrator,
    /// The patient reads fee and limits, and says so.
    AcknowledgeTerms "acknowledge-terms" Patient,
    /// A pre-consultation is held before it is ended.
    HoldFirst "hold-first" Physician,
    /// What was heard and what the patient was told is written.
    SayWhatWasHeard "say-what-was-heard" Physician,
    /// The institution that takes the patient over is spoken to: who, how and when.
    ContactInstitution "contact-institution" Physician,
    /// Whether the information goes along is answered, with the document or the reason.
    AnswerPassOn "answer-pass-on" Physician,
    /// The patient agrees on the own phone that the information goes along.
    AgreeToShare "agree-to-share" Patient,
    /// The ground for a first visit after a pre-consultation is named, and fits what the patient said.
    NameGround "name-ground" Physician,
    /// Who referred the patient, when and with what is entered.
    EnterCoordination "enter-coordination" Physician,
    /// A partner near the patient, or an institution that accepts this patient, is found.
    FindInstitution "find-institution" Reception,
    /// How care in person follows is written: where, until when, and who contacts whom.
    PlanLinkage "plan-linkage" Physician,
    /// The clinical information that goes to the receiving institution is written.
    SendDocument "send-document" Physician,
    /// Whether the patient needs guidance is answered, with what it says or why not.
    AnswerGuidance "answer-guidance" Physician,
    /// Somebody who can be reached at this hour is named for the patient to call.
    NameReachable "name-reachable" Physician,
    /// The administrator loads both lists as they are published now.
    LoadLists "load-lists" Administrator,
    /// The administrator switches the service on, with its drugs.
    OfferService "offer-service" Administrator,
    /// The administrator enters the specialty or the designated training, with its certificate.
    EnterSpecialty "enter-specialty" Administrator,
    /// The administrator enters the cooperation with a counselling service, with its certificate.
    EnterCounselling "enter-counselling" Administrator,
    /// The institutions near her are shown, and she answers.
    ShowInstitutions "show-institutions" Reception,
    /// She is seen at the institution that she was told of.
    GoToInstitution "go-to-institution" Patient,
    /// Why she cannot go there, in words.
    SayWhyNotThere "say-why-not-there" Reception,
    /// One of the two grounds.
    ChooseGround "choose-ground" Physician,
    /// The physician of the counselling service writes the judgement.
    WriteJudgement "write-judgement" Physician,
    /// One tablet of the service's drug, once.
    OneTablet "one-tablet" Physician,
    /// The patient chooses a pharmacy of the list and goes there.
    ChoosePharmacy "choose-pharmacy" Patient,
    /// The pharmacy's report was returned before.
    ReportOnce "report-once" Reception,
    /// Name, training and time are written.
    CompleteReport "complete-report" Reception,
    /// An appointment three weeks ahead, or an institution that has agreed to a day.
    ArrangeThreeWeeks "arrange-three-weeks" Physician,
    /// The patient reads of more reliable contraception.
    ReadReliable "read-reliable" Patient,
    /// The physician explains more reliable contraception.
    ExplainReliable "explain-reliable" Physician,
    /// The day she was seen and what was found, or three attempts.
    ConfirmOutcome "confirm-outcome" Reception,
    /// Every part of an entry of a register is written.
    FillRegister "fill-register" Administrator,
    /// The attending physician states why the distant one is needed and why the patient can hardly be moved.
    StateEligibility "state-eligibility" Physician,
    /// Both physicians sign for whom it is.
    SignEligibility "sign-eligibility" Physician,
    /// The society guideline, its edition and the criteria are chosen.
    ChooseGuideline "choose-guideline" Physician,
    /// The administrator attests that the edition is current.
    AttestGuideline "attest-guideline" Administrator,
    /// Sites, line and take-over are written.
    ArrangeSurgery "arrange-surgery" Physician,
    /// The line is probed from both sites for more than a day.
    ProbeLine "probe-line" Physician,
    /// The take-over is practised, and attested.
    PractiseTakeover "practise-takeover" Administrator,
    /// The structure of both sites is checked and signed.
    SignStructure "sign-structure" Administrator,
    /// Both physicians try both lines within the hour, and say "good".
    TestTogether "test-together" Physician,
    /// The administrator switches smoking cessation on, with its medicines.
    OfferSmoking "offer-smoking" Administrator,
    /// The check-up is entered with its day, result and paper, and the physician's statement.
    EnterCheckup "enter-checkup" Physician,
    /// A newer check-up is entered, or the patient is seen in person.
    RenewCheckup "renew-checkup" Physician,
    /// The physician signs the course of smoking cessation.
    SignCourse "sign-course" Physician,
    /// A medicine of the institution's list is chosen.
    ChooseListedDrug "choose-listed-drug" Physician,
    /// The physician writes why the risk is very low.
    JudgeLowRisk "judge-low-risk" Physician,
    /// A day for a visit in person is set.
    SetVisit "set-visit" Physician,
    /// Benefits and disadvantages are both written, for this patient.
    WeighBoth "weigh-both" Physician,
    /// The patient reads benefits and disadvantages, and says so.
    AcknowledgeWeighing "acknowledge-weighing" Patient,
    /// A physician of the register, other than the remote one, sits beside the patient.
    NameAttendingPhysician "name-attending-physician" Physician,
    /// The attending physician sees the patient in person first, and writes it down.
    AttendingSeesInPerson "attending-sees-in-person" Physician,
    /// Whoever has to be there comes (back).
    AwaitAttending "await-attending" Physician,
    /// The attending physician sends what the remote one needs to know.
    SendInformation "send-information" Physician,
    /// The remote physician opens what was sent, and says whether it is enough.
    JudgeInformation "judge-information" Physician,
    /// The agreement about responsibility is written and signed by both physicians.
    SignSharing "sign-sharing" Physician,
    /// Exactly one physician answers for the care: the attending one, or whom the agreement names.
    NameResponsible "name-responsible" Physician,
    /// The patient is shown who answers for the care and where the attending physician is, and says yes.
    TellPatientOfJoint "tell-patient-of-joint" Patient,
    /// The administrator switches the service on.
    SwitchServiceOn "switch-service-on" Administrator,
    /// The attending physician states why the region needs it for this patient.
    StateNeed "state-need" Physician,
    /// The remote physician accepts the need.
    AcceptNeed "accept-need" Physician,
    /// The attending physician writes and signs the referral letter.
    SignReferralLetter "sign-referral-letter" Physician,
    /// The remote physician opens the referral letter.
    OpenReferralLetter "open-referral-letter" Physician,
    /// The remote physician writes and signs the reply.
    WriteReply "write-reply" Physician,
    /// The administrator weighs chat and signs what it is for.
    SignChatScope "sign-chat-scope" Administrator,
    /// The patient reads what chat is for, and agrees.
    AcceptChatScope "accept-chat-scope" Patient,
    /// Whatever leads out of onshin is taken out of the message.
    RemoveOutsideLink "remove-outside-link" Reception,
    /// Ask for the grant again from the device that was admitted.
    UseAdmittedDevice "use-admitted-device" Patient,
}

impl Refusal {
    /// A refusal because of where things stand.
    pub fn state(clause: Clause, remedy: Remedy) -> Self {
        Self::new(clause, Ground::State, remedy)
    }

    /// A refusal because of who asks.
    pub fn person(clause: Clause, remedy: Remedy) -> Self {
        Self::new(clause, Ground::Person, remedy)
    }

    /// An act that this clause reserves to physicians with a verified qualification was asked for by somebody else.
    pub fn physicians_only(clause: Clause) -> Self {
        Self::person(clause, Remedy::PhysicianOnly).because("qualification_required")
    }

    /// A refusal because of what was sent.
    pub fn content(clause: Clause, remedy: Remedy) -> Self {
        Self::new(clause, Ground::Content, remedy)
    }

    /// The same refusal with a reason code.
    pub fn because(mut self, reason: &'static str) -> Self {
        self.reason = reason;
        self
    }

    /// The same refusal, naming what is missing.
    pub fn naming<I: Into<Missing>>(mut self, items: impl IntoIterator<Item = I>) -> Self {
        self.items = items.into_iter().map(Into::into).collect();
        self
    }

    fn new(clause: Clause, ground: Ground, remedy: Remedy) -> Self {
        Self {
            clause,
            ground,
            remedy,
            reason: clause.id(),
            items: Vec::new(),
        }
    }
}

impl From<access::Refused> for Refusal {
    fn from(refused: access::Refused) -> Self {
        let remedy = if refused.clause == access::affiliation::AFFILIATION {
            Remedy::EnterAffiliation
        } else {
            Remedy::EnterCourse
        };
        Self::state(refused.clause, remedy).because(refused.reason)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refused by {}: {}", self.clause, self.reason)
    }
}

impl std::error::Error for Refusal {}
