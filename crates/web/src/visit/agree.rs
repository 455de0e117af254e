//! `/visit/agree`: the wish and each agreement, kept apart, nothing chosen beforehand; one act stores them in one write.

use super::{
    Steps,
    callback::Callback,
    explain::wording,
    load,
    step::{Asking, Case, Step},
};
use crate::{Form, PatientDesk, Problem, desk::go, room, shell::PatientShell, words::Words};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use care::{
    Refusal, Remedy,
    agreement::{self, Giver, Kind, Offer, WISH},
    explanation,
};
use store::LegalText;

struct Line {
    kind: Kind,
    /// Chosen by the patient a moment ago: never by anybody else.
    ticked: bool,
    title: String,
    lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "visit/agree.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    steps: Option<Steps>,
    first: bool,
    in_call: bool,
    kinds: Vec<Line>,
    /// Not every agreement was chosen: no error, but not this way.
    left_out: bool,
    callback: Callback,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    // A patient who said no or withdrew may think again; otherwise nothing is asked twice.
    let asked = case.owed()
        || matches!(case.next(), Step::Agree | Step::InPerson)
            && case.standing.stage.is_before_live();
    if !asked {
        return Ok(go(&case.next().address()));
    }
    if !case.standing.unread.is_empty() {
        return Ok(go(&Step::Explain.address()));
    }
    draw(&desk, &case, None).await
}

/// The page with nothing chosen, or with what was chosen where that was not everything.
async fn draw(desk: &PatientDesk, case: &Case, sent: Option<&[Kind]>) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let texts = read.texts("agreement").await?;
    let callback = Callback::load(&mut read, desk.consultation, desk.w).await?;
    drop(read);
    let open = case.open_kinds();
    let kinds = texts
        .iter()
        .filter_map(|text| Kind::parse(&text.tag).map(|kind| (kind, text)))
        .filter(|(kind, _)| {
            open.contains(kind)
                || *kind == Kind::PatientConduct && agreement::own_part_open(&case.agreement)
        })
        .map(|(kind, text)| {
            let (title, lines) = wording(text, desk.w);
            Line {
                kind,
                ticked: sent.is_some_and(|sent| sent.contains(&kind)),
                title,
                lines,
            }
        })
        .collect();
    let page = Page {
        shell: desk.shell("visit-agree-title").await?,
        w: desk.w,
        steps: Steps::of(case, Step::Agree).filter(|_| !case.owed()),
        first: open.len() == Kind::ALL.len(),
        in_call: case.in_call(),
        kinds,
        left_out: sent.is_some(),
        callback,
    };
    if page.left_out {
        crate::desk::page(StatusCode::CONFLICT, &page)
    } else {
        desk.page(&page)
    }
}

fn giver(asking: &Asking) -> Giver {
    asking.proxy.map_or(Giver::Patient, Giver::Proxy)
}

pub(super) async fn give(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    // The answer is the patient's own, said once: two of them are none.
    let mut wishes = form.all("wish");
    let wish = match (wishes.next(), wishes.next()) {
        (Some("yes"), None) => Some(true),
        (Some("no"), None) => Some(false),
        _ => None,
    };
    let ticked: Vec<Kind> = form.all("kind").filter_map(Kind::parse).collect();
    if wish == Some(false) {
        state(&desk, false).await?;
        // A person who says no is shown the way, whatever else was chosen; a program is told that it asked for both.
        if ticked.is_empty() || !desk.wants_json() {
            return Ok(go(&Step::InPerson.address()));
        }
        return Err(Refusal::state(WISH, Remedy::StateWish).into());
    }
    let asking = Asking::of(&desk);
    let chosen = ticked.clone();
    let given = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::load(tx, &asking).await?;
                case.may_agree()?;
                let open = case.open_kinds();
                let standing = Kind::ALL.into_iter().filter(|kind| !open.contains(kind));
                let offer = Offer {
                    by: giver(&asking),
                    wish,
                    kinds: ticked.iter().copied().chain(standing).collect(),
                };
                agreement::offered(&offer, explanation::acknowledged(&case.explained)?)?;
                let visit = &case.booking.consultation;
                let texts: Vec<LegalText> = tx.texts("agreement").await?;
                tx.keep_wish(&asking.by(), visit, true).await?;
                // What is the patient's to look after is a row of its own, and asked of nobody (sec-0.f).
                let own_part = Some(Kind::PatientConduct).filter(|kind| {
                    ticked.contains(kind) && agreement::own_part_open(&case.agreement)
                });
                for kind in open.into_iter().chain(own_part) {
                    let text = texts.iter().find(|text| text.tag == kind.as_str());
                    let text =
                        text.ok_or_else(|| Refusal::content(kind.clause(), Remedy::CompleteText))?;
                    tx.keep_agreement(&asking.by(), visit, kind, text).await?;
                }
                Ok(Case::load(tx, &asking).await?.onward())
            })
        })
        .await;
    match given {
        Ok(step) => Ok(go(&step.address())),
        Err(Problem::Refused(refusal)) if left_out(&refusal) && !desk.wants_json() => {
            draw(&desk, &load(&desk).await?, Some(&chosen)).await
        }
        Err(problem) => Err(problem),
    }
}

/// Not all agreements is no error of the patient's: it leads to care in person, or to a talk.
fn left_out(refusal: &Refusal) -> bool {
    refusal.reason == agreement::INCOMPLETE
}

/// 希望しない, as a button of its own: never a second "are you sure".
pub(super) async fn wish(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    if form.text("wish") != "no" {
        return Err(Refusal::state(WISH, Remedy::StateWish).into());
    }
    state(&desk, false).await?;
    Ok(go(&Step::InPerson.address()))
}

async fn state(desk: &PatientDesk, wants: bool) -> Result<(), Problem> {
    let asking = Asking::of(desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            case.may_agree()?;
            giver(&asking).speaks_for_patient(WISH)?;
            tx.keep_wish(&asking.by(), &case.booking.consultation, wants)
                .await?;
            Ok(())
        })
    })
    .await?;
    room::close(desk.app(), desk.consultation).await;
    Ok(())
}
