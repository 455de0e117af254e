//! Who is in the room, by role and name, beside the media server's own count (cl-2.5.1.1-xi-a); and whether the patient is
//! still there before anybody is let in.

use super::{Asking, Case, address, show::Drawn};
use crate::{
    At, Form, Problem, StaffDesk, Words,
    desk::go,
    room,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use care::{ConsultationId, Stage};
use jiff::SignedDuration;
use store::Conn;

/// A patient whose page gave no sign for so long is not there: the waiting room looks every two seconds or sooner.
const GONE_AFTER: SignedDuration = SignedDuration::from_secs(20);

/// The block. No `Debug`: it names people.
pub(super) struct Roster {
    /// Before anybody is let in: whether the patient's page is open.
    pub(super) presence: Option<Presence>,
    /// Who was let in: the role's text, the name.
    pub(super) people: Vec<(&'static str, String)>,
    /// The media server's own count, in words; none before anybody is let in.
    pub(super) server: Option<String>,
    /// More are connected than were let in, or somebody whom nobody let in.
    pub(super) stranger: bool,
    pub(super) phone: String,
    pub(super) called: Option<String>,
}

/// Where the patient is before the call.
pub(super) struct Presence {
    pub(super) here: bool,
    pub(super) words: String,
}

impl Roster {
    pub(super) async fn load(
        desk: &StaffDesk,
        conn: &mut Conn,
        case: &Case,
    ) -> Result<Self, Problem> {
        let (visit, w) = (&case.booking.consultation, desk.w);
        let patient = conn
            .patient(visit.patient)
            .await?
            .ok_or(Problem::NotFound)?;
        let grants = conn.grants(visit.id).await?;
        let mut people = Vec::new();
        for grant in &grants {
            people.push(match grant.seat.as_str() {
                room::PATIENT => ("roster-patient", patient.profile.name.clone()),
                room::PHYSICIAN => (
                    "roster-physician",
                    conn.name_of(visit.physician).await?.unwrap_or_default(),
                ),
                seat if room::staff_of(seat).is_some() => {
                    let name = match room::staff_of(seat) {
                        Some(person) => conn.name_of(person).await?,
                        None => None,
                    };
                    ("roster-attendant", name.unwrap_or_default())
                }
                _ => (
                    "roster-helper",
                    room::helper(conn, visit)
                        .await?
                        .map(|helper| helper.name)
                        .unwrap_or_default(),
                ),
            });
        }
        let called = match conn.phone_call(visit.id).await? {
            Some(call) => Some(
                w.fill2(
                    "phone-called",
                    "name",
                    conn.name_of(call.by).await?.unwrap_or_default(),
                    "at",
                    w.time(call.at),
                )
                .into_owned(),
            ),
            None => None,
        };
        let presence = if grants.is_empty() {
            Some(presence(desk, conn, case).await?)
        } else {
            None
        };
        let (server, stranger) = counted(desk, visit.id, &grants).await;
        Ok(Self {
            presence,
            people,
            server,
            stranger,
            phone: patient.profile.phone,
            called,
        })
    }

    /// What is drawn, in one word.
    pub(super) fn drawn(&self) -> String {
        let here = self.presence.as_ref().map(|presence| &presence.words);
        super::show::digest(&format!(
            "{here:?} {:?} {:?} {} {:?}",
            self.people, self.server, self.stranger, self.called
        ))
    }
}

/// How many the media server counts, and whether that is more than were let in.
async fn counted(
    desk: &StaffDesk,
    visit: ConsultationId,
    grants: &[store::call::SeatGrant],
) -> (Option<String>, bool) {
    let Some(media) = desk.app().media().filter(|_| !grants.is_empty()) else {
        return (None, false);
    };
    let connected: Vec<String> = media
        .roster(visit.to_string())
        .await
        .into_iter()
        .filter(|person| person.admitted && person.connected)
        .map(|person| person.seat)
        .collect();
    let stranger = differs(&connected, grants);
    let words = desk.w.fill("roster-server", "count", connected.len());
    (Some(words.into_owned()), stranger)
}

/// Whether somebody is connected who is not on the list. Fewer are none of it: who is away is said by the dock.
fn differs(connected: &[String], grants: &[store::call::SeatGrant]) -> bool {
    connected.len() > grants.len()
        || connected
            .iter()
            .any(|seat| !grants.iter().any(|grant| grant.seat == *seat))
}

/// Whether the patient's page is open: by its last sign, not by the stage alone.
async fn presence(desk: &StaffDesk, conn: &mut Conn, case: &Case) -> Result<Presence, Problem> {
    let (visit, w) = (&case.booking.consultation, desk.w);
    if !matches!(visit.stage, Stage::Checks { .. } | Stage::Live { .. }) {
        return Ok(Presence {
            here: false,
            words: w.say("preview-not-arrived").into_owned(),
        });
    }
    let seen = room::patient_side(conn, visit).await?.map(|side| side.seen);
    let sign = desk.app().signs().last(visit.id).or(seen);
    let here = sign.is_some_and(|at| desk.now.duration_since(at) < GONE_AFTER);
    Ok(Presence {
        here,
        words: match sign {
            _ if here => w.say("preview-arrived").into_owned(),
            Some(at) => w.fill("presence-gone", "at", w.time(at)).into_owned(),
            None => w.say("presence-unknown").into_owned(),
        },
    })
}

#[derive(Template)]
#[template(path = "consultation/roster.html")]
struct Block {
    shell: StaffShell,
    w: Words,
    address: String,
    roster: Roster,
}

/// The block alone, fetched anew while the page is open. Covered by the page's own reading.
pub(super) async fn show(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Drawn>,
) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let case = Case::own(&mut read, id, &Asking::of(&desk)).await?;
    let roster = Roster::load(&desk, &mut read, &case).await?;
    drop(read);
    if !super::show::covered(&desk, &case).await? {
        return Ok(([("hx-refresh", "true")], "").into_response());
    }
    if roster.drawn() == asked.drawn() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    desk.page(&Block {
        shell: desk.shell("visit-title", Section::Today).await?,
        w: desk.w,
        address: address(id),
        roster,
    })
}

/// 電話しました: who, and when. The visit stays online care only if picture and sound return.
pub(super) async fn phoned(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            Case::own(tx, id, &asking).await?;
            tx.keep_phone_call(&asking.by, asking.person, id).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&if desk.wants_block() {
        format!("{}/roster", address(id))
    } else {
        address(id)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::{DeviceId, Ulid};
    use jiff::Timestamp;
    use store::call::SeatGrant;

    fn grant(seat: &str) -> SeatGrant {
        SeatGrant {
            seat: seat.to_owned(),
            role: "other".to_owned(),
            device: DeviceId(Ulid::nil()),
            granted: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn cl_2_5_1_1_xi_a_whoever_is_not_on_the_list_is_told_and_who_is_away_is_not() {
        let grants = [grant("patient"), grant("physician")];
        for (connected, warns) in [
            (vec!["patient", "physician"], false),
            (vec!["physician"], false),
            (vec!["patient", "physician", "other:1"], true),
            (vec!["other:1"], true),
        ] {
            let connected: Vec<String> = connected.into_iter().map(str::to_owned).collect();
            assert_eq!(differs(&connected, &grants), warns, "{connected:?}");
        }
    }
}
