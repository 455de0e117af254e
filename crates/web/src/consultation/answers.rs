//! What the patient answered today, in words: part of the block that is fetched anew, so that nothing new is missed.

use super::{Case, side};
use crate::{Lang, Problem, Words};
use care::statement::{Body, Medicines, TOO_FAST_SECONDS};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use store::{Conn, statement::DeviceCheck};

/// Today's answers. No `Debug`: they are of a patient.
pub(super) struct Answers {
    pub(super) body: String,
    /// The list of symptoms: who was asked by which edition, and each hit as the physician reads it.
    pub(super) symptoms: Vec<String>,
    pub(super) alarm: bool,
    pub(super) earlier: Vec<String>,
    pub(super) statement: Vec<String>,
    pub(super) medicines: String,
    pub(super) device: String,
    pub(super) fast: bool,
    /// What was answered, in one word: admit asks whether it is what the physician saw.
    pub(super) mark: String,
}

/// Bytes of the digest that tell two answers apart.
const MARK_BYTES: usize = 8;

impl Answers {
    pub(super) async fn load(conn: &mut Conn, case: &Case, w: Words) -> Result<Self, Problem> {
        let dossier = &case.dossier;
        let check = conn.device_check(dossier.consultation.id).await?;
        Ok(Self {
            body: body_words(w, dossier.body.as_ref()),
            symptoms: super::symptoms::words(conn, case, w).await?,
            alarm: matches!(
                dossier.body,
                Some(Body::Urgent { .. } | Body::NewOrWorse { .. })
            ),
            earlier: side::earlier(conn, case, w, body_words).await?,
            statement: statement_words(w, case),
            medicines: medicines_words(w, case),
            device: device_words(w, check.as_ref()),
            fast: dossier
                .statement
                .as_ref()
                .is_some_and(|statement| statement.seconds < TOO_FAST_SECONDS),
            mark: mark(case),
        })
    }
}

/// The answers about the body and the lines of the statement page, in one word.
pub(super) fn mark(case: &Case) -> String {
    let dossier = &case.dossier;
    let lines = dossier.statement.as_ref().map(|page| &page.lines);
    let mut digest = Sha256::new();
    let symptoms = &dossier.symptoms.answered;
    digest.update(format!("{:?} {lines:?} {symptoms:?}", dossier.body));
    digest
        .finalize()
        .iter()
        .take(MARK_BYTES)
        .fold(String::new(), |mut word, byte| {
            // Writing into a string cannot fail.
            let _ = write!(word, "{byte:02x}");
            word
        })
}

fn body_words(w: Words, body: Option<&Body>) -> String {
    match body {
        None => w.say("answer-none").into_owned(),
        Some(Body::Nothing) => w.say("answer-nothing-new").into_owned(),
        Some(Body::NewOrWorse { words }) => {
            w.fill("answer-new", "words", words.clone()).into_owned()
        }
        Some(Body::Urgent { sign }) => {
            let known = guideline::urgent::SIGNS
                .iter()
                .find(|known| known.key == sign);
            let listed = guideline::symptom::SYMPTOMS
                .iter()
                .find(|row| row.key == sign);
            let sign = match (known, listed) {
                (Some(known), _) => match w.lang() {
                    Lang::Ja => known.ja.to_owned(),
                    Lang::En => known.en.to_owned(),
                },
                (None, Some(row)) => row.physician.to_owned(),
                (None, None) if sign == store::symptom::STAFF_SIGN => {
                    w.say("answer-urgent-clinic").into_owned()
                }
                (None, None) => w.say("answer-urgent-own").into_owned(),
            };
            w.fill("answer-urgent", "sign", sign).into_owned()
        }
    }
}

fn statement_words(w: Words, case: &Case) -> Vec<String> {
    let Some(statement) = &case.dossier.statement else {
        return vec![w.say("statement-none").into_owned()];
    };
    let lines = &statement.lines;
    let mut said = vec![
        w.say(format!("place-{}", lines.place.as_str()))
            .into_owned(),
    ];
    said.extend(
        lines
            .place_name
            .as_ref()
            .map(|name| w.fill("statement-place-name", "name", name).into_owned()),
    );
    said.push(if lines.companions.is_empty() {
        w.say("statement-alone").into_owned()
    } else {
        w.fill("statement-with", "names", lines.companions.join("、"))
            .into_owned()
    });
    for (holds, yes, no) in [
        (lines.private, "statement-private", "statement-not-private"),
        (
            lines.no_recording,
            "statement-no-recording",
            "statement-may-record",
        ),
        (
            lines.own_network,
            "statement-own-network",
            "statement-other-network",
        ),
    ] {
        said.push(w.say(if holds { yes } else { no }).into_owned());
    }
    said
}

fn medicines_words(w: Words, case: &Case) -> String {
    match case
        .dossier
        .statement
        .as_ref()
        .map(|statement| &statement.lines.medicines)
    {
        None => String::new(),
        Some(Medicines::Same) => w.say("medicines-same").into_owned(),
        Some(Medicines::Changed { words }) => w
            .fill("medicines-changed", "words", words.clone())
            .into_owned(),
        Some(Medicines::Unknown) => w.say("medicines-unknown").into_owned(),
        Some(Medicines::None) => w.say("medicines-none").into_owned(),
    }
}

fn device_words(w: Words, check: Option<&DeviceCheck>) -> String {
    match check {
        None => w.say("device-unchecked").into_owned(),
        Some(check) if check.camera && check.microphone && check.tone => {
            w.say("device-good").into_owned()
        }
        Some(check) if check.microphone => w.say("device-no-camera").into_owned(),
        Some(_) => w.say("device-bad").into_owned(),
    }
}
