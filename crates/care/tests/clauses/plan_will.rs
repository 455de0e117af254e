//! Attacks on what a plan agrees beforehand for remote areas, and on changes against the patient's will.

use crate::{
    case::{self, HOSPITAL, OTHER_PHYSICIAN, PASSES, PHYSICIAN, TODAY, hospital, said},
    plan::Desk,
};
use care::plan::{
    Plan, PlanState,
    proposal::{self, Answer, Proposal},
    reach::{Agreement, Facts, Reach, is_far},
};
use care::{PlanId, area::Area};
use jiff::ToSpan as _;

fn agreement(days: i64) -> Agreement {
    Agreement {
        partner: HOSPITAL,
        transport: "船とヘリコプター".to_owned(),
        place: "救急外来".to_owned(),
        contact: "03-0000-0000".to_owned(),
        document: "0".repeat(64),
        valid_until: TODAY.saturating_add(days.days()),
    }
}

fn signed(far: bool, reach: Option<Reach>, agreements: Vec<Agreement>) -> String {
    let mut desk = Desk::in_order();
    desk.plan.draft.reach = reach;
    desk.reach = Facts { far, agreements };
    desk.sign()
}

fn yes() -> Reach {
    Reach {
        hard: true,
        reason: String::new(),
        partner: Some(HOSPITAL),
    }
}

fn no(reason: &str) -> Reach {
    Reach {
        reason: reason.to_owned(),
        ..Reach::default()
    }
}

#[test]
fn cl_1_3_iv_b_a_flagged_address_says_no_only_with_a_reason() {
    let refused = "422 cl-1.3-iv-b: reach_reason";
    assert_eq!(signed(true, None, vec![]), refused);
    assert_eq!(signed(true, Some(no(" ")), vec![]), refused);
    assert_eq!(signed(true, Some(no("橋ができた")), vec![]), PASSES);
    assert_eq!(signed(false, None, vec![]), PASSES, "nobody else is asked");
}

#[test]
fn cl_1_3_iv_b_yes_stands_on_an_agreement_in_force_that_covers_everything() {
    let none = "409 cl-1.3-iv-b no_agreement";
    assert_eq!(signed(true, Some(yes()), vec![agreement(0)]), PASSES);
    assert_eq!(signed(false, Some(yes()), vec![agreement(30)]), PASSES);
    assert_eq!(
        signed(true, Some(yes()), vec![agreement(-1)]),
        "409 cl-1.3-iv-b agreement_expired"
    );
    assert_eq!(signed(true, Some(yes()), vec![]), none);
    for spoil in [
        (|a| a.transport.clear()) as fn(&mut Agreement),
        |a| a.place = " ".to_owned(),
        |a| a.contact.clear(),
        |a| a.document.clear(),
        |a| a.partner = care::PartnerId(access::Ulid(999)),
    ] {
        let mut kept = agreement(30);
        spoil(&mut kept);
        assert_eq!(signed(true, Some(yes()), vec![kept]), none);
    }
}

#[test]
fn cl_1_3_iv_b_an_address_is_far_by_the_list_or_by_the_way_to_every_partner() {
    let island = Area::read("東京都小笠原村").expect("an area");
    let mut partner = hospital();
    partner.areas = vec![Area::read("東京都新宿区").expect("an area")];
    partner.travel_minutes = 20;
    let partners = [partner];
    let far =
        |address: &str, minutes| is_far(address, std::slice::from_ref(&island), &partners, minutes);
    assert!(far("東京都小笠原村父島", 60));
    assert!(!far("東京都新宿区西新宿1丁目", 60));
    assert!(far("東京都新宿区西新宿1丁目", 10), "over the limit");
    assert!(
        !far("大阪府大阪市北区", 10),
        "nothing is known of the way there"
    );
    assert!(!far("", 10));
}

/// The plan in force, signed by a colleague, and a draft that changes it.
fn change() -> (Plan, Plan) {
    let now = case::signed_plan();
    let mut draft = Plan {
        id: PlanId(access::Ulid(52)),
        version: 2,
        state: PlanState::Draft,
        ..now.clone()
    };
    draft.draft.online_care.treatment = "べつの治療".to_owned();
    (now, draft)
}

fn put(answer: Option<Answer>) -> Proposal {
    Proposal {
        harms: true,
        answer,
    }
}

fn decided(by: access::PersonId, proposal: Option<Proposal>) -> String {
    let (now, draft) = change();
    said(proposal::decided(&draft, Some(&now), by, proposal))
}

#[test]
fn cl_1_3_v_another_physician_changes_a_plan_with_the_patients_will_alone() {
    let other = OTHER_PHYSICIAN;
    assert_eq!(decided(other, None), "409 cl-1.3-v patient_not_asked");
    assert_eq!(
        decided(other, Some(put(None))),
        "409 cl-1.3-v patient_has_not_answered"
    );
    assert_eq!(
        decided(other, Some(put(Some(Answer::Keep)))),
        "409 cl-1.3-v patient_keeps_plan"
    );
    assert_eq!(decided(other, Some(put(Some(Answer::Accept)))), PASSES);
    assert_eq!(
        decided(PHYSICIAN, None),
        PASSES,
        "its own physician is not asked"
    );
}

#[test]
fn cl_1_3_v_nothing_is_asked_where_nothing_changes() {
    let (now, mut draft) = change();
    draft.draft = now.draft.clone();
    assert!(!proposal::asked(&draft, Some(&now), OTHER_PHYSICIAN));
    assert!(!proposal::asked(&draft, None, OTHER_PHYSICIAN));
}
