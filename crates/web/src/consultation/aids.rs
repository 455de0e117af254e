//! Pictures and words that the patient sent for this visit, beside the note that may cite them (cl-1.6-ii-d).

use super::{Asking, Case, address};
use crate::{At, Problem, StaffDesk, Words};
use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use care::{Consultation, ConsultationId};
use store::{Conn, aid::Content};
use ulid::Ulid;

/// The longest list of what a note cites.
pub(super) const CITED_MAX: usize = store::aid::AIDS_MAX;

/// One aid in the list.
struct Line {
    id: String,
    at: String,
    /// The words; none for a picture.
    words: Option<String>,
    set_aside: bool,
    cited: bool,
}

/// The list. No `Debug`: it holds somebody's words.
#[derive(Template)]
#[template(path = "consultation/aids.html")]
pub(super) struct Aids {
    w: Words,
    address: String,
    nonce: String,
    lines: Vec<Line>,
}

// What this template writes is escaped already.
impl askama::filters::HtmlSafe for Aids {}

impl Aids {
    /// Loads what was sent, with what the note cites so far.
    pub(super) async fn load(
        conn: &mut Conn,
        visit: &Consultation,
        cited: &[String],
        (w, nonce): (Words, &str),
    ) -> Result<Self, Problem> {
        let aids = conn.aids(visit).await?;
        Ok(Self {
            w,
            address: address(visit.id),
            nonce: nonce.to_owned(),
            lines: aids
                .into_iter()
                .map(|aid| {
                    let id = aid.id.to_string();
                    Line {
                        at: w.time(aid.sent),
                        set_aside: matches!(aid.content, Content::SetAside),
                        cited: cited.contains(&id),
                        words: match aid.content {
                            Content::Words(words) => Some(words),
                            Content::Picture | Content::SetAside => None,
                        },
                        id,
                    }
                })
                .collect(),
        })
    }
}

/// The list alone, for the page that asks whether something new has come.
pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::own(&mut read, id, &asking).await?;
    let visit = &case.booking.consultation;
    let note = case.dossier.note.as_ref();
    let cited = note.map_or(&[][..], |note| &note.cited);
    let aids = Aids::load(&mut read, visit, cited, (desk.w, desk.nonce())).await?;
    drop(read);
    desk.page(&aids)
}

/// One picture, drawn anew when it was sent. Who looked at it is kept before its first byte.
pub(super) async fn picture(
    desk: StaffDesk,
    At((id, aid)): At<(ConsultationId, String)>,
) -> Result<Response, Problem> {
    let aid: Ulid = aid.parse().map_err(|_| Problem::NotFound)?;
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::own(&mut read, id, &asking).await?;
    let visit = &case.booking.consultation;
    let bytes = read
        .aid_picture(visit, aid)
        .await?
        .ok_or(Problem::NotFound)?;
    drop(read);
    let store = desk.app().store();
    store
        .keep_opened(desk.tenant, desk.now, &asking.by, "aids", &[visit.patient])
        .await?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    Ok(([kind], bytes).into_response())
}
