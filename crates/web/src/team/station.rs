//! The home-nursing station that a nurse belongs to, set by the administrator (cl-2.3-ii-b).

use crate::{At, Form, Problem, StaffDesk, desk::go};
use access::PersonId;
use axum::response::Response;

/// Longest name of a station, in characters.
const STATION_CHARS_MAX: usize = 100;

/// An empty name: the nurse is of this institution.
pub(super) async fn keep(
    desk: StaffDesk,
    At(id): At<PersonId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let station = reading.maybe("station", STATION_CHARS_MAX);
    reading.done()?;
    let station = station.map(|name| name.trim().to_owned());
    let (by, me) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.name_of(id).await?.ok_or(Problem::NotFound)?;
            let station = station.as_deref().filter(|name| !name.is_empty());
            Ok(tx.keep_station(&by, me, id, station).await?)
        })
    })
    .await?;
    Ok(go(&format!("/house/people/{id}")))
}
