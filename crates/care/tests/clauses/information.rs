//! Attacks on informing beforehand the institution that responds to a sudden change.

use crate::{
    case::{self, HOSPITAL, PASSES, TODAY, hospital, said},
    plan::Desk,
};
use care::plan::{
    Draft,
    information::{EVERY_DAYS_MAX, Schedule, Standing, receivable, schedule_of, standing},
};
use jiff::{ToSpan as _, civil::Date};

fn schedule() -> Schedule {
    Schedule {
        receiver: Some(HOSPITAL),
        every_days: 30,
        content: "血圧と薬".to_owned(),
    }
}

/// The hospital responds to a sudden change, and is informed so.
fn partners_plan(draft: &mut Draft, information: Option<Schedule>) {
    draft.acute.own = false;
    draft.acute.partner = Some(HOSPITAL);
    draft.information = information;
}

fn signed(information: Option<Schedule>, spoil: fn(&mut Desk)) -> String {
    let mut desk = Desk::in_order();
    partners_plan(&mut desk.plan.draft, information);
    spoil(&mut desk);
    desk.sign()
}

#[test]
fn cl_1_3_iv_a_a_plan_that_leaves_the_response_to_a_partner_says_how_it_is_informed() {
    let refused = "422 cl-1.3-iv-a: schedule";
    assert_eq!(signed(Some(schedule()), |_| {}), PASSES);
    assert_eq!(signed(None, |_| {}), refused);
    for spoil in [
        (|s| s.receiver = None) as fn(&mut Schedule),
        |s| s.every_days = 0,
        |s| s.every_days = EVERY_DAYS_MAX + 1,
        |s| s.content = " \n".to_owned(),
    ] {
        let mut spoilt = schedule();
        spoil(&mut spoilt);
        assert_eq!(signed(Some(spoilt), |_| {}), refused);
    }
    assert_eq!(
        signed(None, |d| d.plan.draft.acute.own = true),
        PASSES,
        "whoever responds itself informs nobody"
    );
}

#[test]
fn cl_1_3_iv_a_the_receiver_stands_in_the_register() {
    let refused = "409 cl-1.3-iv-a receiver_not_in_register";
    let stranger = Schedule {
        receiver: Some(care::PartnerId(access::Ulid(999))),
        ..schedule()
    };
    assert_eq!(signed(Some(stranger.clone()), |_| {}), refused);
    let send = |schedule: &Schedule, until: Date| {
        let mut partner = hospital();
        partner.valid_until = until;
        said(receivable(schedule, &[partner], TODAY).map(|_| ()))
    };
    assert_eq!(send(&schedule(), TODAY), PASSES);
    assert_eq!(send(&schedule(), TODAY.saturating_sub(1.day())), refused);
    assert_eq!(send(&stranger, TODAY), refused);
}

#[test]
fn cl_1_3_iv_a_it_is_due_at_first_and_overdue_when_the_interval_lapses() {
    let mut plan = case::signed_plan();
    assert_eq!(
        standing(&plan, None, TODAY),
        None,
        "no such plan asks nothing"
    );
    partners_plan(&mut plan.draft, Some(schedule()));
    assert!(schedule_of(&plan.draft).is_some());
    let ago = |days: i64| TODAY.saturating_sub(days.days());
    // Signed 60 days ago, and never sent.
    assert_eq!(
        standing(&plan, None, TODAY),
        Some(Standing::Overdue(ago(30)))
    );
    assert_eq!(standing(&plan, None, ago(59)), Some(Standing::Due));
    for (sent, expected) in [
        (ago(29), Standing::Sent),
        (ago(30), Standing::Due),
        (ago(31), Standing::Overdue(ago(1))),
    ] {
        assert_eq!(standing(&plan, Some(sent), TODAY), Some(expected));
    }
}
