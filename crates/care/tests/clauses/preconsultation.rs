//! Pre-consultations: what is published and known beforehand, how one ends, and what a first visit after it rests on.

use crate::case::{NOW, TODAY, followup, hospital};
use access::Ulid;
use care::{
    Consultation, PartnerId, PatientId, Refusal, Service, Stage,
    preconsultation::{
        Acknowledged, Coordination, CoordinationId, Ending, Entry, Facts, Ground, Linkage, Named,
        Outcome, Terms, Who, acknowledge, bookable, conclude, covered, linked, opened,
        other_is_frequent,
    },
    referral::{Contact, PassOn, passed_on},
};
use jiff::{SignedDuration, ToSpan as _};

fn terms() -> Terms {
    Terms {
        version: 2,
        offered: true,
        fee_yen: Some(3_300),
        charged: "相談の前".into(),
        refund: "なし".into(),
        may_not_proceed: "進まないことがあります".into(),
        external: String::new(),
    }
}

fn spoke<T>(judged: Result<T, Refusal>) -> (&'static str, &'static str) {
    match judged {
        Ok(_) => ("", ""),
        Err(refusal) => (refusal.clause.id(), refusal.reason),
    }
}

fn know() -> Acknowledged {
    Acknowledged {
        version: 1,
        fee_yen: 2_200,
        at: NOW,
    }
}

#[test]
fn cl_1_2_vi_a_terms_are_offered_whole_and_shown_or_nothing_is_booked() {
    type Spoil = fn(&mut Terms);
    let rows: [(Spoil, &str); 6] = [
        (|_| (), ""),
        (|terms| terms.fee_yen = None, "fee_missing"),
        (|terms| terms.fee_yen = Some(u32::MAX), "fee_missing"),
        (|terms| terms.charged = " ".into(), "fee_charged_missing"),
        (|terms| terms.refund = String::new(), "fee_refund_missing"),
        (
            |terms| terms.may_not_proceed = "\n".into(),
            "may_not_proceed_missing",
        ),
    ];
    for (spoil, reason) in rows {
        let mut terms = terms();
        spoil(&mut terms);
        assert_eq!(spoke(terms.publishable()).1, reason);
        assert_eq!(spoke(bookable(Some(&terms), true, Some(know()))).1, reason);
        terms.offered = false;
        assert_eq!(
            spoke(terms.publishable()).1,
            "",
            "a draft may lack something"
        );
        let off = spoke(bookable(Some(&terms), true, Some(know())));
        assert_eq!(off, ("cl-1.2-vi-a", "not_offered"));
    }
    let hidden = spoke(bookable(Some(&terms()), false, Some(know())));
    assert_eq!(hidden, ("cl-1.2-vi-a", "notice_missing"));
    assert_eq!(spoke(bookable(None, true, Some(know()))).1, "not_offered");
}

#[test]
fn cl_1_2_vi_b_the_version_shown_is_the_one_acknowledged_and_its_fee_stands() {
    let terms = terms();
    for (version, reason) in [
        (None, "not_acknowledged"),
        (Some(1), "terms_changed"),
        (Some(3), "terms_changed"),
    ] {
        let said = spoke(acknowledge(Some(&terms), true, version, NOW));
        assert_eq!(said, ("cl-1.2-vi-b", reason));
    }
    let said = acknowledge(Some(&terms), true, Some(2), NOW).unwrap();
    assert_eq!((said.version, said.fee_yen), (2, 3_300));
    let none = spoke(bookable(Some(&terms), true, None));
    assert_eq!(none, ("cl-1.2-vi-b", "not_acknowledged"));
    let old = bookable(Some(&terms), true, Some(know())).unwrap();
    assert_eq!(old.fee_yen, 2_200, "what was acknowledged is charged");
}

fn talk() -> Consultation {
    Consultation {
        service: Service::PreConsultation,
        stage: Stage::Live { since: NOW },
        ..followup().consultation
    }
}

fn elsewhere() -> Ending {
    Ending {
        outcome: Outcome::InPersonElsewhere,
        heard: "熱".into(),
        told: "近くへ".into(),
        destination: "見本総合病院".into(),
        target: Some(TODAY),
        contact: Some(Contact {
            who: "例本医師".into(),
            how: "電話".into(),
            at: NOW,
        }),
        pass_on: Some(PassOn::Yes("三日前から熱".into())),
    }
}

#[test]
fn cl_1_2_v_the_question_of_the_information_is_answered_with_the_patients_agreement() {
    let yes = PassOn::Yes("三日前から熱".into());
    for (answer, shares, reason) in [
        (None, Some(true), "pass_on_unanswered"),
        (Some(&yes), None, "sharing_not_agreed"),
        (Some(&yes), Some(false), "sharing_not_agreed"),
        (Some(&PassOn::Yes(" ".into())), Some(true), "document_empty"),
        (
            Some(&PassOn::No(" ".into())),
            Some(true),
            "pass_on_reason_empty",
        ),
        (Some(&PassOn::No("本人が話す".into())), None, ""),
        (Some(&yes), Some(true), ""),
    ] {
        let said = spoke(passed_on(answer, shares));
        assert_eq!(said.1, reason);
        assert!(reason.is_empty() || said.0 == "cl-1.2-v");
    }
    let end = |ending| spoke(conclude(&talk(), ending, Some(true), (NOW, TODAY))).1;
    assert_eq!(end(elsewhere()), "");
    let mut silent = elsewhere();
    silent.pass_on = None;
    assert_eq!(end(silent), "pass_on_unanswered");
}

#[test]
fn cl_1_2_iv_e_nobody_is_sent_elsewhere_before_somebody_there_was_spoken_to() {
    type Spoil = fn(&mut Ending);
    let rows: [(Spoil, &str); 9] = [
        (|_| (), ""),
        (|ending| ending.contact = None, "no_contact"),
        (|ending| who(ending, " "), "no_contact"),
        (
            |ending| ending.contact.as_mut().unwrap().how = String::new(),
            "no_contact",
        ),
        (
            |ending| ending.contact.as_mut().unwrap().at += SignedDuration::from_secs(1),
            "no_contact",
        ),
        (
            |ending| ending.destination = " ".into(),
            "destination_empty",
        ),
        (|ending| ending.target = None, "target_day"),
        (
            |ending| ending.target = TODAY.yesterday().ok(),
            "target_day",
        ),
        (|ending| ending.heard = " ".into(), "heard_empty"),
    ];
    for (spoil, reason) in rows {
        let mut ending = elsewhere();
        spoil(&mut ending);
        let said = spoke(conclude(&talk(), ending, Some(true), (NOW, TODAY)));
        assert_eq!(said.1, reason);
    }
    let booked = Consultation {
        stage: Stage::Booked,
        ..talk()
    };
    let early = spoke(conclude(&booked, elsewhere(), Some(true), (NOW, TODAY)));
    assert_eq!(early.1, "not_under_way");
    let care = followup().consultation;
    let other = spoke(conclude(&care, elsewhere(), Some(true), (NOW, TODAY)));
    assert_eq!(other.1, "not_under_way");
}

fn who(ending: &mut Ending, name: &str) {
    ending.contact.as_mut().unwrap().who = name.into();
}

fn entry(ground: Ground) -> Entry {
    Entry {
        ground,
        reason: String::new(),
        regular: None,
        coordination: None,
        location: "長野県みほん郡みずうみ町1-2".into(),
        named: None,
    }
}

fn patient() -> PatientId {
    followup().consultation.patient
}

#[test]
fn cl_1_2_iv_b_a_ground_fits_whom_the_patient_named() {
    let judge = |entry: &Entry, before: Option<&str>| {
        let before = before.map(str::to_owned);
        spoke(opened(Some(entry), before.as_ref(), patient(), TODAY))
    };
    for (ground, now, before, reason) in [
        (Ground::NoRegular, None, None, ""),
        (Ground::NoRegular, None, Some(" "), ""),
        (Ground::NoRegular, None, Some("例田医師"), "regular_named"),
        (Ground::NoRegular, Some("例田医師"), None, "regular_named"),
        (Ground::NoRegular, Some(" "), None, ""),
        (
            Ground::RegularNoOnline,
            None,
            Some("例田医師"),
            "regular_not_named",
        ),
        (Ground::RegularNoOnline, Some("例田医師"), None, ""),
        (
            Ground::RegularUnavailable,
            Some(" "),
            None,
            "regular_not_named",
        ),
        (Ground::SecondOpinion, Some("例田医師"), None, ""),
        (Ground::Other, None, None, "ground_reason_empty"),
    ] {
        let entry = Entry {
            regular: now.map(str::to_owned),
            ..entry(ground)
        };
        let said = judge(&entry, before);
        assert_eq!(said.1, reason, "{ground:?} {now:?} {before:?}");
        assert!(reason.is_empty() || said.0 == "cl-1.2-iv-b");
    }
    let reasoned = |ground| Entry {
        reason: "先月やめたと聞きなおした".into(),
        ..entry(ground)
    };
    assert_eq!(judge(&reasoned(Ground::Other), None).1, "");
    let changed = judge(&reasoned(Ground::NoRegular), Some("例田医師"));
    assert_eq!(changed.1, "", "reconciled in words");
    assert_eq!(spoke(opened(None, None, patient(), TODAY)).1, "no_ground");
    for (other, all, frequent) in [
        (2, 2, false),
        (3, 15, false),
        (3, 14, true),
        (30, 200, false),
    ] {
        assert_eq!(other_is_frequent(other, all), frequent, "{other} of {all}");
    }
}

#[test]
fn cl_1_2_iv_c_after_a_referral_who_when_and_what_is_on_record() {
    let whole = Coordination {
        id: CoordinationId(Ulid::nil()),
        patient: patient(),
        referrer: "となりの医院 例田".into(),
        on: TODAY,
        content: "紹介状".into(),
    };
    let judge = |coordination| {
        let mut entry = entry(Ground::ReferredSpecialist);
        entry.coordination = coordination;
        spoke(opened(Some(&entry), None, patient(), TODAY))
    };
    let none = ("cl-1.2-iv-c", "no_coordination");
    assert_eq!(judge(None), none);
    let rows: [(fn(&mut Coordination), bool); 4] = [
        (|_| (), true),
        (|known| known.referrer = " ".into(), false),
        (|known| known.content = String::new(), false),
        (|known| known.on = known.on.tomorrow().unwrap(), false),
    ];
    for (spoil, good) in rows {
        let mut known = whole.clone();
        spoil(&mut known);
        assert_eq!(judge(Some(known)), if good { ("", "") } else { none });
    }
    let mut strangers = whole;
    strangers.patient = PatientId(Ulid::from_parts(9, 9));
    let judged = judge(Some(strangers));
    assert_eq!(judged, ("cl-1.2-iv-c", "coordination_of_another"));
}

fn facts() -> Facts {
    let mut near = hospital();
    near.areas = vec![care::area::Area::read("長野県みほん郡みずうみ町").unwrap()];
    Facts {
        patient: patient(),
        entry: entry(Ground::NoRegular),
        before: None,
        elsewhere: None,
        partners: vec![near],
        own: "見本みずうみクリニック".into(),
        linkage: None,
        guidance: None,
    }
}

#[test]
fn cl_1_2_iv_d_where_the_patient_is_somebody_stands_ready_that_day() {
    let refused = |facts: &Facts| spoke(covered(facts, TODAY));
    assert_eq!(refused(&facts()), ("", ""));
    let rows: [(fn(&mut Facts), &str); 5] = [
        (
            |facts| facts.partners[0].valid_until = TODAY.yesterday().unwrap(),
            "area_uncovered",
        ),
        (
            |facts| facts.entry.location = "沖縄県みほん市".into(),
            "area_uncovered",
        ),
        (
            |facts| facts.elsewhere = Some("沖縄県みほん市".into()),
            "area_uncovered",
        ),
        (
            |facts| facts.entry.location = String::new(),
            "place_unreadable",
        ),
        (
            |facts| facts.partners[0].kind = care::partner::PartnerKind::Pharmacy,
            "area_uncovered",
        ),
    ];
    for (spoil, reason) in rows {
        let mut facts = facts();
        spoil(&mut facts);
        assert_eq!(refused(&facts), ("cl-1.2-iv-d", reason));
    }
    let mut named = facts();
    named.partners.clear();
    named.entry.named = Some(Named {
        institution: "島の診療所".into(),
        accepted_by: "例里医師".into(),
    });
    assert_eq!(refused(&named), ("", ""), "it accepted for this patient");
    named.elsewhere = Some("沖縄県みほん市".into());
    assert_eq!(refused(&named).1, "area_uncovered", "for another place");
}

fn plan() -> Linkage {
    Linkage {
        partner: Some(hospital().id),
        institution: hospital().name,
        due: TODAY.saturating_add(14.days()),
        condition: "熱が続けば".into(),
        who: Who::Clinic,
    }
}

#[test]
fn cl_1_2_iv_a_the_way_to_care_in_person_is_planned_with_an_institution_that_is_known() {
    let judge = |linkage: Option<&Linkage>, facts: &Facts| spoke(linked(linkage, facts, TODAY));
    let known = facts();
    assert_eq!(judge(Some(&plan()), &known), ("", ""));
    assert_eq!(judge(None, &known), ("cl-1.2-iv-a", "no_linkage"));
    let rows: [(fn(&mut Linkage), &str); 6] = [
        (
            |plan| plan.partner = Some(PartnerId(Ulid::nil())),
            "institution_unknown",
        ),
        (|plan| plan.partner = None, "institution_unknown"),
        (
            |plan| plan.due = TODAY.yesterday().unwrap(),
            "linkage_day_passed",
        ),
        (
            |plan| plan.condition = " ".into(),
            "linkage_condition_empty",
        ),
        (
            |plan| (plan.partner, plan.institution) = (None, "見本みずうみクリニック".into()),
            "",
        ),
        (|plan| plan.institution = String::new(), ""),
    ];
    for (spoil, reason) in rows {
        let mut plan = plan();
        spoil(&mut plan);
        assert_eq!(judge(Some(&plan), &known).1, reason);
    }
    let mut lapsed = facts();
    lapsed.partners[0].valid_until = TODAY.yesterday().unwrap();
    assert_eq!(judge(Some(&plan()), &lapsed).1, "institution_unknown");
}
