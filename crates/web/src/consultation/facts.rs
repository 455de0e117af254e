//! What stands behind a line that is met: the fact itself, never "it is met" where a fact is known.

use super::Case;
use crate::Words;
use access::{affiliation, qualification};
use care::{
    Stage, agreement, examination, explanation, identity, place, plan, presence, proof, record,
    recording, referral, statement,
    suitability::{self, Phase},
};
use guideline::Clause;
use jiff::Timestamp;
use std::borrow::Cow;

/// The fact behind a met line of this duty, in one short text.
pub(super) fn fact(w: Words, case: &Case, duty: Clause) -> String {
    said(w, case, duty).map_or_else(|| w.say("fact-met").into_owned(), Cow::into_owned)
}

#[expect(
    clippy::too_many_lines,
    reason = "a flat match: one arm for each duty of the gates"
)]
fn said(w: Words, case: &Case, duty: Clause) -> Option<Cow<'static, str>> {
    let dossier = &case.dossier;
    let physician = dossier.consultation.physician;
    match duty {
        statement::URGENT => match dossier.consultation.stage {
            Stage::Checks { arrived } => Some(w.fill("fact-arrived", "at", w.time(arrived))),
            _ => None,
        },
        place::CLEAN_AND_SAFE => dossier
            .statement
            .as_ref()
            .map(|page| w.say(format!("place-{}", page.lines.place.as_str()))),
        presence::ONE_PATIENT => Some(w.say("fact-no-other")),
        affiliation::AFFILIATION => dossier
            .affiliations
            .iter()
            .find(|row| row.person == physician && row.institution == dossier.institution)
            .map(|row| w.fill("fact-affiliated", "day", w.date(row.from))),
        qualification::COURSE => dossier
            .courses
            .iter()
            .find(|course| course.person == physician && course.verified_by.is_some())
            .map(|course| w.fill("fact-course", "day", w.date(course.completed_on))),
        agreement::ONLINE_CARE => dossier
            .agreement
            .rows
            .first()
            .map(|row| w.fill("fact-agreed", "day", day(row.given))),
        agreement::THREE_PARTIES => Some(w.fill(
            "fact-three-parties",
            "version",
            dossier.agreement.statement.material,
        )),
        explanation::BEFORE_AGREEMENT => dossier
            .explanation
            .items
            .iter()
            .filter_map(|item| item.given.map(|(_, at)| at).or(item.acknowledged))
            .max()
            .map(|at| w.fill("fact-explained", "day", day(at))),
        plan::ASSESSED_FIRST => match &dossier.plan.in_force {
            Some(plan) => Some(plan_signed(w, plan, &case.signer)),
            None => Some(w.say("fact-first-visit")),
        },
        plan::ONLINE_CARE => dossier.plan.in_force.as_ref().map(|plan| {
            let names: Vec<_> = plan
                .draft
                .online_care
                .diagnoses
                .iter()
                .map(|diagnosis| diagnosis.name.as_str())
                .collect();
            let names = names.join(w.say("list-comma").as_ref());
            w.fill("fact-treated", "names", names)
        }),
        plan::PHYSICIANS => case.seen_by().ok().map(Cow::Owned),
        place::PHYSICIAN_ROOM => dossier
            .work_period
            .as_ref()
            .map(|period| w.fill("fact-room", "room", period.room.clone())),
        recording::NO_RECORDING => Some(w.say("fact-no-recording")),
        proof::SHOWN => dossier
            .proof
            .proof
            .as_ref()
            .map(|proof| w.fill("fact-proof", "day", w.date(proof.valid_until))),
        record::CHART_READ => dossier
            .reading
            .map(|reading| w.fill("fact-chart", "at", w.time(reading.opened))),
        referral::IN_PERSON_PLACE => {
            referral::backed_up(dossier.consultation.id, &dossier.referral, dossier.today)
                .ok()
                .map(|found| backup(w, case, &found.backup))
        }
        suitability::EACH_TIME => dossier
            .judgements
            .iter()
            .rfind(|row| matches!(row.phase, Phase::Provisional | Phase::Final))
            .map(|row| w.fill("fact-judged", "at", w.time(row.at))),
        record::AGREEMENT_CHARTED => dossier
            .agreement
            .rows
            .iter()
            .filter_map(|row| row.accepted.map(|(_, at)| at))
            .max()
            .map(|at| w.fill("fact-charted", "day", day(at))),
        identity::DOCUMENT => dossier
            .identity
            .check
            .as_ref()
            .map(|check| w.fill("fact-identity", "day", day(check.at))),
        presence::NOBODY_ELSE | place::PATIENT_ROOM => dossier
            .opening_strip
            .as_ref()
            .map(|strip| present(w, strip)),
        examination::SUFFICIENT => {
            let seconds = dossier.examination.measured.two_way_seconds;
            Some(w.fill("fact-enough", "seconds", seconds))
        }
        record::DOCUMENTED => Some(w.say("fact-written")),
        record::RESERVED_ACTS => dossier
            .proof
            .proof
            .as_ref()
            .and_then(|proof| proof.registration_year)
            .map(|year| w.fill("fact-qualified", "year", year.to_string())),
        _ => None,
    }
}

fn plan_signed(w: Words, plan: &plan::Plan, signer: &str) -> Cow<'static, str> {
    match plan.state {
        plan::PlanState::Signed { at, .. } => w.fill_all(
            "fact-plan-signed",
            &[
                ("version", plan.version.to_string()),
                ("name", signer.to_owned()),
                ("day", day(at)),
            ],
        ),
        plan::PlanState::Draft | plan::PlanState::Ended { .. } => {
            w.fill("fact-plan", "version", plan.version)
        }
    }
}

fn backup(w: Words, case: &Case, found: &referral::Backup) -> Cow<'static, str> {
    match found {
        referral::Backup::Own => w.say("fact-place-own"),
        referral::Backup::Partner { partner, .. } => {
            let partners = &case.dossier.referral.partners;
            let name = partners.iter().find(|one| one.id == *partner);
            let name = name.map(|one| one.name.clone()).unwrap_or_default();
            w.fill("fact-place-partner", "name", name)
        }
        referral::Backup::Arranged { with, .. } => {
            w.fill("fact-place-partner", "name", with.clone())
        }
    }
}

/// Who was there when the strip was pressed.
fn present(w: Words, strip: &presence::ThirdPartyCheck) -> Cow<'static, str> {
    if strip.present.is_empty() {
        return w.fill("fact-alone", "at", w.time(strip.at));
    }
    let names = strip.present.join(w.say("list-comma").as_ref());
    w.fill2("fact-present", "names", names, "at", w.time(strip.at))
}

fn day(at: Timestamp) -> String {
    store::dossier::legal_day(at).to_string()
}
