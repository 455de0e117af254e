//! `/visit/agree`: the wish and each agreement, kept apart, nothing chosen beforehand; one act stores them in one write.

use super::{
    explain::wording,
    load,
    step::{Asking, Case, Step},
};
use crate::{Form, PatientDesk, Problem, desk::go, room, shell::PatientShell, words::Words};
use askama::Template;
use axum::response::Response;
use care::{
    Refusal, Remedy,
    agreement::{self, Giver, Kind, Offer, WISH},
    explanation,
};
use store::LegalText;

struct Line {
    kind: &'static str,
    title: String,
    lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "visit/agree.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    n: usize,
    of: usize,
    first: bool,
    kinds: Vec<Line>,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    // A patient who said no or withdrew may think again; otherwise nothing is asked twice.
    let asked =
        matches!(case.next(), Step::Agree | Step::InPerson) && case.standing.stage.is_before_live();
    if !asked {
        return Ok(go(&case.next().address()));
    }
    if let Some(n) = case.standing.unread.first() {
        return Ok(go(&Step::Explain(*n).address()));
    }
    let texts = desk.read().await?.texts("agreement").await?;
    let open = case.open_kinds();
    let kinds = texts
        .iter()
        .filter(|text| Kind::parse(&text.tag).is_some_and(|kind| open.contains(&kind)))
        .map(|text| {
            let (title, lines) = wording(text, desk.w);
            Line {
                kind: Kind::parse(&text.tag).map_or("", Kind::as_str),
                title,
                lines,
            }
        })
        .collect();
    desk.page(&Page {
        shell: desk.shell("visit-agree-title").await?,
        w: desk.w,
        n: case.plan_page() + 1,
        of: case.plan_page() + 1,
        first: open.len() == Kind::ALL.len(),
        kinds,
    })
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
        if ticked.is_empty() {
            return Ok(go(&Step::InPerson.address()));
        }
        return Err(Refusal::state(WISH, Remedy::StateWish).into());
    }
    let asking = Asking::of(&desk);
    let step = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::load(tx, &asking).await?;
                case.before_live()?;
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
                for kind in open {
                    let text = texts.iter().find(|text| text.tag == kind.as_str());
                    let text =
                        text.ok_or_else(|| Refusal::content(kind.clause(), Remedy::CompleteText))?;
                    tx.keep_agreement(&asking.by(), visit, kind, text).await?;
                }
                Ok(Case::load(tx, &asking).await?.next())
            })
        })
        .await?;
    Ok(go(&step.address()))
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
            case.before_live()?;
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
