//! `/visit/aids`: a picture or words as an aid for the visit (補助), before it or in the call. They are no visit by themselves.

use super::{
    load,
    step::{Asking, Case},
};
use crate::{
    Errors, Form, PatientDesk, Problem, desk::go, house::Handed, picture, scan::scan,
    shell::PatientShell, words::Words,
};
use askama::Template;
use axum::{extract::Multipart, response::Response};
use store::{
    Fault,
    aid::{AIDS_MAX, Content, Sent},
};

/// A picture at most, in bytes.
const PICTURE_BYTES_MAX: usize = 10 * 1024 * 1024;
/// The form, with its words.
pub(super) const FORM_BYTES_MAX: usize = PICTURE_BYTES_MAX + 16 * 1024;
/// Longest side of a picture as it is kept, in points.
const SIDE: u32 = 1_600;
/// Longest words, in characters.
const WORDS_CHARS_MAX: usize = 1_000;

/// One line of what was sent.
struct Line {
    at: String,
    /// What it was, or the words themselves.
    words: Option<String>,
    set_aside: bool,
}

#[derive(Template)]
#[template(path = "visit/aids.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    errors: Errors,
    typed: Form,
    lines: Vec<Line>,
    /// Whether more can be sent.
    more: bool,
}

async fn page(desk: &PatientDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let case = load(desk).await?;
    let aids = desk.read().await?.aids(&case.booking.consultation).await?;
    let takes = takes(&case).is_ok();
    Ok(Page {
        shell: desk.shell("aids-title").await?,
        w: desk.w,
        errors,
        typed,
        more: takes && aids.len() < AIDS_MAX,
        lines: aids
            .into_iter()
            .map(|aid| Line {
                at: desk.w.time(aid.sent),
                set_aside: matches!(aid.content, Content::SetAside),
                words: match aid.content {
                    Content::Words(words) => Some(words),
                    Content::Picture | Content::SetAside => None,
                },
            })
            .collect(),
    })
}

/// Aids are of a visit that is to come or goes on; afterwards they would reach nobody.
fn takes(case: &Case) -> Result<(), Problem> {
    let stage = case.booking.consultation.stage;
    if stage.is_before_live() || matches!(stage, care::Stage::Live { .. }) {
        Ok(())
    } else {
        Err(Problem::Over)
    }
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let page = page(&desk, Errors::default(), Form::parse(b"")?).await?;
    desk.page(&page)
}

/// Something that is to be kept, as it came out of the form.
enum Taken {
    Picture(Vec<u8>),
    Words(String),
    Dangerous(Vec<u8>, store::aid::Danger),
}

/// A picture, words, or both. What is dangerous is set aside; what is no picture is not taken at all.
pub(super) async fn send(desk: PatientDesk, parts: Multipart) -> Result<Response, Problem> {
    let Handed { fields, file } = Handed::read(parts, PICTURE_BYTES_MAX).await?;
    let form = Form::of(fields);
    let mut reading = form.reading();
    let words = reading.maybe("words", WORDS_CHARS_MAX).unwrap_or_default();
    let mut taken = Vec::new();
    if file.is_empty() && words.is_empty() {
        reading.wrong("file", "aids-nothing");
    }
    if !file.is_empty() {
        if let Some(danger) = scan(&file) {
            taken.push(Taken::Dangerous(file, danger));
        } else if let Some(picture) = picture::read(file, SIDE).await? {
            taken.push(Taken::Picture(picture.jpeg().await?));
        } else {
            reading.wrong("file", "aids-no-picture");
        }
    }
    let mut errors = reading.errors();
    if !errors.is_empty() {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    }
    if !words.is_empty() {
        taken.push(Taken::Words(words));
    }
    let dangerous = matches!(taken.first(), Some(Taken::Dangerous(..)));
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            takes(&case)?;
            let (by, visit) = (asking.by(), &case.booking.consultation);
            for one in &taken {
                let sent = match one {
                    Taken::Picture(bytes) => Sent::Picture(bytes),
                    Taken::Words(words) => Sent::Words(words),
                    Taken::Dangerous(bytes, danger) => Sent::Dangerous(bytes, *danger),
                };
                tx.keep_aid(&by, visit, sent)
                    .await
                    .map_err(|why| match why {
                        Fault::Conflict => Problem::Wrong(Errors::one("file", "aids-enough")),
                        other => Problem::from(other),
                    })?;
            }
            Ok(())
        })
    })
    .await?;
    desk.app().bell().ring(desk.consultation);
    if dangerous {
        errors.add("file", "aids-set-aside");
        return desk.page_wrong(&page(&desk, errors, form).await?);
    }
    Ok(go("/visit/aids"))
}
