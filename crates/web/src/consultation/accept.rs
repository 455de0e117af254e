//! What the physician sees before accepting the agreement: the wish with its time, each item, and what the patient marked.

use super::Case;
use crate::{Lang, Problem, Words};
use care::{explanation::MANDATORY, statement::TOO_FAST_SECONDS};
use store::Conn;

/// The accept card. No `Debug`: it is of a patient.
pub(super) struct Accept {
    /// The wish, in words, with the time it was stated (cl-1.1-ii).
    pub(super) wish: String,
    /// Whether the wish is 希望する.
    pub(super) wished: bool,
    /// One line an item of the explanation.
    pub(super) items: Vec<Item>,
}

/// One item of the explanation, as the patient left it (cl-1.1-iv).
pub(super) struct Item {
    pub(super) tag: String,
    pub(super) title: String,
    /// The patient would like to ask the physician about it.
    pub(super) asks: bool,
    /// The page was open too shortly to be read.
    pub(super) fast: bool,
    /// Seconds it was open, in words.
    pub(super) seconds: String,
    /// When it was marked as explained; none until then.
    pub(super) given: Option<String>,
}

impl Accept {
    pub(super) async fn load(conn: &mut Conn, case: &Case, w: Words) -> Result<Self, Problem> {
        let dossier = &case.dossier;
        let marks = conn.explanation_marks(dossier.consultation.patient).await?;
        let texts = conn.texts("explanation").await?;
        let title = |tag: &str| match texts.iter().find(|text| text.tag == tag) {
            Some(text) => match w.lang() {
                Lang::Ja => text.title_ja.clone(),
                Lang::En => text.title_en.clone(),
            },
            // What is no text of its own is the plan, or the draft that stands for it.
            None => w.say("side-plan").into_owned(),
        };
        let mut items: Vec<Item> = dossier
            .explanation
            .items
            .iter()
            .filter(|item| item.acknowledged.is_some())
            .map(|item| {
                // The newest reading of this item speaks.
                let mark = marks.iter().rev().find(|(tag, _, _)| *tag == item.tag);
                let seconds = mark.map_or(0, |(_, _, seconds)| *seconds);
                Item {
                    title: title(&item.tag),
                    asks: mark.is_some_and(|(_, wants, _)| *wants),
                    fast: seconds < TOO_FAST_SECONDS,
                    seconds: w.fill("accept-seconds", "seconds", seconds).into_owned(),
                    given: item
                        .given
                        .map(|(_, at)| w.fill("accept-given", "at", w.day_time(at)).into_owned()),
                    tag: item.tag.clone(),
                }
            })
            .collect();
        items.sort_by_key(|item| {
            MANDATORY
                .iter()
                .position(|(tag, _)| *tag == item.tag)
                .unwrap_or(MANDATORY.len())
        });
        let wish = dossier.agreement.wish.as_ref();
        Ok(Self {
            wish: match wish {
                Some(wish) => w
                    .fill(
                        if wish.wants {
                            "accept-wish-yes"
                        } else {
                            "accept-wish-no"
                        },
                        "at",
                        w.day_time(wish.stated),
                    )
                    .into_owned(),
                None => w.say("accept-wish-none").into_owned(),
            },
            wished: wish.is_some_and(|wish| wish.wants),
            items,
        })
    }
}
