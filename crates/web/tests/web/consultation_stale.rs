//! Stale pages and refusals: an act out of its stage changes nothing, and every refusal says what, who and where.

use crate::consultation_seed::{FIRST_NOTE, HAND_OVER, NOTE, Practice, Seed};
use axum::http::{StatusCode, header};

const STAGES: [&str; 8] = [
    "booked",
    "checks",
    "admitted",
    "live",
    "ended",
    "documented",
    "closed",
    "switched_in_person",
];

/// A visit brought to a stage by the physician's own presses.
async fn at(stage: &str) -> Practice {
    let seed = match stage {
        "booked" => Seed {
            arrived: false,
            ..Seed::follow_up()
        },
        "admitted" => Seed::first_visit(),
        "documented" => Seed {
            agreed: false,
            acknowledged: false,
            ..Seed::first_visit()
        },
        _ => Seed::follow_up(),
    };
    let mut practice = seed.open().await;
    match stage {
        "admitted" => practice.done("admit", &[]).await,
        "live" => practice.live().await,
        "ended" => {
            practice.closable().await;
            practice.done("end", &[]).await;
        }
        "documented" => {
            practice
                .done("emergency", &[("reason", "sudden_change")])
                .await;
            practice.done("strip", &[]).await;
            practice.seen(75).await;
            practice.enough().await;
            practice.done("close", &FIRST_NOTE).await;
        }
        "closed" => {
            practice.closable().await;
            practice.done("close", &NOTE).await;
        }
        "switched_in_person" => practice.done("stop", &HAND_OVER).await,
        _ => {}
    }
    let expected = if stage == "admitted" { "checks" } else { stage };
    assert_eq!(practice.stage().await, expected);
    practice
}

#[tokio::test]
async fn an_act_out_of_its_stage_answers_out_of_turn_and_changes_nothing() {
    let enough = [NOTE.as_slice(), &[("enough", "yes")]].concat();
    // An act, what it sends, and the stages in which it means something.
    let acts: [(&str, &[(&str, &str)], &[&str]); 18] = [
        ("admit", &[], &["booked", "checks", "admitted"]),
        ("readmit", &[], &["admitted", "live"]),
        ("begin", &[], &["booked", "checks", "admitted"]),
        (
            "rejudge",
            &[("reason", "x")],
            &["booked", "checks", "admitted"],
        ),
        (
            "rota",
            &[("reason", "outside:wished")],
            &["booked", "checks", "admitted"],
        ),
        (
            "arrange",
            &[("with", "x"), ("accepted_by", "x")],
            &["booked", "checks", "admitted"],
        ),
        ("agreement", &[], &["admitted", "documented"]),
        (
            "identity",
            &[("document", "passport"), ("agrees", "yes")],
            &["admitted", "live"],
        ),
        ("strip", &[], &["admitted", "live"]),
        ("note", &NOTE, &["checks", "admitted", "live", "ended"]),
        ("draft", &NOTE, &["checks", "admitted", "live", "ended"]),
        ("enough", &enough, &["live"]),
        ("continue", &[("reason", "x")], &[]),
        ("end", &[], &["live"]),
        ("close", &NOTE, &["live", "ended", "documented"]),
        (
            "stop",
            &HAND_OVER,
            &["booked", "checks", "admitted", "live", "ended"],
        ),
        (
            "emergency",
            &[("reason", "sudden_change")],
            &["booked", "checks", "admitted"],
        ),
        (
            "explain-later",
            &[("reason", "transferred"), ("again", "2026-11-21")],
            &["documented"],
        ),
    ];
    for stage in STAGES {
        let mut practice = at(stage).await;
        for (act, fields, belongs) in &acts {
            if belongs.contains(&stage) {
                continue;
            }
            let said = practice.refused(act, fields).await;
            assert!(
                said.is_out_of_turn(),
                "{act} at {stage}: {} {}",
                said.status,
                said.body
            );
        }
    }
}

/// One refused act of one seeded visit, so that many clauses speak.
type Case = (
    fn(&mut Seed),
    &'static str,
    &'static [(&'static str, &'static str)],
);

#[tokio::test]
async fn rev_0_c_every_refusal_says_what_is_missing_who_mends_it_and_where() {
    let cases: [Case; 12] = [
        (
            |seed| (seed.agreed, seed.accepted, seed.signed) = (false, false, false),
            "admit",
            &[],
        ),
        (|seed| seed.chart = false, "admit", &[]),
        (|seed| seed.work = false, "admit", &[]),
        (|seed| seed.arrived = false, "admit", &[]),
        (|seed| seed.lines = None, "admit", &[]),
        (|seed| seed.signed = false, "admit", &[]),
        (|seed| seed.proven = false, "admit", &[]),
        (|seed| seed.assessed_days_ago = Some(200), "admit", &[]),
        (|seed| *seed = Seed::stand_in(), "admit", &[]),
        (|seed| *seed = Seed::stand_in(), "rota", &[]),
        (|_| (), "begin", &[]),
        (|_| (), "emergency", &[]),
    ];
    let mut clauses = std::collections::BTreeSet::new();
    for (change, act, fields) in cases {
        let mut seed = Seed::follow_up();
        change(&mut seed);
        let mut practice = seed.open().await;
        let said = practice.act(act, fields).await;
        assert!([409, 422].contains(&said.status), "{act} {}", said.body);
        clauses.insert(said.clause().to_owned());
        let remedy = &said.body["remedy"];
        for text in [
            &said.body["title_ja"],
            &said.body["title_en"],
            &said.body["detail_ja"],
            &said.body["detail_en"],
            &remedy["ja"],
            &remedy["en"],
            &remedy["who"],
            &remedy["place"],
        ] {
            let text = text.as_str().unwrap_or_default();
            assert!(
                !text.is_empty() && !text.starts_with('['),
                "{act} {}",
                said.body
            );
        }
        let place = remedy["place"].as_str().unwrap().to_owned();
        let path = format!("{}/{act}", practice.address());
        for (language, text) in [
            ("ja", remedy["ja"].as_str().unwrap()),
            ("en", remedy["en"].as_str().unwrap()),
        ] {
            practice
                .physician
                .post("/lang", &[("lang", language), ("to", "/today")])
                .await;
            let page = practice.physician.post(&path, fields).await;
            assert_eq!(page.status.as_u16(), said.status);
            assert!(page.header(header::CONTENT_TYPE).starts_with("text/html"));
            let plain = page.body.replace("&#39;", "'").replace("&#x27;", "'");
            assert!(plain.contains(text), "{language}: {text}\n{plain}");
            assert!(
                plain.contains(said.clause()) && plain.contains(&format!("href=\"{place}\"")),
                "{language} {place}\n{plain}"
            );
        }
        // The place that is named is served to somebody: to this physician, or to the role that mends it.
        let served = practice.physician.get(&place).await.status;
        assert!(
            [StatusCode::OK, StatusCode::FORBIDDEN].contains(&served),
            "{place} {served}"
        );
    }
    assert!(clauses.len() >= 9, "{clauses:?}");
}
