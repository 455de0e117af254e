//! What the media server tells, kept: counters every five seconds, the physician's lease, losses and refusals.

use access::TenantId;
use care::{
    Consultation, ConsultationId,
    attended::{JointId, Side},
    examination::{self, Measured},
    surgery::{Counted, Try},
};
use jiff::{SignedDuration, Timestamp};
use media::{Measure, Media, Notice, Role};
use std::{collections::HashMap, time::Duration};
use store::{Fault, Store, call::RunMeasure};
use tokio::sync::mpsc::Receiver;
use ulid::Ulid;
use web::Clock;

/// Rooms remembered; a room that is forgotten is looked up again.
const ROOMS_MAX: usize = 4096;
/// How often a patient who was lost is looked after.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// One refusal of a seat for one reason is written down this often at most: a knock is no reason to fill the ledger.
const REFUSED_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// Reads notices until the media server ends.
pub(crate) async fn run(store: Store, media: Media, mut notices: Receiver<Notice>, clock: Clock) {
    let mut watch = Watch {
        run: Ulid::from_parts(
            u64::try_from(clock().as_millisecond()).unwrap_or_default(),
            chance(),
        ),
        store,
        media,
        rooms: HashMap::new(),
    };
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            notice = notices.recv() => match notice {
                Some(notice) => watch.hear(notice, clock()).await,
                None => return,
            },
            _ = look.tick() => watch.look_after_lost(clock()).await,
        }
    }
}

fn chance() -> u128 {
    let mut bytes = [0; 16];
    // Without chance the run is still named by its hour.
    let _ = getrandom::fill(&mut bytes);
    u128::from_be_bytes(bytes)
}

struct Watch {
    run: Ulid,
    store: Store,
    media: Media,
    rooms: HashMap<String, Room>,
}

/// One visit's call in this run of the program.
#[derive(Clone)]
struct Room {
    tenant: TenantId,
    visit: Consultation,
    measured: Measured,
    /// The newest figure of the media server; it begins at zero when a room is made anew.
    newest_seconds: u32,
    /// How often the room was made anew.
    remade: u32,
    /// Whether the patient's picture was there at any time: what never came is not lost.
    seen: bool,
    /// Since when the patient's picture is away, or the whole connection.
    lost: Option<Timestamp>,
    /// Whether the loss was written down.
    told: bool,
    /// Whether its last figures were kept: it may be forgotten.
    over: bool,
    refused: Option<(String, Timestamp)>,
}

impl Watch {
    async fn hear(&mut self, notice: Notice, now: Timestamp) {
        match notice {
            Notice::Measured { room, measure } => {
                self.measured(&room, &measure, now).await;
                self.look_at_picture(&room, measure.patient_video_now, now)
                    .await;
            }
            Notice::Lost { room, seat } | Notice::Left { room, seat } => {
                if is_patient(&seat)
                    && let Some(room) = self.room(&room).await
                {
                    room.lost.get_or_insert(now);
                }
            }
            Notice::Refused { room, seat, reason } => {
                self.refused(&room, seat, reason.as_str(), now).await;
            }
            Notice::EchoResult {
                device,
                audio,
                video,
                done,
            } if done => self.tried(&device, (&audio, &video), now).await,
            // A connection alone is no picture, the next measure tells; what a check has found counts at its end.
            Notice::Connected { .. } | Notice::EchoResult { .. } => {}
        }
    }

    /// A try of a line for remote surgery is over: what came is kept. A device check of another kind is nobody's business
    /// here.
    async fn tried(
        &mut self,
        name: &str,
        (audio, video): (&media::Flow, &media::Flow),
        now: Timestamp,
    ) {
        let Some((tenant, joint, side, what)) = surgery_try(name) else {
            return;
        };
        let sent = audio.packets.saturating_add(video.packets);
        let lost = audio.lost.saturating_add(video.lost);
        let counted = Counted {
            video_seconds: video.seconds,
            audio_seconds: audio.seconds,
            loss_permille: u32::try_from(
                lost.saturating_mul(1000) / sent.saturating_add(lost).max(1),
            )
            .unwrap_or(u32::MAX),
        };
        let kept = self
            .store
            .write::<(), Fault, _>(tenant, now, move |tx| {
                Box::pin(async move {
                    tx.keep_surgery_try(
                        &store::By::System,
                        (joint, side, what),
                        (counted.is_good(), counted),
                    )
                    .await
                })
            })
            .await;
        if let Err(fault) = kept {
            tracing::error!(%fault, "a try of a line could not be kept");
        }
    }

    /// Adds a reading to the visit's figures, and holds the physician's one seat while the physician is on the line.
    async fn measured(&mut self, name: &str, measure: &Measure, now: Timestamp) {
        let physician_here = self
            .media
            .roster(name.to_owned())
            .await
            .iter()
            .any(|present| {
                present.role == Role::Physician && present.admitted && present.connected
            });
        let run = self.run;
        let Some(room) = self.room(name).await else {
            return;
        };
        if measure.two_way_seconds < room.newest_seconds {
            room.remade += 1;
            room.measured = Measured::default();
        }
        room.newest_seconds = measure.two_way_seconds;
        room.measured = examination::measured(
            room.measured,
            i64::from(measure.two_way_seconds),
            measure.patient_video_now,
            measure.patient_poor_seconds > 0,
            now,
        );
        let reading = RunMeasure {
            run: match room.remade {
                0 => run.to_string(),
                again => format!("{run}.{again}"),
            },
            measured: room.measured,
            counters: counters(measure),
        };
        let Room { tenant, visit, .. } = room.clone();
        let flowing = flowing(measure);
        let kept = self
            .store
            .write::<bool, Fault, _>(tenant, now, move |tx| {
                Box::pin(async move {
                    let grants = tx.grants(visit.id).await?;
                    let over = grants.is_empty();
                    tx.keep_measure(visit.id, &reading, over).await?;
                    if !over {
                        tx.keep_flowing(&visit, &flowing).await?;
                    }
                    let granted = grants.iter().any(|grant| grant.role == "physician");
                    if physician_here && granted {
                        match tx.take_live_seat(visit.physician, visit.id).await {
                            // Another visit holds the seat: the gates say so, and this call goes on.
                            Ok(()) | Err(Fault::Conflict) => {}
                            Err(fault) => return Err(fault),
                        }
                    }
                    Ok(over)
                })
            })
            .await;
        match kept {
            Ok(over) => {
                if let Some(room) = self.rooms.get_mut(name) {
                    room.over = over;
                }
            }
            Err(fault) => {
                tracing::error!(%fault, consultation = name, "what was measured could not be kept; the call goes on");
            }
        }
    }

    async fn refused(&mut self, name: &str, seat: String, reason: &'static str, now: Timestamp) {
        let Some(room) = self.room(name).await else {
            return;
        };
        let key = format!("{seat} {reason}");
        let again = room.refused.as_ref().is_some_and(|(known, at)| {
            *known == key && now.duration_since(*at) < REFUSED_AGAIN_AFTER
        });
        if again {
            return;
        }
        room.refused = Some((key, now));
        let (tenant, visit) = (room.tenant, room.visit.id);
        let kept = self
            .store
            .write::<(), Fault, _>(tenant, now, move |tx| {
                Box::pin(async move { tx.keep_room_refused(visit, &seat, reason).await })
            })
            .await;
        if let Err(fault) = kept {
            tracing::error!(%fault, consultation = name, reason, "a refusal at the door of a room could not be kept");
        }
    }

    /// The patient's picture comes and goes: care online needs it, so its absence is a loss as much as a cut line.
    async fn look_at_picture(&mut self, name: &str, there: bool, now: Timestamp) {
        let Some(room) = self.rooms.get_mut(name) else {
            return;
        };
        if !there {
            if room.seen {
                room.lost.get_or_insert(now);
            }
            return;
        }
        room.seen = true;
        room.lost = None;
        if !room.told {
            return;
        }
        room.told = false;
        let (tenant, visit) = (room.tenant, room.visit.id);
        let kept = self
            .store
            .write::<(), Fault, _>(tenant, now, move |tx| {
                Box::pin(async move { tx.mark_back(visit).await })
            })
            .await;
        if let Err(fault) = kept {
            tracing::error!(%fault, consultation = name, "that a patient came back could not be kept");
        }
    }

    /// Marks a visit, once, whose patient has been away for longer than item 5 of the plan allows. The page shows it.
    async fn look_after_lost(&mut self, now: Timestamp) {
        let lost: Vec<(String, TenantId, Consultation, Timestamp)> = self
            .rooms
            .iter()
            .filter(|(_, room)| !room.told)
            .filter_map(|(name, room)| {
                Some((name.clone(), room.tenant, room.visit.clone(), room.lost?))
            })
            .collect();
        for (name, tenant, visit, since) in lost {
            match keep_lost(&self.store, tenant, visit, since, now).await {
                Ok(Looked::NotYet) => {}
                Ok(Looked::Told) => {
                    tracing::warn!(
                        consultation = name,
                        seconds = now.duration_since(since).as_secs(),
                        "the patient's picture and sound are lost for longer than the plan allows"
                    );
                    self.tell(&name);
                }
                Ok(Looked::Nothing) => self.tell(&name),
                Err(fault) => {
                    tracing::error!(%fault, consultation = name, "a lost patient could not be written down");
                }
            }
        }
    }

    fn tell(&mut self, name: &str) {
        if let Some(room) = self.rooms.get_mut(name) {
            room.told = true;
        }
    }

    /// The visit of a room, looked up once.
    async fn room(&mut self, name: &str) -> Option<&mut Room> {
        if !self.rooms.contains_key(name) {
            let (tenant, visit) = self.find(name).await?;
            let (seen, told) = self.known(tenant, visit.id).await.unwrap_or_default();
            if self.rooms.len() >= ROOMS_MAX {
                self.rooms.retain(|_, room| !room.over);
            }
            if self.rooms.len() >= ROOMS_MAX {
                self.rooms.clear();
            }
            let room = Room {
                tenant,
                visit,
                measured: Measured::default(),
                newest_seconds: 0,
                remade: 0,
                seen,
                lost: None,
                told,
                over: false,
                refused: None,
            };
            self.rooms.insert(name.to_owned(), room);
        }
        self.rooms.get_mut(name)
    }

    /// What an earlier run of the program has kept: whether the picture was ever there, and whether the visit is marked.
    async fn known(&self, tenant: TenantId, visit: ConsultationId) -> Result<(bool, bool), Fault> {
        let mut read = self.store.read(tenant).await?;
        let seen = read.measured(visit).await?.two_way_seconds > 0;
        Ok((seen, read.lost(visit).await?.is_some()))
    }

    /// A room is named by its consultation alone, so the institutions are asked in turn.
    async fn find(&self, name: &str) -> Option<(TenantId, Consultation)> {
        let id: ConsultationId = name.parse().ok()?;
        for (tenant, _) in self.store.tenants().await.ok()? {
            let found = self
                .store
                .read(tenant)
                .await
                .ok()?
                .consultation(id)
                .await
                .ok()?;
            if let Some(booking) = found {
                return Some((tenant, booking.consultation));
            }
        }
        None
    }
}

enum Looked {
    /// The plan allows a little more.
    NotYet,
    /// It was written down.
    Told,
    /// The call is over, or no plan sets a limit.
    Nothing,
}

async fn keep_lost(
    store: &Store,
    tenant: TenantId,
    visit: Consultation,
    since: Timestamp,
    now: Timestamp,
) -> Result<Looked, Fault> {
    let limit = {
        let mut read = store.read(tenant).await?;
        if read.grants(visit.id).await?.is_empty() {
            return Ok(Looked::Nothing);
        }
        // At a first visit no plan is signed yet; the one that was shown to the patient sets the limit.
        let shown = match read.plan_in_force(visit.patient).await? {
            Some(plan) => Some(plan),
            None => read
                .plans(visit.patient)
                .await?
                .into_iter()
                .next()
                .map(|version| version.plan),
        };
        shown.map(|plan| plan.draft.stop)
    };
    let Some(limit) = limit.filter(|limit| limit.lost_seconds > 0) else {
        return Ok(Looked::Nothing);
    };
    if !limit.lost_too_long(since, now) {
        return Ok(Looked::NotYet);
    }
    store
        .write::<(), Fault, _>(tenant, now, move |tx| {
            Box::pin(async move { tx.mark_lost(visit.id, since, limit.lost_seconds).await })
        })
        .await?;
    Ok(Looked::Told)
}

/// Which try of which line an echo is, by the name that the web gave it.
fn surgery_try(name: &str) -> Option<(TenantId, JointId, Side, Try)> {
    let mut words = name.strip_prefix("surgery ")?.split(' ');
    let tenant = words.next()?.parse().ok()?;
    let joint = words.next()?.parse().ok()?;
    let side = Side::parse(words.next()?)?;
    let what = Try::parse(words.next()?).filter(|what| *what != Try::Good)?;
    Some((tenant, joint, side, what))
}

fn is_patient(seat: &str) -> bool {
    seat == "patient" || seat.starts_with("proxy:")
}

/// The seats from which picture or sound comes now.
fn flowing(measure: &Measure) -> Vec<String> {
    let sends = |seat: &media::SeatMeasure| {
        seat.audio.packets_a_second > 0 || seat.video.packets_a_second > 0
    };
    measure
        .seats
        .iter()
        .filter(|seat| sends(seat))
        .map(|seat| seat.seat.clone())
        .collect()
}

/// The figures of each seat as JSON: who, what, how much. No content is in them.
fn counters(measure: &Measure) -> String {
    let flow = |flow: &media::Flow| {
        serde_json::json!({
            "packets": flow.packets, "bytes": flow.bytes, "lost": flow.lost, "seconds": flow.seconds,
        })
    };
    let seats: serde_json::Map<String, serde_json::Value> = measure
        .seats
        .iter()
        .map(|seat| {
            let figures =
                serde_json::json!({ "audio": flow(&seat.audio), "video": flow(&seat.video) });
            (seat.seat.clone(), figures)
        })
        .collect();
    serde_json::Value::Object(seats).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::{self, seeded};
    use media::OfferRefused;

    struct Call {
        watch: Watch,
        store: Store,
        visit: Consultation,
        now: Timestamp,
    }

    /// A call under way: the patient and the physician have their grants.
    async fn call() -> Call {
        let (store, visit, now) = seeded::admitted().await;
        let (media, _) = Media::start(media::Settings {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            advertise: Vec::new(),
        })
        .unwrap();
        let watch = Watch {
            run: Ulid::from_parts(1, 1),
            store: store.clone(),
            media,
            rooms: HashMap::new(),
        };
        Call {
            watch,
            store,
            visit,
            now,
        }
    }

    impl Call {
        async fn measured(&mut self, seconds: u32, after: i64) {
            let notice = Notice::Measured {
                room: self.visit.id.to_string(),
                measure: Measure {
                    two_way_seconds: seconds,
                    patient_video_now: true,
                    ..Measure::default()
                },
            };
            self.watch
                .hear(notice, self.now + SignedDuration::from_secs(after))
                .await;
        }

        /// Connected, without a picture.
        async fn gone(&mut self, after: i64) {
            let notice = Notice::Measured {
                room: self.visit.id.to_string(),
                measure: Measure {
                    two_way_seconds: 1,
                    ..Measure::default()
                },
            };
            self.watch
                .hear(notice, self.now + SignedDuration::from_secs(after))
                .await;
        }

        async fn marked(&self) -> bool {
            let mut read = self.store.read(demo::CLINIC).await.unwrap();
            read.lost(self.visit.id).await.unwrap().is_some()
        }

        async fn stored(&self) -> Measured {
            self.store
                .read(demo::CLINIC)
                .await
                .unwrap()
                .measured(self.visit.id)
                .await
                .unwrap()
        }

        async fn written(&self, subject: &str) -> usize {
            seeded::entries(&self.store, subject).await
        }
    }

    #[tokio::test]
    async fn cl_1_6_ii_a_what_is_measured_adds_up_over_rooms_and_runs() {
        let mut call = call().await;
        call.measured(5, 5).await;
        call.measured(40, 40).await;
        assert_eq!(call.stored().await.two_way_seconds, 40);
        // The room was closed and made anew: the server begins at zero.
        call.measured(3, 60).await;
        assert_eq!(call.stored().await.two_way_seconds, 43);
        // The program was started again.
        call.watch.run = Ulid::from_parts(2, 2);
        call.watch.rooms.clear();
        call.measured(20, 90).await;
        let stored = call.stored().await;
        assert_eq!(
            (stored.two_way_seconds, stored.patient_video_now),
            (63, true)
        );
        call.store.close().await;
    }

    #[tokio::test]
    async fn cl_1_3_i_e_a_patient_away_for_longer_than_the_plan_allows_is_marked_once() {
        let mut call = call().await;
        let lost = Notice::Lost {
            room: call.visit.id.to_string(),
            seat: "patient".to_owned(),
        };
        call.watch.hear(lost, call.now).await;
        for (after, entries) in [(1, 0), (60, 0), (61, 1), (90, 1)] {
            call.watch
                .look_after_lost(call.now + SignedDuration::from_secs(after))
                .await;
            assert_eq!(call.written("call.lost").await, entries, "after {after} s");
            assert_eq!(call.marked().await, entries > 0, "after {after} s");
        }
        // Back: the mark ends. Gone again: it is a new one.
        call.measured(1, 95).await;
        assert!(!call.marked().await);
        assert_eq!(call.written("call.resumed").await, 1);
        call.gone(100).await;
        for (after, marked) in [(160, false), (161, true)] {
            call.watch
                .look_after_lost(call.now + SignedDuration::from_secs(after))
                .await;
            assert_eq!(call.marked().await, marked, "after {after} s");
        }
        assert_eq!(call.written("call.lost").await, 2);
        call.store.close().await;
    }

    #[tokio::test]
    async fn cl_1_3_i_e_a_picture_that_never_came_is_not_lost_and_a_restart_forgets_no_mark() {
        let mut call = call().await;
        call.gone(5).await;
        call.watch
            .look_after_lost(call.now + SignedDuration::from_secs(300))
            .await;
        assert!(!call.marked().await, "nobody was seen yet");
        call.measured(5, 301).await;
        call.gone(310).await;
        call.watch
            .look_after_lost(call.now + SignedDuration::from_secs(371))
            .await;
        assert!(call.marked().await);
        // The program was started again while the patient was away.
        call.watch.rooms.clear();
        call.gone(400).await;
        assert!(call.marked().await);
        call.measured(6, 410).await;
        assert!(!call.marked().await);
        assert_eq!(
            (
                call.written("call.lost").await,
                call.written("call.resumed").await
            ),
            (1, 1)
        );
        call.store.close().await;
    }

    #[tokio::test]
    async fn cl_2_4_1_ii_b_what_came_over_a_line_is_kept_and_no_other_check() {
        let mut call = call().await;
        let joint = JointId(Ulid::from_parts(3, 3));
        let came = |seconds, lost| media::Flow {
            packets: 500,
            lost,
            seconds,
            ..media::Flow::default()
        };
        let said = |what: &str, (picture, lost), done| Notice::EchoResult {
            device: format!("surgery {} {joint} remote {what}", demo::CLINIC),
            audio: came(6, 0),
            video: came(picture, lost),
            done,
        };
        let tried = async |call: &Call| {
            let mut read = call.store.read(demo::CLINIC).await.unwrap();
            let tries = read.surgery_tries(joint).await.unwrap();
            let mut tries: Vec<_> = tries
                .into_iter()
                .map(|tried| (tried.what, tried.good))
                .collect();
            tries.sort_unstable_by_key(|(what, _)| what.as_str());
            tries
        };
        for nobodys in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "surgery", "surgery a b c d"] {
            let notice = Notice::EchoResult {
                device: nobodys.to_owned(),
                audio: came(6, 0),
                video: came(6, 0),
                done: true,
            };
            call.watch.hear(notice, call.now).await;
        }
        // Nobody calls a line good by its name.
        call.watch.hear(said("good", (6, 0), true), call.now).await;
        // While it runs nothing is found yet: it can still break.
        call.watch.hear(said("main", (4, 0), false), call.now).await;
        assert_eq!(tried(&call).await, []);
        call.watch.hear(said("main", (4, 0), true), call.now).await;
        assert_eq!(call.written("joint_test.tried").await, 1);
        // No picture to the end, or one packet of twenty lost, is no good line.
        call.watch
            .hear(said("backup", (0, 0), true), call.now)
            .await;
        assert_eq!(
            tried(&call).await,
            [(Try::Backup, false), (Try::Main, true)]
        );
        call.watch.hear(said("main", (6, 50), true), call.now).await;
        assert_eq!(
            tried(&call).await,
            [(Try::Backup, false), (Try::Main, false)]
        );
        call.store.close().await;
    }

    #[tokio::test]
    async fn cl_2_5_1_1_xi_a_a_refusal_at_the_door_is_written_down_once_a_minute() {
        let mut call = call().await;
        for after in [0, 1, 2, 61] {
            let refused = Notice::Refused {
                room: call.visit.id.to_string(),
                seat: "physician".to_owned(),
                reason: OfferRefused::OtherDevice,
            };
            call.watch
                .hear(refused, call.now + SignedDuration::from_secs(after))
                .await;
        }
        assert_eq!(call.written("room.refused").await, 2);
        call.store.close().await;
    }

    /// The room stands as long as its grants do: another device is refused by them, before its offer is read.
    async fn stands(call: &Call) -> bool {
        let stranger = media::Seat {
            device: "another".to_owned(),
            ..seat(&call.visit)
        };
        let refused = call.watch.media.offer(stranger, String::new()).await;
        refused == Err(OfferRefused::OtherDevice)
    }

    fn seat(visit: &Consultation) -> media::Seat {
        media::Seat {
            room: visit.id.to_string(),
            seat: "patient".to_owned(),
            role: Role::Patient,
            device: "phone".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_room_outlives_storage() {
        let mut call = call().await;
        let room = call.visit.id.to_string();
        let admitted = call
            .watch
            .media
            .admit(room.clone(), vec![seat(&call.visit)]);
        assert!(admitted.await.is_ok());
        assert!(stands(&call).await);
        call.measured(5, 5).await;
        call.store.close().await;
        let told = [
            Notice::Lost {
                room: room.clone(),
                seat: "patient".to_owned(),
            },
            Notice::Refused {
                room,
                seat: "patient".to_owned(),
                reason: OfferRefused::OtherDevice,
            },
        ];
        for (after, notice) in (10..).zip(told) {
            let now = call.now + SignedDuration::from_secs(after);
            call.watch.hear(notice, now).await;
        }
        // Longer than the lease of the physician's seat and than the plan lets a patient be away.
        for after in [15, 60, 120] {
            call.measured(5, after).await;
            call.watch
                .look_after_lost(call.now + SignedDuration::from_secs(after))
                .await;
        }
        assert!(stands(&call).await, "picture and sound go on");
    }

    #[tokio::test]
    async fn a_room_of_no_visit_is_nobodys_and_harms_nothing() {
        let mut call = call().await;
        for room in ["", "nothing", "01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
            let lost = Notice::Lost {
                room: room.to_owned(),
                seat: "patient".to_owned(),
            };
            call.watch.hear(lost, call.now).await;
        }
        assert!(call.watch.rooms.is_empty());
        call.store.close().await;
    }
}
