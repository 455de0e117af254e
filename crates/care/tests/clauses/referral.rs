//! Attacks on the place where the patient can be seen in person at once.

use crate::case::{self, HOSPITAL, PASSES, TODAY, VISIT, admit, followup, said};
use care::{
    Dossier,
    area::Area,
    gate,
    partner::PartnerKind,
    referral::{Backup, Facts, backed_up},
};
use jiff::civil::date;

const NOWHERE: &str = "409 cl-2.1-ii";

fn elsewhere(dossier: &mut Dossier, area: &str) {
    dossier.referral.elsewhere = Some(area.to_owned());
}

#[test]
fn cl_2_1_ii_no_visit_where_nobody_can_see_the_patient_at_once() {
    case::attack(
        admit,
        &[
            (
                "in a city without a partner",
                |d| elsewhere(d, "大阪市"),
                NOWHERE,
            ),
            (
                "in Kyoto, which is no part of 東京都",
                |d| elsewhere(d, "京都"),
                NOWHERE,
            ),
            ("nowhere said", |d| elsewhere(d, "\u{3000}"), NOWHERE),
            ("in the ward of a partner", |d| elsewhere(d, "港区"), PASSES),
            (
                "the partner's entry has ended",
                |d| {
                    elsewhere(d, "港区");
                    d.referral.partners[0].valid_until = date(2026, 11, 15);
                },
                NOWHERE,
            ),
            (
                "the partner is too far",
                |d| {
                    elsewhere(d, "港区");
                    d.referral.partners[0].travel_minutes = 61;
                    d.referral.travel_max = 600;
                },
                NOWHERE,
            ),
            (
                "the clinic has set a shorter way",
                |d| {
                    elsewhere(d, "港区");
                    d.referral.travel_max = 19;
                },
                NOWHERE,
            ),
            (
                "closed, without a night route",
                |d| {
                    elsewhere(d, "港区");
                    d.referral.at = jiff::civil::date(2026, 11, 22).at(3, 0, 0, 0);
                    d.referral.partners[0].night = false;
                },
                NOWHERE,
            ),
            (
                "closed, with a night route",
                |d| {
                    elsewhere(d, "港区");
                    d.referral.at = jiff::civil::date(2026, 11, 22).at(3, 0, 0, 0);
                },
                PASSES,
            ),
            (
                "the partner is a pharmacy",
                |d| {
                    elsewhere(d, "港区");
                    d.referral.partners[0].kind = PartnerKind::Pharmacy;
                },
                NOWHERE,
            ),
            (
                "the partner is a clinic",
                |d| {
                    elsewhere(d, "港区");
                    d.referral.partners[0].kind = PartnerKind::Clinic;
                },
                PASSES,
            ),
            (
                "in the ward of a partner's name in another city",
                |d| elsewhere(d, "大阪市港区"),
                NOWHERE,
            ),
            (
                "arranged by name and accepted",
                |d| {
                    elsewhere(d, "大阪市");
                    d.referral.arrangement = Some(("なにわ病院".to_owned(), "当直医".to_owned()));
                },
                PASSES,
            ),
            (
                "arranged and not accepted",
                |d| {
                    elsewhere(d, "大阪市");
                    d.referral.arrangement = Some(("なにわ病院".to_owned(), " ".to_owned()));
                },
                NOWHERE,
            ),
        ],
    );
}

#[test]
fn cl_2_1_ii_a_first_visit_from_a_place_without_a_partner_is_refused() {
    let mut first = case::first_visit();
    assert_eq!(admit(&first), PASSES);
    first.referral.usual_area = "北海道礼文町".to_owned();
    assert_eq!(admit(&first), NOWHERE);
}

#[test]
fn cl_2_1_ii_the_usual_place_asks_nothing_and_another_city_is_judged_anew() {
    let own = followup().referral;
    let by_partner = Facts {
        plan_own: false,
        plan_partner: Some(HOSPITAL),
        own_reachable: false,
        ..own.clone()
    };
    let away = Facts {
        elsewhere: Some("港区".to_owned()),
        ..own.clone()
    };
    let hospital = Backup::Partner {
        partner: HOSPITAL,
        travel_minutes: 20,
    };
    for (what, facts, backup) in [
        ("the plan's own response", own, Backup::Own),
        ("the plan's partner", by_partner, hospital.clone()),
        ("another ward today", away, hospital),
    ] {
        let found = backed_up(VISIT, &facts, TODAY).map(|found| found.backup);
        assert_eq!(found, Ok(backup), "{what}");
    }
}

#[test]
fn cl_2_1_ii_the_plans_own_pharmacy_is_no_place_to_be_seen() {
    let facts = Facts {
        plan_own: false,
        plan_partner: Some(HOSPITAL),
        own_reachable: false,
        ..followup().referral
    };
    assert_eq!(said(backed_up(VISIT, &facts, TODAY)), PASSES);
    let mut pharmacy = facts;
    pharmacy.partners[0].kind = PartnerKind::Pharmacy;
    assert_eq!(said(backed_up(VISIT, &pharmacy, TODAY)), NOWHERE);
}

#[test]
fn cl_2_1_ii_the_clinic_names_the_neighbours_it_is_near_to() {
    let neighbour = Facts {
        usual_area: "東京都中野区".to_owned(),
        plan_own: false,
        partners: vec![],
        ..followup().referral
    };
    assert_eq!(said(backed_up(VISIT, &neighbour, TODAY)), NOWHERE);
    let near = Facts {
        own_near: Area::read("東京都中野区").into_iter().collect(),
        ..neighbour
    };
    assert_eq!(said(backed_up(VISIT, &near, TODAY)), PASSES);
}

#[test]
fn cl_2_1_ii_the_place_found_is_kept_with_the_admission() {
    let admitted = gate::admit(&followup()).expect("in order");
    assert_eq!(admitted.consultation(), VISIT);
    assert_eq!(admitted.backup, Some(Backup::Own));
}

#[test]
fn cl_2_1_ii_areas_are_read_as_addresses_are_written() {
    for (today, own, reached) in [
        ("新宿区", "東京都新宿区", true),
        ("東京都新宿区", "新宿区", true),
        ("東京", "東京都新宿区", true),
        ("東京都 新宿区", "東京都新宿区", true),
        ("京都", "東京都新宿区", false),
        ("長野", "大阪府河内長野市", false),
        ("府中市", "東京都府中市", true),
        ("府中市", "広島県府中市", false),
        ("東京都新宿区", "東京都中野区", false),
        ("京都府京都市左京区", "京都府京都市中京区", false),
        ("京都市", "京都府京都市中京区", true),
        ("四日市市", "三重県四日市市", true),
        ("市川市", "千葉県市川市", true),
        ("東村山市", "東京都武蔵村山市", false),
        ("余市町", "北海道余市郡余市町", false),
        ("北海道余市町", "北海道余市郡余市町", true),
    ] {
        let facts = Facts {
            elsewhere: Some(today.to_owned()),
            own_area: own.to_owned(),
            partners: vec![],
            ..followup().referral
        };
        let answer = if reached { PASSES } else { NOWHERE };
        assert_eq!(said(backed_up(VISIT, &facts, TODAY)), answer, "{today}");
    }
}
