//! The physician's answer to "does the patient need guidance on the way to care in person?". Yes sends the patient a link to it
//! at once; the link can be sent anew, and ended (cl-1.2-iv-f).

use super::pane::after;
use crate::{
    At, Form, Lang, Problem, StaffDesk, Words,
    consultation::{Asking, address},
    desk::go,
    notice::Contact,
    preconsultation::evening,
    visit::{
        Receiver,
        link::{self, SECRET_BYTES},
    },
};
use axum::response::Response;
use care::{
    Consultation, ConsultationId, record,
    referral::{self, Guidance, Guide, Reach},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use store::{
    Tx,
    outbox::{Address, Message},
};

/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 500;
/// Longest words on what to watch, in characters.
const SYMPTOMS_CHARS_MAX: usize = 1_000;
/// Longest summary, in characters.
const SUMMARY_CHARS_MAX: usize = 4_000;
/// A link opens at most this long: whoever needs the guidance longer is sent another.
const LINK_MAX: SignedDuration = SignedDuration::from_hours(24 * 31);
/// The kind of its message in the outbox.
const MESSAGE: &str = "linkage_guidance";
/// Longest clinic name in the message; the telephone number tells the rest of a longer one.
const NAME_CHARS_MAX: usize = 20;

/// What a link needs besides the transaction.
struct Link {
    secret: [u8; SECRET_BYTES],
    public_url: String,
}

impl Link {
    fn new(desk: &StaffDesk) -> Result<Self, Problem> {
        Ok(Self {
            secret: desk.app().random().ok_or(Problem::Unavailable)?,
            public_url: desk.app().settings().patient_url.clone(),
        })
    }
}

/// Reads the answer. What it lacks, the rule says.
fn read(form: &Form) -> Result<Option<Guidance>, Problem> {
    let mut reading = form.reading();
    let mut words = |field, most| reading.maybe(field, most).unwrap_or_default();
    let symptoms = words("symptoms", SYMPTOMS_CHARS_MAX);
    let summary = words("summary", SUMMARY_CHARS_MAX);
    let reason = words("reason", REASON_CHARS_MAX);
    let answer = match form.text("needed") {
        "yes" => {
            let until: Option<Date> = reading.parse("until");
            let reach = match form.text("reach") {
                // Nobody was offered: nobody can be reached.
                "" | "own" => Some(Reach::Own),
                _ => reading.parse("reach").map(Reach::Partner),
            };
            until.zip(reach).map(|(until, reach)| {
                Guidance::Needed(Guide {
                    reach,
                    symptoms,
                    summary,
                    until,
                })
            })
        }
        "no" => Some(Guidance::NotNeeded(reason)),
        _ => None,
    };
    reading.done()?;
    Ok(answer)
}

pub(super) async fn answer(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    after(&mut *desk.read().await?, id, &asking).await?;
    let answer = read(&form)?;
    let link = Link::new(&desk)?;
    desk.write(move |tx| {
        Box::pin(async move {
            let (case, _) = after(tx, id, &asking).await?;
            record::reserved(asking.role, case.dossier.qualified)?;
            let visit = &case.booking.consultation;
            if !visit.stage.is_unsigned() {
                return Err(Problem::OutOfTurn);
            }
            let (facts, today) = (&case.dossier.referral, case.dossier.today);
            referral::guided(answer.as_ref(), facts, today)?;
            let answer = answer.ok_or(Problem::Malformed)?;
            kept(tx, &asking, visit, (&answer, &link)).await
        })
    })
    .await?;
    Ok(go(&format!("{}/linkage", address(id))))
}

/// The same guidance under a new link, or no link any more: it was sent to a wrong number, or ended too early.
pub(super) async fn link_anew(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    after(&mut *desk.read().await?, id, &asking).await?;
    let anew = match form.text("link") {
        "anew" => true,
        "end" => false,
        _ => return Err(Problem::Wrong(crate::Errors::one("link", "field-empty"))),
    };
    let link = Link::new(&desk)?;
    desk.write(move |tx| {
        Box::pin(async move {
            let (case, facts) = after(tx, id, &asking).await?;
            let visit = &case.booking.consultation;
            let Some(answer @ Guidance::Needed(_)) = facts.guidance else {
                return Err(Problem::OutOfTurn);
            };
            if anew {
                return kept(tx, &asking, visit, (&answer, &link)).await;
            }
            Ok(tx.end_guidance(visit.id).await?)
        })
    })
    .await?;
    Ok(go(&format!("{}/linkage", address(id))))
}

/// Keeps the answer; a yes goes to the patient with its link.
async fn kept(
    tx: &mut Tx,
    asking: &Asking,
    visit: &Consultation,
    (answer, link): (&Guidance, &Link),
) -> Result<(), Problem> {
    let expires = match answer {
        Guidance::NotNeeded(_) => None,
        Guidance::Needed(guide) => Some(expiry(tx.now(), guide.until)),
    };
    let opens = expires.map(|at| (&link.secret[..], at));
    tx.keep_guidance_answer(&asking.by, visit, answer, opens)
        .await?;
    if expires.is_some() {
        send(tx, asking, visit, link).await?;
    }
    Ok(())
}

fn expiry(now: Timestamp, until: Date) -> Timestamp {
    evening(until).map_or(now + LINK_MAX, |end| end.min(now + LINK_MAX))
}

/// Puts the message in line. No word of the record, no illness. Who has no contact on file is told on the telephone.
async fn send(
    tx: &mut Tx,
    asking: &Asking,
    visit: &Consultation,
    link: &Link,
) -> Result<(), Problem> {
    let patient = tx.patient(visit.patient).await?.ok_or(Problem::NotFound)?;
    let own = tx.institution().await?.ok_or(Problem::NotFound)?;
    let Some((channel, to)) = Receiver::Patient(None).contact(&patient) else {
        return Ok(());
    };
    let w = Words::of(Lang::Ja);
    let name = Contact::name_of(&own, w);
    let values = [
        ("clinic", name.chars().take(NAME_CHARS_MAX).collect()),
        ("phone", own.phone.clone()),
    ];
    let secret = link::encode(tx.tenant(), &link.secret);
    let url = format!("{}/g/{secret}", link.public_url);
    let message = Message {
        to,
        subject: w.fill_all("guide-mail", &values).into_owned(),
        text: format!("{}\n{url}", w.fill_all("guide-sms", &values)),
    };
    let address = Address {
        patient: patient.id,
        proxy: None,
        consultation: Some(visit.id),
        channel,
    };
    tx.post(&asking.by, &address, MESSAGE, &message).await?;
    Ok(())
}
