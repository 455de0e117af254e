//! What a patient can look up after a visit: at a facility the visit stays open until it got there.

use care::notice::{Facts, Receipt, told};
use jiff::Timestamp;

#[test]
fn cl_1_4_iii_b_at_a_facility_nothing_closes_before_the_notice_got_there() {
    let at = Timestamp::UNIX_EPOCH;
    for (at_facility, receipt, passes) in [
        (false, None, true),
        (true, None, false),
        (true, Some(Receipt::Delivered(at)), true),
        (true, Some(Receipt::Read(at)), true),
        (true, Some(Receipt::Printed(at)), true),
    ] {
        let judged = told(&Facts {
            at_facility,
            receipt,
        });
        assert_eq!(judged.is_ok(), passes, "{at_facility} {receipt:?}");
        if let Err(refusal) = judged {
            assert_eq!(
                (refusal.clause.id(), refusal.reason),
                ("cl-1.4-iii-b", "notice_undelivered")
            );
        }
    }
}
