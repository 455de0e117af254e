//! The attending physician beside the patient (D to P with D): seen in person, informed beforehand, agreed on who answers,
//! and there for the whole clinical part. And the remote specialist, who asks for more.

use crate::{
    consultation_seed::{NOTE, Practice, SECRET, Seed, post, profile, staff, write},
    support::{Answer, Browser, person_id},
};
use access::Role;
use axum::http::StatusCode;
use care::{Service, attendance::Part};
use jiff::{SignedDuration, ToSpan as _};
use store::{
    By,
    dossier::legal_day,
    joint::{Source, Who},
    physician::{PhysicianProfile, Verified},
};
use web::{Surface, visit::link};

/// A visit of this service, opened and booked, with nothing else done: the remote physician has never seen the patient and
/// stands in no plan.
pub(crate) struct Joined {
    pub(crate) practice: Practice,
    pub(crate) attending: Browser,
    phone: Browser,
    pub(crate) joint: String,
}

const INFORMATION: [(&str, &str); 3] = [
    ("summary", "3か月前から手のふるえ"),
    ("results", "頭部MRI 異常なし"),
    ("question", "診断と薬"),
];

fn terms(practice: &Practice, responsible: &'static str) -> Vec<(&'static str, String)> {
    let today = legal_day(practice.house.now());
    vec![
        ("cases", "診断の遅れ".into()),
        ("line_failure", "主治医がその場で続ける".into()),
        ("decides", "主治医".into()),
        ("explains", "主治医".into()),
        ("insurance", "各自の賠償保険".into()),
        ("responsible", responsible.into()),
        ("from", today.to_string()),
        ("until", today.saturating_add(6.months()).to_string()),
    ]
}

fn borrowed<'f>(fields: &'f [(&'static str, String)]) -> Vec<(&'f str, &'f str)> {
    fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// The second physician: of this institution, and proven.
async fn attending(practice: &Practice, (belongs, proven): (bool, bool)) -> Browser {
    let browser = practice.other_physician().await;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Administrator);
            let today = legal_day(tx.now());
            if belongs {
                tx.set_affiliation(
                    &by,
                    person_id("administrator"),
                    person_id("second"),
                    (today.saturating_sub(1.year()), None),
                )
                .await?;
            }
            if !proven {
                return Ok(());
            }
            let own = PhysicianProfile {
                person: person_id("second"),
                name: "仮川 みのる".into(),
                ..profile()
            };
            tx.put_physician_profile(&by, &own).await?;
            let verified = Verified {
                by: person_id("administrator"),
                registration_year: Some(2001),
                valid_until: today.saturating_add(1.year()),
            };
            tx.keep_proof(&by, &own, verified).await
        })
    })
    .await;
    browser
}

pub(crate) async fn joined(service: Service, seed: Seed) -> Joined {
    joined_by(service, seed, (true, true)).await
}

async fn joined_by(service: Service, seed: Seed, standing: (bool, bool)) -> Joined {
    let practice = Seed { service, ..seed }.open().await;
    let attending = attending(&practice, standing).await;
    let (patient, visit) = (practice.patient, practice.consultation().await);
    let joint = write(&practice.house, move |tx| {
        Box::pin(async move {
            let by = staff(Role::Reception);
            tx.offer_joint(&staff(Role::Administrator), service, true)
                .await?;
            let pair = (person_id("second"), person_id("physician"));
            let id = tx.open_joint(&by, patient, pair, service).await?;
            let joint = tx.joint(id).await?.unwrap();
            tx.keep_joint_visit(&by, &joint, &visit).await?;
            let asked = (person_id("second"), Part::Attending, "主治医として");
            tx.ask_attendance(&by, person_id("reception"), &visit, asked)
                .await?;
            Ok(id)
        })
    })
    .await;
    let phone = phone(&practice).await;
    Joined {
        joint: format!("/joint/{joint}"),
        practice,
        attending,
        phone,
    }
}

async fn phone(practice: &Practice) -> Browser {
    let mut phone = practice.house.browser(Surface::Patient);
    let link = format!("/v/{}", link::encode(practice.house.tenant, &SECRET));
    let birth = [("era", "showa"), ("y", "26"), ("m", "4"), ("d", "3")];
    let entered = phone.post(&format!("{link}/enter"), &birth).await;
    assert_eq!(entered.location(), "/visit", "{}", entered.body);
    phone
}

impl Joined {
    pub(crate) fn at(&self, place: &str) -> String {
        format!("{}/{place}", self.joint)
    }

    async fn informed(&mut self) {
        let place = self.at("information");
        let sent = post(&mut self.attending, &place, &INFORMATION).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let place = self.at("papers/information");
        let read = self.practice.physician.get(&place).await;
        assert!(read.body.contains("手のふるえ"), "{}", read.body);
        let place = self.at("information/judge");
        let said = post(&mut self.practice.physician, &place, &[("answer", "yes")]).await;
        assert_eq!(said.status, 303, "{}", said.body);
    }

    async fn agreed(&mut self, responsible: &'static str) {
        let terms = terms(&self.practice, responsible);
        let place = self.at("sharing");
        let written = post(&mut self.attending, &place, &borrowed(&terms)).await;
        assert_eq!(written.status, 303, "{}", written.body);
        let signed = self.signs().await;
        assert_eq!(signed.status, 303, "{}", signed.body);
    }

    /// The remote physician signs the agreement that is shown.
    async fn signs(&mut self) -> crate::consultation_seed::Said {
        let page = self.practice.physician.get(&self.joint).await;
        let agreement = hidden(&page, "agreement");
        let place = self.at("sharing/sign");
        let fields = [("agreement", agreement.as_str())];
        post(&mut self.practice.physician, &place, &fields).await
    }

    /// The patient reads who is who, and says yes.
    async fn told(&mut self) {
        let page = self.phone.get("/visit/joint").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.location());
        let shown = hidden(&page, "shown");
        let said = self
            .phone
            .post("/visit/joint", &[("shown", &shown), ("answer", "yes")])
            .await;
        assert_eq!(said.location(), "/visit", "{}", said.body);
    }

    async fn seated(&mut self) {
        let seat = format!("{}/seat", self.practice.address());
        let page = self.attending.get(&seat).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    }

    /// Everything that a joint visit asks before the start.
    pub(crate) async fn prepared(&mut self) {
        self.informed().await;
        self.agreed("attending").await;
        self.told().await;
        self.seated().await;
        // The page is read again after what came since.
        self.practice.page().await;
    }

    pub(crate) async fn present(&mut self, who: Who, there: bool) {
        self.practice.house.pass(SignedDuration::from_secs(20));
        let visit = self.practice.visit;
        write(&self.practice.house, move |tx| {
            Box::pin(async move {
                tx.keep_presence(&By::System, visit, (who, Source::Media), there)
                    .await
            })
        })
        .await;
    }

    /// Tries to start, and says which clause stands against it and why.
    async fn against(&mut self) -> (u16, String, String) {
        let said = self.practice.refused("admit", &[]).await;
        (
            said.status,
            said.clause().to_owned(),
            said.reason().to_owned(),
        )
    }
}

fn hidden(page: &Answer, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .body
        .split_once(&mark)
        .unwrap_or_else(|| panic!("{name}: {}", page.body));
    rest.split('"').next().unwrap().to_owned()
}

fn says(clause: &str, reason: &str) -> (u16, String, String) {
    (409, clause.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn a_visit_with_the_attending_physician_goes_from_booking_to_the_closed_note() {
    let mut all = joined(Service::WithPhysician, Seed::stand_in()).await;
    all.prepared().await;
    all.practice.live().await;
    let inside = all.practice.grants().await;
    assert_eq!(inside.len(), 3, "patient, remote and attending physician");
    all.practice.done("strip", &[]).await;
    all.practice.seen(75).await;
    assert_eq!(all.practice.enough().await.status, 303);
    all.practice.done("close", &NOTE).await;
    assert_eq!(all.practice.stage().await, "closed");
    let record = all.practice.record().await;
    for said in [
        "再診 主治医がそばにいる診察",
        "例沢 はるか",
        "主治医 例沢 physician",
        "ほかに いない",
    ] {
        assert!(record.contains(said), "{said}: {record}");
    }
    assert!(!record.contains("ひとり"), "{record}");
    assert!(!record.contains("いなかった"), "{record}");
    let ledger = all.practice.house.ledger(all.practice.house.tenant).await;
    assert!(
        ledger.iter().all(|entry| !entry.contains("手のふるえ")),
        "what was told stays sealed"
    );
}

#[tokio::test]
async fn it_is_offered_opened_and_booked_on_its_own_pages() {
    let mut seed = Seed::stand_in();
    seed.arrived = false;
    let mut practice = seed.open().await;
    let _attending = attending(&practice, (true, true)).await;
    let mut desk = practice.house.signed_in("reception").await;
    let (patient, own, remote) = (
        practice.patient.to_string(),
        person_id("second").to_string(),
        person_id("physician").to_string(),
    );
    let wanted = [
        ("patient", patient.as_str()),
        ("attending", own.as_str()),
        ("remote", remote.as_str()),
        ("service", "with_physician"),
    ];
    // Nobody has switched it on: it is on no page, and cannot be opened.
    assert_eq!(desk.get("/joint").await.status, StatusCode::NOT_FOUND);
    assert!(!desk.get("/bookings").await.body.contains("\"/joint\""));
    let off = post(&mut desk, "/joint", &wanted).await;
    assert_eq!((off.status, off.reason()), (409, "service_off"));
    let hers = post(&mut desk, "/house/joint", &[("with_physician", "yes")]).await;
    assert_eq!(hers.status, 403, "{}", hers.body);
    let mut administrator = practice.house.signed_in("administrator").await;
    let on = post(
        &mut administrator,
        "/house/joint",
        &[("with_physician", "yes")],
    )
    .await;
    assert_eq!(on.status, 303, "{}", on.body);
    assert!(desk.get("/bookings").await.body.contains("\"/joint\""));
    let page = desk.get(&format!("/joint?patient={patient}")).await;
    assert!(page.body.contains("with_physician"), "{}", page.body);
    let opened = desk.post("/joint", &wanted).await;
    let joint = opened.location().to_owned();
    assert!(joint.starts_with("/joint/"), "{}", opened.body);
    let tomorrow = legal_day(practice.house.now()).tomorrow().unwrap();
    let hour = [("date", tomorrow.to_string()), ("time", "10:00".to_owned())];
    let booked = post(&mut desk, &format!("{joint}/book"), &borrowed(&hour)).await;
    assert_eq!(booked.status, 303, "{}", booked.body);
    let twice = post(&mut desk, &format!("{joint}/book"), &borrowed(&hour)).await;
    assert!(twice.is_out_of_turn(), "{}", twice.body);
    let page = practice.physician.get(&joint).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    // An ordinary booking is made as before, and stands on none of this.
    assert!(!practice.page().await.contains(&joint));
}

#[tokio::test]
async fn cl_2_4_i_a_only_a_physician_who_has_seen_the_patient_in_person_sits_beside() {
    // The remote physician has seen the patient, the attending one never has.
    let mut all = joined(Service::WithPhysician, Seed::follow_up()).await;
    all.prepared().await;
    assert_eq!(
        all.against().await,
        says("cl-2.4-i-a", "attending_never_saw")
    );
    for (standing, why) in [
        ((false, true), "attending_of_nobody"),
        ((true, false), "attending_unproven"),
    ] {
        let mut all = joined_by(Service::WithPhysician, Seed::stand_in(), standing).await;
        all.prepared().await;
        assert_eq!(all.against().await, says("cl-2.4-i-a", why));
    }
}

#[tokio::test]
async fn cl_2_4_i_a_without_the_attending_physician_nothing_starts() {
    let mut all = joined(Service::WithPhysician, Seed::stand_in()).await;
    all.informed().await;
    all.agreed("attending").await;
    all.told().await;
    all.practice.page().await;
    assert_eq!(all.against().await, says("cl-2.4-i-a", "attending_away"));
    all.seated().await;
    all.practice.live().await;
}

#[tokio::test]
async fn cl_2_4_i_a_while_the_attending_physician_is_away_the_visit_pauses_and_nothing_is_signed() {
    let mut all = joined(Service::WithPhysician, Seed::stand_in()).await;
    all.prepared().await;
    all.practice.live().await;
    all.practice.done("strip", &[]).await;
    all.practice.seen(75).await;
    all.present(Who::Attending, false).await;
    let enough = [NOTE.as_slice(), &[("enough", "yes")]].concat();
    let said = all.practice.refused("enough", &enough).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.4-i-a"), "attending_absent")
    );
    let told = [("words", "なし")];
    let ordered = all.practice.refused("orders/told", &told).await;
    assert_eq!(ordered.status, 409, "{}", ordered.body);
    let page = all.practice.page().await;
    assert!(page.contains("id=\"paused\""), "{page}");
    let page = all.attending.get(&all.joint.clone()).await;
    assert!(page.body.contains("診察は止まっています"), "{}", page.body);

    all.present(Who::Attending, true).await;
    assert!(!all.practice.page().await.contains("id=\"paused\""));
    assert_eq!(all.practice.enough().await.status, 303);
    all.present(Who::Attending, false).await;
    let said = all.practice.refused("close", &NOTE).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.4-i-a"), "attending_absent")
    );
    let said = all.practice.refused("end", &[]).await;
    assert_eq!(said.reason(), "attending_absent");
    all.present(Who::Attending, true).await;
    all.practice.done("end", &[]).await;
    // After the call the physicians part: it counts who was there at its end.
    all.practice.house.pass(SignedDuration::from_mins(1));
    all.practice.done("close", &NOTE).await;
    let mut read = all
        .practice
        .house
        .store
        .read(all.practice.house.tenant)
        .await
        .unwrap();
    let presence = read.joint_presence(all.practice.visit).await.unwrap();
    assert_eq!(presence.attending.len(), 3, "each time is kept");
    assert!(presence.attending.iter().all(|time| time.until.is_some()));
    drop(read);
    let record = all.practice.record().await;
    assert!(record.contains("途中 2回 いなかった"), "{record}");
}

#[tokio::test]
async fn cl_2_4_i_a_in_one_room_both_the_physician_and_the_patient_say_so() {
    let mut all = joined(Service::WithPhysician, Seed::stand_in()).await;
    all.informed().await;
    all.agreed("attending").await;
    all.told().await;
    let way = all.at("way");
    let remote = post(&mut all.practice.physician, &way, &[("way", "same_room")]).await;
    assert_eq!(remote.status, 403, "{}", remote.body);
    let said = post(&mut all.attending, &way, &[("way", "same_room")]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    all.practice.page().await;
    // The physician alone says it: the patient has not confirmed the room.
    let (status, _, why) = all.against().await;
    assert_eq!((status, why.as_str()), (409, "patient_unconfirmed"));
    let page = all.phone.get("/visit/joint").await;
    assert!(page.body.contains("同じ部屋"), "{}", page.body);
    all.told().await;
    all.practice.live().await;
    let place = all.at("presence");
    let left = post(&mut all.practice.physician, &place, &[("there", "no")]).await;
    assert_eq!(left.status, 303, "{}", left.body);
    all.practice.done("strip", &[]).await;
    all.practice.seen(75).await;
    let said = all.practice.enough().await;
    assert_eq!(said.reason(), "attending_absent", "{}", said.body);
    all.practice.house.pass(SignedDuration::from_secs(20));
    // Back comes only the attending physician's own word.
    let back = post(&mut all.practice.physician, &place, &[("there", "yes")]).await;
    assert_eq!(back.status, 403, "{}", back.body);
    let back = post(&mut all.attending, &place, &[("there", "yes")]).await;
    assert_eq!(back.status, 303, "{}", back.body);
    assert_eq!(all.practice.enough().await.status, 303);
    all.practice.done("close", &NOTE).await;
    let record = all.practice.record().await;
    assert!(record.contains("主治医 例沢 physician"), "{record}");
    assert!(record.contains("途中 1回 いなかった"), "{record}");
    assert!(!record.contains("ひとり"), "{record}");
}

#[tokio::test]
async fn cl_2_4_i_b_the_remote_physician_has_opened_what_was_sent_and_found_it_enough() {
    let mut all = joined(Service::WithPhysician, Seed::stand_in()).await;
    all.agreed("attending").await;
    all.told().await;
    all.seated().await;
    all.practice.page().await;
    assert_eq!(
        all.against().await,
        says("cl-2.4-i-b", "information_missing")
    );
    let (inform, judge) = (all.at("information"), all.at("information/judge"));
    let mut empty = INFORMATION;
    empty[1].1 = " ";
    let said = post(&mut all.attending, &inform, &empty).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((422, "cl-2.4-i-b"), "information_empty")
    );
    let own = post(&mut all.practice.physician, &inform, &INFORMATION).await;
    assert_eq!(own.status, 403, "the remote physician informs nobody");
    let sent = post(&mut all.attending, &inform, &INFORMATION).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert_eq!(all.against().await.2, "information_unopened");
    let blind = post(&mut all.practice.physician, &judge, &[("answer", "yes")]).await;
    assert_eq!(
        (blind.status, blind.reason()),
        (409, "information_unopened")
    );
    let paper = all.at("papers/information");
    assert_eq!(
        all.practice.physician.get(&paper).await.status,
        StatusCode::OK
    );
    assert_eq!(all.against().await.2, "information_unjudged");
    let silent = post(&mut all.practice.physician, &judge, &[("answer", "no")]).await;
    assert_eq!((silent.status, silent.reason()), (422, "request_empty"));
    let no = [("answer", "no"), ("request", "薬の一覧がほしい")];
    let said = post(&mut all.practice.physician, &judge, &no).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(all.against().await.2, "information_insufficient");
    let page = all.attending.get(&all.joint.clone()).await;
    assert!(page.body.contains("薬の一覧がほしい"), "{}", page.body);
    // Sent again it is another paper: the old answer does not stand for it.
    let again = post(&mut all.attending, &inform, &INFORMATION).await;
    assert_eq!(again.status, 303, "{}", again.body);
    assert_eq!(all.against().await.2, "information_unopened");
    all.informed().await;
    all.practice.live().await;
    for subject in [
        "information.sent",
        "information.opened",
        "information.judged",
    ] {
        assert!(all.practice.entries(subject).await > 0, "{subject}");
    }
}

#[tokio::test]
async fn cl_2_4_ii_a_the_remote_physician_answers_only_where_both_agreed_and_the_patient_knows() {
    let mut all = joined(Service::WithPhysician, Seed::stand_in()).await;
    all.prepared().await;
    let place = all.at("responsible");
    for (side, why) in [
        ("remote", "responsible_without_agreement"),
        ("", "no_responsible"),
    ] {
        let said = post(&mut all.attending, &place, &[("responsible", side)]).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, "cl-2.4-ii-a"), why),
            "{side}"
        );
    }
    all.practice.house.pass(SignedDuration::from_secs(1));
    all.agreed("remote").await;
    let said = post(&mut all.attending, &place, &[("responsible", "remote")]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    // The patient was told of the other one.
    assert_eq!(
        all.against().await,
        says("cl-2.4-ii-a", "responsible_untold")
    );
    let page = all.phone.get("/visit/joint").await;
    assert!(page.body.contains("責任を負う医師"), "{}", page.body);
    all.told().await;
    all.practice.live().await;
    let late = post(&mut all.attending, &place, &[("responsible", "attending")]).await;
    assert!(late.is_out_of_turn(), "{}", late.body);
}

#[tokio::test]
async fn cl_2_4_ii_b_an_agreement_of_these_two_signed_by_both_holds_at_the_start() {
    let mut all = joined(Service::WithPhysician, Seed::stand_in()).await;
    all.informed().await;
    all.told().await;
    all.seated().await;
    all.practice.page().await;
    assert_eq!(all.against().await, says("cl-2.4-ii-b", "sharing_missing"));
    // Of another pair.
    let today = legal_day(all.practice.house.now());
    write(&all.practice.house, move |tx| {
        Box::pin(async move {
            let terms = care::attended::Terms {
                cases: "すべて".into(),
                line_failure: "電話".into(),
                decides: "主治医".into(),
                explains: "主治医".into(),
                insurance: "各自".into(),
                responsible: care::attended::Side::Attending,
                from: today,
                until: today,
            };
            let pair = (person_id("third"), person_id("physician"));
            let side = care::attended::Side::Attending;
            let id = tx
                .write_sharing(&staff(Role::Physician), pair, &terms, side)
                .await?;
            let other = care::attended::Side::Remote;
            tx.sign_sharing(&staff(Role::Physician), id, other).await
        })
    })
    .await;
    assert_eq!(all.against().await.2, "sharing_missing");
    let sharing = all.at("sharing");
    let mut empty = terms(&all.practice, "attending");
    empty[1].1.clear();
    let said = post(&mut all.attending, &sharing, &borrowed(&empty)).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((422, "cl-2.4-ii-b"), "sharing_empty")
    );
    let whole = terms(&all.practice, "attending");
    let said = post(&mut all.attending, &sharing, &borrowed(&whole)).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(all.against().await.2, "sharing_unsigned");
    let twice = {
        let page = all.practice.physician.get(&all.joint.clone()).await;
        let agreement = hidden(&page, "agreement");
        let sign = all.at("sharing/sign");
        post(&mut all.attending, &sign, &[("agreement", &agreement)]).await
    };
    assert!(twice.is_out_of_turn(), "one physician signs once");
    assert_eq!(all.signs().await.status, 303);
    all.practice.live().await;
}

#[tokio::test]
async fn a_nurse_is_no_attending_physician() {
    let practice = Seed::stand_in().open().await;
    write(&practice.house, |tx| {
        Box::pin(async move {
            tx.offer_joint(&staff(Role::Administrator), Service::RemoteSpecialist, true)
                .await
        })
    })
    .await;
    let mut desk = practice.house.signed_in("reception").await;
    let fields = [
        ("patient", practice.patient.to_string()),
        ("attending", person_id("nurse").to_string()),
        ("remote", person_id("physician").to_string()),
        ("service", "remote_specialist".to_owned()),
    ];
    let said = post(&mut desk, "/joint", &borrowed(&fields)).await;
    assert_eq!(
        (said.status, said.reason()),
        (422, "attending_no_physician")
    );
}

impl Joined {
    async fn needed(&mut self, need: &[(&str, &str)]) {
        let place = self.at("need");
        let stated = post(&mut self.attending, &place, need).await;
        assert_eq!(stated.status, 303, "{}", stated.body);
        let place = self.at("need/answer");
        let said = post(&mut self.practice.physician, &place, &[("answer", "yes")]).await;
        assert_eq!(said.status, 303, "{}", said.body);
    }

    async fn lettered(&mut self) {
        let letter = [("text", "ご高診のほど"), ("sign", "yes")];
        let place = self.at("letter");
        let written = post(&mut self.attending, &place, &letter).await;
        assert_eq!(written.status, 303, "{}", written.body);
        let place = self.at("papers/letter");
        let read = self.practice.physician.get(&place).await;
        assert!(read.body.contains("ご高診"), "{}", read.body);
    }
}

#[tokio::test]
async fn cl_2_4_2_i_the_need_is_stated_by_the_one_and_accepted_by_the_other_before_an_hour_exists()
{
    let mut seed = Seed::stand_in();
    seed.arrived = false;
    let mut practice = seed.open().await;
    let mut own = attending(&practice, (true, true)).await;
    let patient = practice.patient;
    let joint = write(&practice.house, move |tx| {
        Box::pin(async move {
            let service = Service::RemoteSpecialist;
            tx.offer_joint(&staff(Role::Administrator), service, true)
                .await?;
            let pair = (person_id("second"), person_id("physician"));
            tx.open_joint(&staff(Role::Reception), patient, pair, service)
                .await
        })
    })
    .await;
    let joint = format!("/joint/{joint}");
    let tomorrow = legal_day(practice.house.now()).tomorrow().unwrap();
    let hour = [("date", tomorrow.to_string()), ("time", "10:00".to_owned())];
    let (book, need) = (format!("{joint}/book"), format!("{joint}/need"));
    let mut desk = practice.house.signed_in("reception").await;
    let none = post(&mut desk, &book, &borrowed(&hour)).await;
    assert_eq!(
        (none.spoke(), none.reason()),
        ((409, "cl-2.4.2-i"), "need_missing")
    );
    // Twenty kilometres by car are half an hour: that alone is no need.
    let near = [
        ("ground", "travel"),
        ("distance_km", "20"),
        ("means", "car"),
    ];
    let short = post(&mut own, &need, &near).await;
    assert_eq!(
        (short.spoke(), short.reason()),
        ((409, "cl-2.4.2-i"), "travel_short")
    );
    let far = [
        ("ground", "travel"),
        ("distance_km", "80"),
        ("means", "car"),
    ];
    let remote = post(&mut practice.physician, &need, &far).await;
    assert_eq!(remote.status, 403, "the attending physician states it");
    let stated = post(&mut own, &need, &far).await;
    assert_eq!(stated.status, 303, "{}", stated.body);
    let unanswered = post(&mut desk, &book, &borrowed(&hour)).await;
    assert_eq!(
        (unanswered.status, unanswered.reason()),
        (409, "need_unaccepted")
    );
    let answer = format!("{joint}/need/answer");
    let self_made = post(&mut own, &answer, &[("answer", "yes")]).await;
    assert_eq!(self_made.status, 403, "{}", self_made.body);
    let accepted = post(&mut practice.physician, &answer, &[("answer", "yes")]).await;
    assert_eq!(accepted.status, 303, "{}", accepted.body);
    let booked = post(&mut desk, &book, &borrowed(&hour)).await;
    assert_eq!(booked.status, 303, "{}", booked.body);
}

#[tokio::test]
async fn cl_2_4_2_ii_a_patient_and_both_physicians_are_there_together() {
    let mut all = joined(Service::RemoteSpecialist, Seed::stand_in()).await;
    all.needed(&[("ground", "hard")]).await;
    all.lettered().await;
    all.informed().await;
    all.agreed("attending").await;
    all.told().await;
    all.practice.page().await;
    assert_eq!(all.against().await.2, "attending_away");
    all.seated().await;
    all.practice.live().await;
    all.practice.done("strip", &[]).await;
    all.practice.seen(75).await;
    for (who, why) in [
        (Who::Attending, "attending_absent"),
        (Who::Patient, "patient_absent"),
        (Who::Remote, "remote_absent"),
    ] {
        all.present(who, false).await;
        let enough = [NOTE.as_slice(), &[("enough", "yes")]].concat();
        let said = all.practice.refused("enough", &enough).await;
        assert_eq!((said.spoke(), said.reason()), ((409, "cl-2.4.2-ii-a"), why));
        all.present(who, true).await;
    }
    assert_eq!(all.practice.enough().await.status, 303);
}

#[tokio::test]
async fn cl_2_4_2_ii_b_a_signed_letter_is_opened_before_and_a_reply_closes_the_visit() {
    let mut all = joined(Service::RemoteSpecialist, Seed::stand_in()).await;
    all.needed(&[("ground", "continuity")]).await;
    all.prepared().await;
    assert_eq!(all.against().await, says("cl-2.4.2-ii-b", "letter_missing"));
    let (letter, paper) = (all.at("letter"), all.at("papers/letter"));
    let draft = post(&mut all.attending, &letter, &[("text", "下書き")]).await;
    assert_eq!(draft.status, 303, "{}", draft.body);
    assert_eq!(all.against().await.2, "letter_unsigned");
    let signed = [("text", "ご高診のほど"), ("sign", "yes")];
    let remote = post(&mut all.practice.physician, &letter, &signed).await;
    assert_eq!(remote.status, 403, "{}", remote.body);
    let written = post(&mut all.attending, &letter, &signed).await;
    assert_eq!(written.status, 303, "{}", written.body);
    // Its own author's look does not open it.
    all.attending.get(&paper).await;
    assert_eq!(all.against().await.2, "letter_unopened");
    all.practice.physician.get(&paper).await;
    let reply = all.at("reply");
    let answer = [("text", "本態性振戦と考えます"), ("sign", "yes")];
    let early = post(&mut all.practice.physician, &reply, &answer).await;
    assert!(early.is_out_of_turn(), "{}", early.body);
    all.practice.closable().await;
    all.practice.done("close", &NOTE).await;
    assert_eq!(
        all.practice.stage().await,
        "documented",
        "signed, and waiting for the reply"
    );
    let said = all.practice.refused("close", &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.4.2-ii-b"), "reply_missing")
    );
    let draft = [("text", "下書き")];
    post(&mut all.practice.physician, &reply, &draft).await;
    assert_eq!(all.practice.act("close", &[]).await.status, 409);
    all.practice.house.pass(SignedDuration::from_secs(1));
    let written = post(&mut all.practice.physician, &reply, &answer).await;
    assert_eq!(written.status, 303, "{}", written.body);
    all.practice.done("close", &[]).await;
    assert_eq!(all.practice.stage().await, "closed");
}
