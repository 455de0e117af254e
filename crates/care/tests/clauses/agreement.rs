//! Attacks on the agreement, the wish, the risks of the line, and the statement of the three parties.

use crate::case::{
    self, PASSES, PHYSICIAN, RECEPTION, admit, attack, begin, said, seconds_ago, sign, spoilt,
};
use care::{
    Dossier, ProxyId,
    agreement::{
        self, Giver, Kind, ONLINE_CARE, Offer, SECURITY_RISK, SYSTEM_USE, THREE_PARTIES, WISH,
    },
    explanation, gate,
};

const ONLINE: usize = 0;
const RISK: usize = 1;
const SYSTEM: usize = 2;

fn offered(by: Giver, wish: Option<bool>, kinds: &[Kind]) -> String {
    let offer = Offer {
        by,
        wish,
        kinds: kinds.to_vec(),
    };
    said(
        explanation::acknowledged(&case::explanation())
            .and_then(|read| agreement::offered(&offer, read)),
    )
}

#[test]
fn cl_1_1_i_care_begins_only_on_an_agreement_given_accepted_and_not_withdrawn() {
    attack(
        begin,
        &[
            (
                "none",
                |d| drop(d.agreement.rows.remove(ONLINE)),
                "409 cl-1.1-i",
            ),
            (
                "withdrawn a second earlier",
                |d| d.agreement.rows[ONLINE].withdrawn = Some(seconds_ago(1)),
                "409 cl-1.1-i consent_withdrawn",
            ),
            (
                "not accepted by the physician",
                |d| d.agreement.rows[ONLINE].accepted = None,
                "409 cl-1.1-i",
            ),
            (
                "given to a text that has changed in substance",
                |d| d.agreement.material[ONLINE].1 = 2,
                "409 cl-1.1-i agreement_stale",
            ),
            (
                "given to a text that is no longer published",
                |d| {
                    d.agreement
                        .material
                        .retain(|(kind, _)| *kind != Kind::OnlineCare);
                },
                "409 cl-1.1-i agreement_stale",
            ),
        ],
    );
}

#[test]
fn cl_1_1_i_picture_and_sound_need_the_patients_part_and_not_yet_the_physicians() {
    attack(
        admit,
        &[
            (
                "none",
                |d| drop(d.agreement.rows.remove(ONLINE)),
                "409 cl-1.1-i",
            ),
            (
                "withdrawn a second earlier",
                |d| d.agreement.rows[ONLINE].withdrawn = Some(seconds_ago(1)),
                "409 cl-1.1-i consent_withdrawn",
            ),
            (
                "not yet accepted",
                |d| d.agreement.rows[ONLINE].accepted = None,
                PASSES,
            ),
        ],
    );
}

#[test]
fn cl_1_1_i_only_the_patients_own_sign_in_or_a_registered_proxys_gives_it() {
    for (by, answer) in [
        (Giver::Staff(RECEPTION), "403 cl-1.1-i wrong_actor"),
        (Giver::Staff(PHYSICIAN), "403 cl-1.1-i wrong_actor"),
        (Giver::Patient, PASSES),
        (Giver::Proxy(ProxyId(access::Ulid(9))), PASSES),
    ] {
        assert_eq!(offered(by, Some(true), &Kind::ALL), answer, "{by:?}");
    }
}

#[test]
fn cl_1_1_i_a_withdrawal_while_live_locks_the_signature() {
    attack(
        sign,
        &[
            (
                "withdrawn",
                |d| d.agreement.rows[ONLINE].withdrawn = Some(seconds_ago(1)),
                "409 cl-1.1-i consent_withdrawn",
            ),
            (
                "no longer wished",
                |d| d.agreement.wish.iter_mut().for_each(|w| w.wants = false),
                "409 cl-1.1-i consent_withdrawn",
            ),
        ],
    );
}

#[test]
fn cl_1_1_i_an_unchanged_follow_up_is_asked_nothing() {
    let dossier = case::followup();
    let mut lines = gate::admit_lines(&dossier);
    lines.extend(gate::begin_lines(&dossier));
    assert!(lines.iter().all(|line| line.refusal.is_none()));
}

#[test]
fn cl_1_1_ii_the_wish_is_the_patients_and_said_outright() {
    for (wish, answer) in [
        (None, "409 cl-1.1-ii"),
        (Some(false), "409 cl-1.1-ii"),
        (Some(true), PASSES),
    ] {
        assert_eq!(
            offered(Giver::Patient, wish, &Kind::ALL),
            answer,
            "{wish:?}"
        );
    }
    let by_reception = Giver::Staff(RECEPTION).speaks_for_patient(WISH);
    assert_eq!(said(by_reception), "403 cl-1.1-ii wrong_actor");
}

#[test]
fn cl_1_1_ii_care_begins_only_when_the_physician_has_confirmed_the_wish() {
    let table: &[case::Case<Dossier>] = &[
        (
            "not confirmed",
            |d| d.agreement.wish.iter_mut().for_each(|w| w.confirmed = None),
            "409 cl-1.1-ii",
        ),
        ("not stated", |d| d.agreement.wish = None, "409 cl-1.1-ii"),
        (
            "not wished",
            |d| d.agreement.wish.iter_mut().for_each(|w| w.wants = false),
            "409 cl-1.1-ii",
        ),
    ];
    attack(begin, table);
    let unconfirmed = spoilt(table[0].1);
    assert_eq!(admit(&unconfirmed), PASSES, "it may be pressed in the call");
}

#[test]
fn cl_2_5_1_i_b_the_risks_of_the_line_are_agreed_to_apart_and_on_the_text_in_force() {
    attack(
        begin,
        &[
            (
                "changed in substance",
                |d| d.agreement.material[RISK].1 = 2,
                "409 cl-2.5.1-i-b agreement_stale",
            ),
            (
                "not accepted",
                |d| d.agreement.rows[RISK].accepted = None,
                "409 cl-2.5.1-i-b",
            ),
            (
                "withdrawn",
                |d| d.agreement.rows[RISK].withdrawn = Some(seconds_ago(1)),
                "409 cl-2.5.1-i-b consent_withdrawn | 409 sec-0.b agreement_stale",
            ),
        ],
    );
    let left_out = [Kind::OnlineCare, Kind::SystemUse];
    assert_eq!(
        offered(Giver::Patient, Some(true), &left_out),
        "409 cl-2.5.1-i-b agreement_incomplete: security_risk"
    );
}

#[test]
fn cl_2_5_1_i_b_a_first_visit_does_not_begin_without_it() {
    let mut first = case::first_visit();
    drop(first.agreement.rows.remove(RISK));
    assert_eq!(
        admit(&first),
        "409 cl-2.5.1-i-b | 409 sec-0.b agreement_stale"
    );
}

#[test]
fn cl_2_5_1_i_b_no_plan_is_signed_with_online_care_alone_agreed() {
    let mut desk = crate::plan::Desk::in_order();
    assert_eq!(desk.sign(), PASSES);
    desk.agreements
        .rows
        .retain(|row| row.kind == Kind::OnlineCare);
    assert_eq!(desk.sign(), "409 cl-2.5.1-i-b");
}

#[test]
fn cl_2_5_1_1_iii_a_this_very_system_is_agreed_to_and_a_minor_version_asks_nothing() {
    let missing: case::Spoil = |d| drop(d.agreement.rows.remove(SYSTEM));
    attack(
        begin,
        &[
            ("missing", missing, "409 cl-2.5.1.1-iii-a"),
            (
                "another system",
                |d| d.agreement.rows[SYSTEM].system = "other/1".to_owned(),
                "409 cl-2.5.1.1-iii-a agreement_stale",
            ),
            (
                "another line of this system",
                |d| d.agreement.rows[SYSTEM].system = "onshin/2".to_owned(),
                "409 cl-2.5.1.1-iii-a agreement_stale",
            ),
        ],
    );
    assert_eq!(admit(&spoilt(missing)), "409 cl-2.5.1.1-iii-a");
    assert_eq!(
        agreement::SYSTEM,
        "onshin/1",
        "a line, without minor version"
    );
    let left_out = [Kind::OnlineCare, Kind::SecurityRisk];
    assert_eq!(
        offered(Giver::Patient, Some(true), &left_out),
        "409 cl-2.5.1.1-iii-a agreement_incomplete: system_use"
    );
}

#[test]
fn sec_0_b_vendor_institution_and_patient_stand_on_the_same_statement() {
    let stale = "409 sec-0.b agreement_stale";
    attack(
        admit,
        &[
            (
                "a material change that the patient has not seen",
                |d| published(d, 2),
                stale,
            ),
            (
                "not signed by the institution",
                |d| d.agreement.statement.institution = None,
                stale,
            ),
            (
                "signed by the institution in an older version",
                |d| {
                    published(d, 2);
                    d.agreement.rows[RISK].material = 2;
                    d.agreement.material[RISK].1 = 2;
                    d.agreement.statement.institution = Some(1);
                },
                stale,
            ),
            (
                "not released by the vendor",
                |d| d.agreement.statement.vendor = None,
                "409 sec-0.b vendor_not_agreed",
            ),
            (
                "a material change that all three have accepted",
                |d| {
                    published(d, 2);
                    d.agreement.rows[RISK].material = 2;
                    d.agreement.material[RISK].1 = 2;
                },
                PASSES,
            ),
            ("a correction of wording", |d| published(d, 1), PASSES),
        ],
    );
}

fn published(dossier: &mut Dossier, material: i64) {
    dossier.agreement.statement = agreement::Statement {
        material,
        vendor: Some(material),
        institution: Some(material),
    };
}

#[test]
fn sec_0_b_staff_cannot_forge_the_patients_acceptance() {
    for (clause, answer) in [
        (THREE_PARTIES, "403 sec-0.b wrong_actor"),
        (SECURITY_RISK, "403 cl-2.5.1-i-b wrong_actor"),
        (SYSTEM_USE, "403 cl-2.5.1.1-iii-a wrong_actor"),
        (ONLINE_CARE, "403 cl-1.1-i wrong_actor"),
    ] {
        let forged = Giver::Staff(RECEPTION).speaks_for_patient(clause);
        assert_eq!(said(forged), answer);
    }
}
