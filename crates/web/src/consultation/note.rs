//! The note and the end of a visit: draft, "enough?", the signature that documents and closes.

use super::{
    Asking, Case, address, aids::CITED_MAX, background, first, information, orders, sheet,
};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    desk::go,
    room,
    shelf::Shelf,
    visit::{leave_notice, link::SECRET_BYTES},
};
use askama::Template;
use axum::response::Response;
use care::{
    Consultation, ConsultationId, Event, Stage, consultation, examination,
    first_visit::sheet::Sheet,
    gate, notice, place, presence, record,
    record::Soap,
    specialist,
    suitability::{self, Phase, Verdict},
};
use jiff::Timestamp;
use std::sync::Arc;
use store::{
    Tx,
    draft::{DraftText, Kept, Seen},
};

/// Longest part of a note, in characters.
const PART_CHARS: usize = 4_000;
/// Longest code of a diagnosis, in characters.
const CODE_CHARS: usize = 20;
/// Most diseases of one visit.
const DISEASES_MAX: usize = 20;
/// Longest reason, in characters.
const REASON_CHARS: usize = 500;

fn soap(form: &Form) -> Result<Soap, Problem> {
    let mut reading = form.reading();
    let mut part = |name| reading.maybe(name, PART_CHARS).unwrap_or_default();
    let soap = Soap {
        subjective: part("subjective"),
        objective: part("objective"),
        assessment: part("assessment"),
        plan: part("plan"),
        explained: part("explained"),
        treated: treated(form),
        cited: form
            .all("cited")
            .filter(|id| id.parse::<ulid::Ulid>().is_ok())
            .map(ToOwned::to_owned)
            .take(CITED_MAX)
            .collect(),
    };
    reading.done()?;
    Ok(soap)
}

/// Which of the plan's diagnoses were treated today, by code, and whether another disease was (cl-1.3-i-a).
fn treated(form: &Form) -> Vec<String> {
    form.all("treated")
        .map(|code| code.trim().chars().take(CODE_CHARS).collect::<String>())
        .filter(|code| !code.is_empty())
        .take(DISEASES_MAX)
        .collect()
}

/// What the window that sends a draft has seen of it; `None` where it does not say.
fn seen(form: &Form) -> Option<Seen> {
    let word = form.get("written")?;
    if word.is_empty() {
        return Some(Seen::Nothing);
    }
    // What cannot be read was not seen.
    let at = word
        .parse()
        .ok()
        .and_then(|micros| Timestamp::from_microsecond(micros).ok());
    Some(at.map_or(Seen::Nothing, Seen::At))
}

/// Keeps the draft. Anybody may draft; only a physician finalises.
pub(super) async fn draft(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let (soap, seen, sheet) = (soap(&form)?, seen(&form), sheet::read(&form)?);
    let asking = Asking::of(&desk);
    // The page shows both texts, where there are two.
    let _kept = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::treating(tx, id, &asking).await?;
                sheet::keep(tx, &case, sheet.as_ref()).await?;
                drafted(tx, &asking, &case, (&soap, seen)).await
            })
        })
        .await?;
    Ok(go(&address(id)))
}

#[derive(Template)]
#[template(path = "consultation/saved.html")]
struct Saved {
    w: Words,
    address: String,
    nonce: String,
    draft_saved: String,
    /// What the form sends back with the next saving.
    written: String,
    /// Another window wrote as well: both texts are kept.
    beside: bool,
}

/// Keeps the draft while it is being written; answers with the time alone, so that the words stay where they are.
pub(super) async fn autosave(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let (soap, seen, sheet) = (soap(&form)?, seen(&form), sheet::read(&form)?);
    let asking = Asking::of(&desk);
    let (kept, now) = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::treating(tx, id, &asking).await?;
                let kept = drafted(tx, &asking, &case, (&soap, seen)).await?;
                sheet::keep(tx, &case, sheet.as_ref()).await?;
                Ok::<_, Problem>((kept, tx.now()))
            })
        })
        .await?;
    let beside = matches!(kept, Kept::Beside(_));
    desk.page(&Saved {
        // A window that was passed by goes on beside the draft, and does not write over it with its next letter.
        written: if beside {
            form.text("written").to_owned()
        } else {
            now.as_microsecond().to_string()
        },
        beside,
        w: desk.w,
        address: address(id),
        nonce: desk.nonce().to_owned(),
        draft_saved: super::show::clock(desk.now),
    })
}

async fn drafted(
    tx: &mut Tx,
    asking: &Asking,
    case: &Case,
    (soap, seen): (&Soap, Option<Seen>),
) -> Result<Kept, Problem> {
    let visit = &case.booking.consultation;
    if !matches!(
        visit.stage,
        Stage::Checks { .. } | Stage::Live { .. } | Stage::Ended { .. }
    ) {
        return Err(Problem::OutOfTurn);
    }
    let text = DraftText {
        soap,
        reason: "",
        seen,
    };
    Ok(tx
        .keep_draft_text(&asking.by, asking.person, visit, text)
        .await?)
}

/// Chooses one of two texts that were written at once: the one in this form, or the other.
pub(super) async fn choose(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let here = match form.text("choose") {
        "here" => Some(soap(&form)?),
        "there" => None,
        _ => return Err(Problem::Wrong(crate::Errors::one("choose", "field-empty"))),
    };
    let asking = Asking::of(&desk);
    let _kept = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::treating(tx, id, &asking).await?;
                let there = tx
                    .notes_of(id)
                    .await?
                    .into_iter()
                    .next_back()
                    .and_then(|note| note.other)
                    .ok_or(Problem::OutOfTurn)?;
                let soap = here.unwrap_or(there.soap);
                drafted(tx, &asking, &case, (&soap, Some(Seen::Both))).await
            })
        })
        .await?;
    Ok(go(&address(id)))
}

/// "足りる" or "足りない": the answer and the final judgement in one press, the note saved with it.
pub(super) async fn enough(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let answer = match form.text("enough") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let (soap, seen) = (soap(&form)?, seen(&form));
    let asking = Asking::of(&desk);
    let enough = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::treating(tx, id, &asking).await?;
                let visit = &case.booking.consultation;
                if !matches!(visit.stage, Stage::Live { .. }) {
                    return Err(Problem::OutOfTurn);
                }
                // Beside another text it is kept as well; which of the two stays is chosen before the signature.
                let _kept = drafted(tx, &asking, &case, (&soap, seen)).await?;
                gate::all_there(&case.dossier)?;
                let measured = case.dossier.examination.measured;
                let enough = examination::answerable(answer, &measured)?;
                // "Not enough" is one of the two ways out of a poor stretch; only "enough" needs the other answer first.
                if enough && examination::prompt_due(&case.dossier.examination) {
                    return Err(care::Refusal::state(
                        examination::STOPPED,
                        care::Remedy::ContinueOrStop,
                    )
                    .into());
                }
                suitability::may_write(id, &case.dossier.judgements, Phase::Final)?;
                tx.keep_sufficiency(
                    &asking.by,
                    asking.person,
                    visit,
                    (enough, measured.patient_video_now),
                )
                .await?;
                let verdict = if enough { Verdict::Go } else { Verdict::NoGo };
                tx.keep_judgement(
                    &asking.by,
                    asking.person,
                    visit,
                    (Phase::Final, verdict, "enough"),
                )
                .await?;
                Ok(enough)
            })
        })
        .await?;
    Ok(go(&if enough {
        address(id)
    } else {
        format!("{}/stop", address(id))
    }))
}

/// "足りる、なぜなら…" after a minute of poor picture or sound.
pub(super) async fn carry_on(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let reason = reading.need("reason", REASON_CHARS);
    reading.done()?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::treating(tx, id, &asking).await?;
            let running = matches!(
                case.booking.consultation.stage,
                Stage::Live { .. } | Stage::Ended { .. }
            );
            if !running || !examination::prompt_due(&case.dossier.examination) {
                return Err(Problem::OutOfTurn);
            }
            tx.keep_continuation(
                &asking.by,
                asking.person,
                &case.booking.consultation,
                &reason,
            )
            .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}

/// Ends the call; the note may follow.
pub(super) async fn end(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::treating(tx, id, &asking).await?;
            seen_in_the_call(&case)?;
            ended(tx, &asking, &case.booking.consultation).await?;
            Ok(())
        })
    })
    .await?;
    room::close(desk.app(), id).await;
    Ok(go(&address(id)))
}

/// Who is there and whether it was enough can be answered only while the two see each other: then comes the end.
///
/// Without these answers nothing can ever be signed, and the one way out is the hand-over, which ends the call as well.
fn seen_in_the_call(case: &Case) -> Result<(), Problem> {
    let (visit, dossier) = (&case.booking.consultation, &case.dossier);
    if !matches!(visit.stage, Stage::Live { .. }) {
        return Err(Problem::OutOfTurn);
    }
    let _alone = presence::checked(
        visit.id,
        dossier.opening_strip.as_ref(),
        dossier.patient_device,
    )?;
    place::doubt_answered(dossier.doubt.as_ref())?;
    gate::all_there(dossier)?;
    if dossier.examination.sufficiency.is_none() {
        return Err(
            care::Refusal::state(examination::SUFFICIENT, care::Remedy::AnswerEnough).into(),
        );
    }
    Ok(())
}

async fn ended(
    tx: &mut Tx,
    asking: &Asking,
    visit: &Consultation,
) -> Result<Consultation, Problem> {
    let event = visit.end(tx.now())?;
    let after = tx.keep_event(&asking.by, visit, &event).await?;
    tx.end_call(&asking.by, asking.person, visit.id).await?;
    Ok(after)
}

/// "まとめて署名して終える": ends the call if it runs, finalises the note, documents and closes the visit.
pub(super) async fn close(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let soap = form.has("subjective").then(|| soap(&form)).transpose()?;
    let text = soap.map(|soap| (soap, seen(&form)));
    let prior = form.text("prior").to_owned();
    let shelf = desk.app().lists().await?;
    let asking = Asking::of(&desk);
    let signing = Signing {
        text,
        sheet: sheet::read(&form)?,
        release: form.has("release").then_some(desk.w),
        prior,
        shelf,
        secret: desk.app().random().ok_or(Problem::Unavailable)?,
        patient_url: desk.app().settings().patient_url.clone(),
    };
    let signed = desk
        .write(move |tx| Box::pin(signed_and_closed(tx, id, asking, signing)))
        .await?;
    if signed {
        room::close(desk.app(), id).await;
    }
    Ok(go(&address(id)))
}

/// What a signature brings with it.
struct Signing {
    /// The note, where it is saved by the same press.
    text: Option<(Soap, Option<Seen>)>,
    /// The sheet for the patient, where there is one.
    sheet: Option<Sheet>,
    /// The summary for the partner goes along, in these words.
    release: Option<Words>,
    /// What was shown of what was obtained before.
    prior: String,
    /// The lists of drugs in force.
    shelf: Arc<Shelf>,
    /// The secret of the link to the patient's notice.
    secret: [u8; SECRET_BYTES],
    /// Where patients' pages are.
    patient_url: String,
}

async fn signed_and_closed(
    tx: &mut Tx,
    id: ConsultationId,
    asking: Asking,
    signing: Signing,
) -> Result<bool, Problem> {
    let Signing {
        text,
        sheet,
        release,
        prior,
        shelf,
        secret,
        patient_url,
    } = signing;
    let mut case = Case::treating(tx, id, &asking).await?;
    record::reserved(asking.role, case.dossier.qualified)?;
    sheet::keep(tx, &case, sheet.as_ref()).await?;
    match case.booking.consultation.stage {
        Stage::Live { .. } | Stage::Ended { .. } => {
            if let Some((soap, seen)) = text {
                let kept = drafted(tx, &asking, &case, (&soap, seen)).await?;
                if matches!(kept, Kept::Beside(_)) {
                    // Kept, and nothing is signed: the page shows both texts.
                    return Ok(false);
                }
            }
            case = Case::treating(tx, id, &asking).await?;
            one_text(tx, id).await?;
            let mut visit = case.booking.consultation.clone();
            let signable = gate::sign(&case.dossier).map_err(first)?;
            background::shown(&case, &prior)?;
            orders::signed(tx, &asking, &case, &shelf).await?;
            crate::onward::signed(tx, &asking, &case).await?;
            sheet::whole(&case)?;
            if let Some(w) = release {
                information::release(tx, &asking, &case, w).await?;
            }
            if matches!(visit.stage, Stage::Live { .. }) {
                visit = ended(tx, &asking, &visit).await?;
            }
            let event = visit.document(&signable)?;
            tx.finalize_note(&asking.by, asking.person, &visit).await?;
            tx.keep_event(&asking.by, &visit, &event).await?;
            leave_notice(tx, &asking.by, &visit, &patient_url, &secret).await?;
        }
        Stage::Documented { .. } => {
            closed(tx, id, &asking).await?;
            return Ok(true);
        }
        _ => return Err(Problem::OutOfTurn),
    }
    match closed(tx, id, &asking).await {
        // The note is signed and stays so; the visit waits for the explanation.
        Err(Problem::Refused(refusal)) if refusal.clause == consultation::EMERGENCY => Ok(true),
        // So it does where the patient has nothing in hand yet that tells who it was (cl-1.4-iii-b).
        Err(Problem::Refused(refusal)) if refusal.clause == notice::NAME => Ok(true),
        // And where the reply to the referring physician is not written yet (cl-2.4.2-ii-b).
        Err(Problem::Refused(refusal)) if refusal.clause == specialist::COORDINATED => Ok(true),
        done => done.map(|()| true),
    }
}

/// Nobody signs two texts: one of them is chosen first.
async fn one_text(tx: &mut Tx, id: ConsultationId) -> Result<(), Problem> {
    let newest = tx.notes_of(id).await?.into_iter().next_back();
    if newest.is_some_and(|note| note.other.is_some()) {
        return Err(
            care::Refusal::state(record::DOCUMENTED, care::Remedy::ChooseText)
                .because("note_in_two_texts")
                .into(),
        );
    }
    Ok(())
}

/// Closes what is documented. After an emergency start the explanation comes first (cl-1.1-iv-d).
pub(super) async fn closed(
    tx: &mut Tx,
    id: ConsultationId,
    asking: &Asking,
) -> Result<(), Problem> {
    let case = Case::treating(tx, id, asking).await?;
    let visit = &case.booking.consultation;
    let closable = gate::close(&case.dossier)?;
    let event: Event = visit.close(&closable)?;
    tx.keep_event(&asking.by, visit, &event).await?;
    sheet::closed(tx, asking, &case).await
}

/// 新たな疾患として診る: a disease that the plan does not name makes the visit one for a new condition (cl-1.3-i-a).
pub(super) async fn new_condition(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::treating(tx, id, &asking).await?;
            let visit = &case.booking.consultation;
            care::rota::treats(visit.service)?;
            let class = visit.new_condition()?;
            tx.keep_class(&asking.by, visit, class).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&address(id)))
}
