//! Remote surgery: for whom, after which guideline, over which line, tested when, and who goes on when the line is lost.

use crate::{
    consultation_seed::{Practice, Said, Seed, post, staff, write},
    joint::{Joined, joined},
    support::{Browser, person_id},
};
use access::Role;
use axum::http::StatusCode;
use care::{
    Service,
    attended::{JointId, Side},
    surgery::{Content, Counted, EntryId, Subject, Try},
};
use jiff::{SignedDuration, ToSpan as _};
use store::{By, Fault, dossier::legal_day, joint::Who};

const WHOLE: Counted = Counted {
    video_seconds: 6,
    audio_seconds: 6,
    loss_permille: 0,
};
const LIMIT: i64 = 100;

/// What the registers of a clinic hold.
#[derive(Clone, Copy)]
struct Registers {
    guideline: EntryId,
    here: EntryId,
    there: EntryId,
    line: EntryId,
}

async fn registers(practice: &Practice) -> Registers {
    write(&practice.house, |tx| {
        Box::pin(async move {
            let (by, who) = (staff(Role::Administrator), person_id("administrator"));
            let guideline = Content::Guideline {
                name: "見本学会 遠隔手術の指針".into(),
                edition: "第1版".into(),
                criteria: vec!["難しい手技".into(), "移動が難しい".into()],
            };
            let line = Content::Network {
                name: "専用線".into(),
                dedicated: true,
                mbps: 100,
                redundancy: "別経路".into(),
                delay_ms_max: u32::try_from(LIMIT).unwrap(),
            };
            Ok(Registers {
                guideline: tx.enter_surgery(&by, who, &guideline).await?,
                here: tx
                    .enter_surgery(
                        &by,
                        who,
                        &Content::Site {
                            name: "手術室".into(),
                        },
                    )
                    .await?,
                there: tx
                    .enter_surgery(
                        &by,
                        who,
                        &Content::Site {
                            name: "遠隔室".into(),
                        },
                    )
                    .await?,
                line: tx.enter_surgery(&by, who, &line).await?,
            })
        })
    })
    .await
}

/// Everything that the administrator attests.
async fn attested(practice: &Practice, at: Registers) {
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let (by, who) = (staff(Role::Administrator), person_id("administrator"));
            let guideline = Some(at.guideline);
            for about in [
                (Subject::Guideline, guideline, None),
                (Subject::Structure, guideline, Some(at.here)),
                (Subject::Structure, guideline, Some(at.there)),
                (Subject::Drill, None, None),
            ] {
                tx.attest_surgery(&by, who, about).await?;
            }
            Ok(())
        })
    })
    .await;
}

/// Both sides probed for the day and night that went by, 20 milliseconds each, but for one hour.
async fn probed(practice: &Practice, at: Registers, worst: i64) {
    let (store, tenant) = (&practice.house.store, practice.house.tenant);
    for hour in 0..26 {
        let delay = if hour == 5 { worst } else { 20 };
        let then = practice.house.now() - SignedDuration::from_hours(26 - hour)
            + SignedDuration::from_mins(59);
        store
            .write::<(), Fault, _>(tenant, then, move |tx| {
                Box::pin(async move {
                    for side in Side::ALL {
                        tx.keep_surgery_probe(&By::System, (at.line, side), delay)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
    }
}

async fn tries(all: &Joined, sides: &'static [Side], what: &'static [Try]) {
    let joint: JointId = all.joint.trim_start_matches("/joint/").parse().unwrap();
    write(&all.practice.house, move |tx| {
        Box::pin(async move {
            for side in sides {
                for what in what {
                    tx.keep_surgery_try(&By::System, (joint, *side, *what), (true, WHOLE))
                        .await?;
                }
            }
            Ok(())
        })
    })
    .await;
}

fn eligibility(at: Registers) -> Vec<(&'static str, String)> {
    vec![
        ("why_remote", "執刀できる医師が遠方にしかいない".into()),
        ("why_not_moved", "全身の状態から搬送できない".into()),
        ("guideline", at.guideline.to_string()),
        ("criterion", "難しい手技".into()),
        ("criterion", "移動が難しい".into()),
        ("sign", "yes".into()),
    ]
}

fn arrangement(at: Registers) -> Vec<(&'static str, String)> {
    vec![
        ("attending_site", at.here.to_string()),
        ("remote_site", at.there.to_string()),
        ("network", at.line.to_string()),
        ("takes_over", "主治医".into()),
        ("skills", "開腹の経験".into()),
        ("equipment", "開腹の器具".into()),
        ("decision_seconds", "30".into()),
    ]
}

fn borrowed<'f>(fields: &'f [(&'static str, String)]) -> Vec<(&'f str, &'f str)> {
    fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// The same with one field otherwise; empty leaves it out.
fn but(
    fields: Vec<(&'static str, String)>,
    field: &str,
    value: &str,
) -> Vec<(&'static str, String)> {
    fields
        .into_iter()
        .filter(|(name, _)| *name != field || !value.is_empty())
        .map(|(name, own)| {
            if name == field {
                (name, value.to_owned())
            } else {
                (name, own)
            }
        })
        .collect()
}

async fn state(all: &mut Joined, fields: &[(&'static str, String)]) -> Said {
    let path = all.at("eligibility");
    post(&mut all.attending, &path, &borrowed(fields)).await
}

async fn arranged(all: &mut Joined, at: Registers) {
    let path = all.at("arrangement");
    let said = post(&mut all.attending, &path, &borrowed(&arrangement(at))).await;
    assert_eq!(said.status, 303, "{}", said.body);
}

async fn signed(all: &mut Joined, at: Registers) {
    let said = state(all, &eligibility(at)).await;
    assert_eq!(said.status, 303, "{}", said.body);
    let path = all.at("eligibility/sign");
    let said = post(&mut all.practice.physician, &path, &[]).await;
    assert_eq!(said.status, 303, "{}", said.body);
}

/// A joint visit with its hour, in a clinic where registers, attestations and probes are whole.
async fn ready(worst: i64) -> (Joined, Registers) {
    let all = joined(Service::RemoteSurgery, Seed::stand_in()).await;
    let at = registers(&all.practice).await;
    probed(&all.practice, at, worst).await;
    attested(&all.practice, at).await;
    (all, at)
}

/// Opens another joint visit of the same two for the same patient, to be booked.
async fn another(all: &mut Joined) {
    let patient = all.practice.patient;
    let id = write(&all.practice.house, move |tx| {
        Box::pin(async move {
            let pair = (person_id("second"), person_id("physician"));
            tx.open_joint(
                &staff(Role::Reception),
                patient,
                pair,
                Service::RemoteSurgery,
            )
            .await
        })
    })
    .await;
    all.joint = format!("/joint/{id}");
}

async fn book(all: &mut Joined) -> Said {
    let tomorrow = legal_day(all.practice.house.now()).saturating_add(1.day());
    let hour = [("date", tomorrow.to_string()), ("time", "10:00".to_owned())];
    let path = all.at("book");
    post(&mut all.attending, &path, &borrowed(&hour)).await
}

async fn against(all: &mut Joined, clause: &str, reason: &str) {
    let said = book(all).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, clause), reason),
        "{}",
        said.body
    );
}

#[tokio::test]
async fn cl_2_4_1_i_a_two_statements_and_two_signatures_come_before_the_hour() {
    let (mut all, at) = ready(20).await;
    another(&mut all).await;
    arranged(&mut all, at).await;
    let clause = "cl-2.4.1-i-a";
    against(&mut all, clause, "eligibility_missing").await;
    // One statement cannot be signed, and kept as a draft it leads to no hour.
    for field in ["why_remote", "why_not_moved"] {
        let one = but(eligibility(at), field, "");
        let said = state(&mut all, &one).await;
        assert_eq!(
            (said.spoke(), said.reason()),
            ((409, clause), "statement_missing")
        );
        let said = state(&mut all, &but(one, "sign", "")).await;
        assert_eq!(said.status, 303, "{}", said.body);
        all.practice.house.pass(SignedDuration::from_secs(1));
        against(&mut all, clause, "statement_missing").await;
    }
    let said = state(&mut all, &but(eligibility(at), "sign", "")).await;
    assert_eq!(said.status, 303, "{}", said.body);
    all.practice.house.pass(SignedDuration::from_secs(1));
    against(&mut all, clause, "attending_unsigned").await;
    // The distant physician signs nothing that the attending one has not signed, and writes nothing instead.
    let sign = all.at("eligibility/sign");
    let said = post(&mut all.practice.physician, &sign, &[]).await;
    assert_eq!(said.reason(), "attending_unsigned", "{}", said.body);
    let path = all.at("eligibility");
    let said = post(
        &mut all.practice.physician,
        &path,
        &borrowed(&eligibility(at)),
    )
    .await;
    assert_eq!(said.status, 403, "{}", said.body);
    let said = state(&mut all, &eligibility(at)).await;
    assert_eq!(said.status, 303, "{}", said.body);
    against(&mut all, clause, "remote_unsigned").await;
    let said = post(&mut all.attending, &sign, &[]).await;
    assert_eq!(said.status, 403, "{}", said.body);
    let said = post(&mut all.practice.physician, &sign, &[]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(all.practice.entries("eligibility.signed").await, 1);
    let said = book(&mut all).await;
    assert_eq!(said.status, 303, "{}", said.body);
    let ledger = all.practice.house.ledger(all.practice.house.tenant).await;
    assert!(ledger.iter().all(|entry| !entry.contains("執刀できる")));
}

#[tokio::test]
async fn cl_2_4_1_i_a_only_an_administrators_attestation_switches_it_on() {
    let mut practice = Seed::follow_up().open().await;
    let on = [("on", "yes"), ("attest", "yes")];
    for who in ["reception", "physician"] {
        let mut browser: Browser = practice.house.signed_in(who).await;
        let said = post(&mut browser, "/house/surgery", &on).await;
        assert_eq!(said.status, 403, "{who}: {}", said.body);
    }
    assert_eq!(
        practice.physician.get("/joint").await.status,
        StatusCode::NOT_FOUND
    );
    let mut administrator = practice.house.signed_in("administrator").await;
    let bare = administrator.post("/house/surgery", &[("on", "yes")]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        practice.physician.get("/joint").await.status,
        StatusCode::NOT_FOUND
    );
    let said = post(&mut administrator, "/house/surgery", &on).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(practice.entries("attestation.signed").await, 1);
    assert_eq!(
        practice.physician.get("/joint").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn cl_2_4_1_i_b_a_guideline_of_the_register_in_its_attested_edition() {
    let (mut all, at) = ready(20).await;
    another(&mut all).await;
    arranged(&mut all, at).await;
    let clause = "cl-2.4.1-i-b";
    signed(&mut all, at).await;
    let mut none = but(eligibility(at), "guideline", "");
    none.retain(|(name, _)| *name != "criterion");
    for (fields, reason) in [
        (none, "guideline_missing"),
        (
            but(eligibility(at), "criterion", "別の基準"),
            "criteria_missing",
        ),
    ] {
        all.practice.house.pass(SignedDuration::from_secs(1));
        let said = state(&mut all, &fields).await;
        assert_eq!(said.status, 303, "{}", said.body);
        let path = all.at("eligibility/sign");
        let said = post(&mut all.practice.physician, &path, &[]).await;
        assert_eq!(said.status, 303, "{}", said.body);
        against(&mut all, clause, reason).await;
    }
    // A year later nobody has looked whether it is still the current edition.
    all.practice
        .house
        .pass(SignedDuration::from_hours(366 * 24));
    all.attending = all.practice.house.signed_in("second").await;
    all.practice.physician = all.practice.house.signed_in("physician").await;
    signed(&mut all, at).await;
    let mut administrator = all.practice.house.signed_in("administrator").await;
    let page = administrator.get("/house/checklist?show=finding").await;
    assert!(
        page.body.contains("surgery_guideline_overdue"),
        "{}",
        page.body
    );
    let mut read = all
        .practice
        .house
        .store
        .read(all.practice.house.tenant)
        .await
        .unwrap();
    let id: JointId = all.joint.trim_start_matches("/joint/").parse().unwrap();
    let joint = read.joint(id).await.unwrap().unwrap();
    let now = all.practice.house.now();
    let facts = read.surgery_facts(&joint, now).await.unwrap();
    let refusal = care::surgery::guided(&facts, legal_day(now)).unwrap_err();
    assert_eq!(refusal.reason, "surgery_guideline_overdue");
}

#[tokio::test]
async fn cl_2_4_1_ii_a_the_server_measures_the_line_from_both_sides_for_a_day() {
    let (mut all, at) = ready(20).await;
    another(&mut all).await;
    signed(&mut all, at).await;
    let clause = "cl-2.4.1-ii-a";
    // Another line of the register that nobody has measured.
    let line = write(&all.practice.house, |tx| {
        Box::pin(async move {
            let content = Content::Network {
                name: "新しい線".into(),
                dedicated: true,
                mbps: 100,
                redundancy: "別経路".into(),
                delay_ms_max: 100,
            };
            let (by, who) = (staff(Role::Administrator), person_id("administrator"));
            tx.enter_surgery(&by, who, &content).await
        })
    })
    .await;
    let path = all.at("arrangement");
    let other = but(arrangement(at), "network", &line.to_string());
    let said = post(&mut all.attending, &path, &borrowed(&other)).await;
    assert_eq!(said.status, 303, "{}", said.body);
    against(&mut all, clause, "no_probe_series").await;
    // The mark that comes back is the server's own: nothing typed is a measurement.
    let probe = format!("/surgery/lines/{line}/remote/probe");
    for made_up in ["?echo=1.00", "?echo=5", "?delay_ms=1"] {
        let _ = all
            .practice
            .physician
            .get(&format!("{probe}{made_up}"))
            .await;
    }
    let kept = |all: &Joined| {
        let (store, tenant, now) = (
            all.practice.house.store.clone(),
            all.practice.house.tenant,
            all.practice.house.now(),
        );
        async move {
            let mut read = store.read(tenant).await.unwrap();
            read.surgery_probes(line, now).await.unwrap()
        }
    };
    assert!(kept(&all).await.is_empty());
    let mark = all.practice.physician.get(&probe).await;
    let at_mark = mark.body.find("echo=").unwrap() + 5;
    let mark: String = mark.body[at_mark..]
        .chars()
        .take_while(|letter| *letter != '"')
        .collect();
    all.practice.house.pass(SignedDuration::from_millis(70));
    let said = all
        .practice
        .physician
        .get(&format!("{probe}?echo={mark}"))
        .await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.body);
    let measured = kept(&all).await;
    assert_eq!((measured.len(), measured[0].worst_ms), (1, 70));
    // The same mark of another side or browser is none.
    let elsewhere = format!("/surgery/lines/{line}/attending/probe?echo={mark}");
    assert!(
        all.practice
            .physician
            .get(&elsewhere)
            .await
            .status
            .is_client_error()
    );
    all.practice.house.pass(SignedDuration::from_secs(1));
    arranged(&mut all, at).await;
    let said = book(&mut all).await;
    assert_eq!(said.status, 303, "{}", said.body);
}

#[tokio::test]
async fn cl_2_4_1_ii_a_one_delay_over_the_limit_in_the_series_stops_the_booking() {
    let (mut all, at) = ready(LIMIT + 1).await;
    another(&mut all).await;
    signed(&mut all, at).await;
    arranged(&mut all, at).await;
    against(&mut all, "cl-2.4.1-ii-a", "delay_over_limit").await;
}

#[tokio::test]
async fn cl_2_4_1_ii_b_both_lines_and_both_physicians_within_the_hour() {
    let (mut all, at) = ready(20).await;
    signed(&mut all, at).await;
    arranged(&mut all, at).await;
    let clause = "cl-2.4.1-ii-b";
    let (id, now) = (
        all.joint.trim_start_matches("/joint/").to_owned(),
        |all: &Joined| all.practice.house.now(),
    );
    let id: JointId = id.parse().unwrap();
    let judged = |all: &Joined| {
        let (store, tenant, now) = (
            all.practice.house.store.clone(),
            all.practice.house.tenant,
            now(all),
        );
        async move {
            let mut read = store.read(tenant).await.unwrap();
            let joint = read.joint(id).await.unwrap().unwrap();
            let facts = read.surgery_facts(&joint, now).await.unwrap();
            care::surgery::tested(&facts, now)
                .err()
                .map_or("", |refusal| refusal.reason)
        }
    };
    let good = all.at("good");
    let said = post(&mut all.attending, &good, &[]).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, clause), "media_untested")
    );
    tries(&all, &Side::ALL, &[Try::Main]).await;
    assert_eq!(judged(&all).await, "backup_untested");
    let said = post(&mut all.attending, &good, &[]).await;
    assert_eq!(said.reason(), "backup_untested", "{}", said.body);
    tries(&all, &Side::ALL, &[Try::Backup]).await;
    // The delay was measured an hour ago and more: measured anew.
    assert_eq!(judged(&all).await, "not_both_good");
    assert_eq!(post(&mut all.attending, &good, &[]).await.status, 303);
    assert_eq!(judged(&all).await, "not_both_good");
    let said = post(&mut all.practice.physician, &good, &[]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(judged(&all).await, "");
    // Two hours later it counts for nothing, at the gate either.
    all.practice.house.pass(SignedDuration::from_hours(2));
    assert_eq!(judged(&all).await, "media_untested");
    let open = all.practice.open_lines().await;
    assert!(
        open.iter().any(|line| line.contains("cl-2.4.1-ii-b")),
        "{open:?}"
    );
}

#[tokio::test]
async fn cl_2_4_1_ii_c_no_hour_without_a_plan_and_a_drill() {
    let (mut all, at) = ready(20).await;
    another(&mut all).await;
    signed(&mut all, at).await;
    against(&mut all, "cl-2.4.1-ii-d", "structure_unsigned").await;
    let path = all.at("arrangement");
    for (field, value) in [
        ("takes_over", ""),
        ("skills", ""),
        ("equipment", ""),
        ("decision_seconds", "0"),
        ("decision_seconds", "301"),
    ] {
        let fields = but(arrangement(at), field, value);
        let said = all.attending.post(&path, &borrowed(&fields)).await;
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
    arranged(&mut all, at).await;
    let id: JointId = all.joint.trim_start_matches("/joint/").parse().unwrap();
    let mut read = all
        .practice
        .house
        .store
        .read(all.practice.house.tenant)
        .await
        .unwrap();
    let joint = read.joint(id).await.unwrap().unwrap();
    let now = all.practice.house.now();
    let mut facts = read.surgery_facts(&joint, now).await.unwrap();
    drop(read);
    facts.attested.retain(|one| one.subject != Subject::Drill);
    let refusal = care::surgery::bookable(&facts, now).unwrap_err();
    assert_eq!(
        (refusal.clause.id(), refusal.reason),
        ("cl-2.4.1-ii-c", "drill_overdue")
    );
    let said = book(&mut all).await;
    assert_eq!(said.status, 303, "{}", said.body);
}

#[tokio::test]
async fn cl_2_4_1_ii_c_a_lost_line_says_take_over_within_the_time_and_the_decision_is_kept() {
    let (mut all, at) = ready(20).await;
    signed(&mut all, at).await;
    arranged(&mut all, at).await;
    tries(&all, &Side::ALL, &[Try::Main, Try::Backup, Try::Good]).await;
    all.prepared().await;
    all.practice.live().await;
    all.present(Who::Remote, true).await;
    all.present(Who::Remote, false).await;
    let seat = format!("{}/seat", all.practice.address());
    let takeover = all.at("takeover");
    let decide = [("decision", "take_over")];
    let early = post(&mut all.attending, &takeover, &decide).await;
    assert!(early.is_out_of_turn(), "{}", early.body);
    assert!(
        !all.attending
            .get(&seat)
            .await
            .body
            .contains("id=\"takeover\"")
    );
    assert_eq!(all.practice.entries("call.lost").await, 0);
    all.practice.house.pass(SignedDuration::from_secs(31));
    let page = all.attending.get(&seat).await;
    assert!(page.body.contains("id=\"takeover\""), "{}", page.body);
    assert_eq!(all.practice.entries("call.lost").await, 1);
    let said = post(&mut all.practice.physician, &takeover, &decide).await;
    assert_eq!(said.status, 403, "{}", said.body);
    // Whoever waits is asked again when the time is over; whoever took over is not.
    for (decision, entries, again) in [("wait", 2, true), ("take_over", 3, false)] {
        let said = post(&mut all.attending, &takeover, &[("decision", decision)]).await;
        assert_eq!(said.status, 303, "{}", said.body);
        assert_eq!(all.practice.entries("call.lost").await, entries);
        let page = all.attending.get(&seat).await;
        assert!(!page.body.contains("id=\"takeover\""), "{decision}");
        all.practice.house.pass(SignedDuration::from_secs(31));
        let page = all.attending.get(&seat).await;
        assert_eq!(page.body.contains("id=\"takeover\""), again, "{decision}");
    }
}

#[tokio::test]
async fn cl_2_4_1_ii_d_both_sites_have_a_checklist_of_this_year() {
    let (mut all, at) = ready(20).await;
    another(&mut all).await;
    signed(&mut all, at).await;
    let mut administrator = all.practice.house.signed_in("administrator").await;
    let site = write(&all.practice.house, |tx| {
        Box::pin(async move {
            let (by, who) = (staff(Role::Administrator), person_id("administrator"));
            tx.enter_surgery(
                &by,
                who,
                &Content::Site {
                    name: "新館".into(),
                },
            )
            .await
        })
    })
    .await;
    let path = all.at("arrangement");
    let elsewhere = but(arrangement(at), "attending_site", &site.to_string());
    let said = post(&mut all.attending, &path, &borrowed(&elsewhere)).await;
    assert_eq!(said.status, 303, "{}", said.body);
    against(&mut all, "cl-2.4.1-ii-d", "structure_unsigned").await;
    // Part by part: one that is left out signs nothing.
    let (guideline, site) = (at.guideline.to_string(), site.to_string());
    let mut fields = vec![
        ("subject", "surgery_structure"),
        ("guideline", guideline.as_str()),
        ("site", site.as_str()),
        ("staff", "yes"),
        ("facility", "yes"),
        ("equipment", "yes"),
    ];
    let said = administrator.post("/house/surgery/attest", &fields).await;
    assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY);
    against(&mut all, "cl-2.4.1-ii-d", "structure_unsigned").await;
    fields.push(("training", "yes"));
    let said = post(&mut administrator, "/house/surgery/attest", &fields).await;
    assert_eq!(said.status, 303, "{}", said.body);
    let said = book(&mut all).await;
    assert_eq!(said.status, 303, "{}", said.body);
}
