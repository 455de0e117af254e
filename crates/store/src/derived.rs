//! Gathers what the program knows of a visit by itself, for the closing panel and for the note that is signed there.

use crate::{Conn, Fault, row::Cells};
use care::{
    Consultation, ConsultationId, Service, Stage,
    attendance::Part,
    plan::{self, OutsideReason, Plan},
    record::{Agreed, Attended, Derived, IdentitySeen, Judged, NextInPerson, Turn},
    suitability::Verdict,
};
use jiff::{Timestamp, civil::Date};

impl Conn {
    /// What is known of a visit without anybody writing it (cl-3.2-i-a).
    ///
    /// The panel draws it before the signature and the signature seals it: both ask here, so nobody signs what was not shown.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn derived(&mut self, visit: &Consultation, today: Date) -> Result<Derived, Fault> {
        let (begun, ended) = times(visit.stage);
        let profile = self.physician_profile(visit.physician).await?;
        let strip = self.opening_strip(visit).await?;
        let in_force = self.plan_in_force(visit.patient).await?;
        let (plan, next) = self.plan_of(visit, in_force.as_ref(), today).await?;
        Ok(Derived {
            class: visit.class.as_str().to_owned(),
            emergency: visit.emergency.is_some(),
            physician: profile.map(|profile| profile.name).unwrap_or_default(),
            room: self.room_of(visit, begun).await?,
            place: self
                .statement_of(visit)
                .await?
                .map(|page| page.lines.place.as_str().to_owned()),
            present: strip.map(|strip| strip.present),
            begun,
            ended,
            two_way_seconds: self.measured(visit.id).await?.two_way_seconds,
            interruptions: self.interruptions(visit.id).await?,
            identity: self.identity_seen(visit).await?,
            known: self.known_by_press(visit.id).await?,
            judged: self
                .judgements(visit.id)
                .await?
                .into_iter()
                .map(|judgement| Judged {
                    phase: judgement.phase.as_str().to_owned(),
                    suitable: judgement.verdict == Verdict::Go,
                    at: judgement.at,
                })
                .collect(),
            agreed: self
                .agreement_facts(visit.patient)
                .await?
                .rows
                .into_iter()
                .filter(|row| row.withdrawn.is_none())
                .map(|row| Agreed {
                    kind: row.kind.as_str().to_owned(),
                    material: row.material,
                    given: row.given,
                    accepted: row.accepted.map(|(_, at)| at),
                })
                .collect(),
            plan,
            next,
            prior: self.prior_block(visit.id, visit.patient).await?,
            service: match visit.service {
                Service::Care => String::new(),
                other => other.as_str().to_owned(),
            },
            attended: self.attended(visit).await?,
            turn: self.turn_of(visit, in_force.as_ref()).await?,
        })
    }

    /// Who took part besides the physician, and when: the attending physician as measured or named, anybody else as let in.
    async fn attended(&mut self, visit: &Consultation) -> Result<Vec<Attended>, Fault> {
        let mut people = Vec::new();
        let beside = self.joint_of(visit).await?.map(|joint| joint.attending);
        if let Some(person) = beside {
            let times = self.joint_presence(visit.id).await?.attending;
            people.push((person, Part::Attending, times));
        }
        for one in self.attendants(visit).await? {
            if beside != Some(one.person) {
                let times = self.seated(visit.id, one.person).await?;
                people.push((one.person, one.part, times));
            }
        }
        let mut attended = Vec::new();
        for (person, part, times) in people {
            let name = self.name_of(person).await?.unwrap_or_default();
            attended.extend(Attended::over(part.as_str(), name, times));
        }
        Ok(attended)
    }

    /// Why it was this physician: the reason given, or the case of the plan that applied; nothing for whom the plan lists first.
    async fn turn_of(
        &mut self,
        visit: &Consultation,
        in_force: Option<&Plan>,
    ) -> Result<Option<Turn>, Fault> {
        // A joint visit stands on what the attending physician told, not on item 8.
        if visit.service.is_joint() {
            return Ok(None);
        }
        let kept = self.rota_of(visit.id).await?.unwrap_or_default();
        let given = OutsideReason::parse(&kept);
        let usual = in_force
            .and_then(|plan| plan.draft.physicians.first())
            .is_none_or(|first| first.person == visit.physician);
        if kept.is_empty() || (given.is_none() && usual) {
            return Ok(None);
        }
        let words = match given {
            Some(OutsideReason::Other) => self.outside_words(visit).await?,
            Some(_) | None => String::new(),
        };
        let handed_over = match self.handed_over(visit).await? {
            Some((made, _)) => Some((self.name_of(made.by).await?.unwrap_or_default(), made.at)),
            None => None,
        };
        Ok(Some(Turn {
            reason: kept,
            words,
            handed_over,
        }))
    }

    /// How identity was checked: what was left out in this very visit comes before what is older.
    async fn identity_seen(&mut self, visit: &Consultation) -> Result<Option<IdentitySeen>, Fault> {
        let left_out = self
            .identity_exempted(visit.patient)
            .await?
            .filter(|check| check.exempts(visit.id));
        let check = match left_out {
            Some(check) => Some(check),
            None => self.identity_check(visit.patient).await?,
        };
        Ok(check.map(|check| IdentitySeen {
            method: check.method.as_str().to_owned(),
            document: check
                .documents
                .iter()
                .map(|document| document.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            at: check.at,
            matches: check.matches,
        }))
    }

    /// Version of the plan in force, and when it asks the patient to come.
    async fn plan_of(
        &mut self,
        visit: &Consultation,
        in_force: Option<&Plan>,
        today: Date,
    ) -> Result<(Option<i64>, Option<NextInPerson>), Fault> {
        let Some(in_force) = in_force else {
            return Ok((None, None));
        };
        let seen = self.seen(visit.patient).await?;
        let next = plan::due(in_force, &seen, today).into();
        Ok((Some(in_force.version), Some(next)))
    }

    /// The room in which the physician was at work when care began; a period opened later says nothing of it.
    async fn room_of(
        &mut self,
        visit: &Consultation,
        begun: Option<Timestamp>,
    ) -> Result<Option<String>, Fault> {
        let period = self.work_period(visit.physician).await?;
        Ok(period
            .filter(|period| begun.is_some_and(|begun| period.opened <= begun))
            .map(|period| period.room))
    }

    /// Whether the newest press on the opening strip confirmed that the two know each other (cl-1.4-i-d).
    async fn known_by_press(&mut self, visit: ConsultationId) -> Result<bool, Fault> {
        let row = sqlx::query(
            "SELECT id, known
             FROM opening_strip
             WHERE tenant = $1 AND consultation = $2 -- opening_strip_by_consultation
             ORDER BY checked_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(visit.to_string())
        .fetch_optional(self.any())
        .await?;
        match row {
            Some(row) => Ok(Cells::of("opening_strip", &row)
                .maybe_text("known")?
                .is_some()),
            None => Ok(false),
        }
    }
}

/// From when to when care lasted.
fn times(stage: Stage) -> (Option<Timestamp>, Option<Timestamp>) {
    match stage {
        Stage::Live { since } => (Some(since), None),
        Stage::Ended { since, at }
        | Stage::Documented { since, at }
        | Stage::Closed { since, at } => (Some(since), Some(at)),
        Stage::Requested
        | Stage::Booked
        | Stage::Checks { .. }
        | Stage::Declined
        | Stage::SwitchedInPerson
        | Stage::NotPerformed
        | Stage::Aborted => (None, None),
    }
}
