//! When a session is good, when the screen is covered, and when it has ended.

use jiff::{SignedDuration, Timestamp};

/// How long sessions of one surface last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// After this long without an act the screen is covered; `None` where it never is.
    pub cover_after: Option<SignedDuration>,
    /// After this long without an act the session ends.
    pub idle_end: SignedDuration,
    /// After this long it ends in any case.
    pub absolute_end: SignedDuration,
}

/// Staff: covered after five minutes, ended after an hour away, signed in anew each working day.
pub const STAFF: Terms = Terms {
    cover_after: Some(SignedDuration::from_mins(5)),
    idle_end: SignedDuration::from_hours(1),
    absolute_end: SignedDuration::from_hours(12),
};

/// Patient: no cover, for the phone has its own lock; the session ends with the visit or with the day.
pub const PATIENT: Terms = Terms {
    cover_after: None,
    idle_end: SignedDuration::from_hours(4),
    absolute_end: SignedDuration::from_hours(12),
};

/// The instants a judgement rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// When it was opened.
    pub opened: Timestamp,
    /// The last act of the person.
    pub last_act: Timestamp,
    /// When the screen was covered, if it is.
    pub covered: Option<Timestamp>,
    /// Until when a running call holds the session open unless it is renewed, if one does.
    pub live_until: Option<Timestamp>,
    /// When it was ended by an act, if it was.
    pub ended: Option<Timestamp>,
}

/// What a session is worth now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The person may go on.
    Open,
    /// The person shows again who it is; the place is kept.
    Covered,
    /// Over: sign in again.
    Ended,
}

/// A call whose line broke is looked for this long before a session that is otherwise over ends.
const CALL_GRACE: SignedDuration = SignedDuration::from_mins(10);
/// The longest that an institution may leave its screens uncovered, in minutes.
pub const COVER_MINUTES_MAX: u16 = 5;

impl Terms {
    /// The same terms with the cover after fewer minutes, where the institution is stricter (1 to
    /// [`COVER_MINUTES_MAX`]). Never later than without.
    #[must_use]
    pub fn covered_within(self, minutes: u16) -> Self {
        let wished = SignedDuration::from_mins(i64::from(minutes.clamp(1, COVER_MINUTES_MAX)));
        Self {
            cover_after: self.cover_after.map(|after| after.min(wished)),
            ..self
        }
    }

    /// Judges a session. A running call is never cut: while it holds, neither idle cover nor any end come. A cover that
    /// was laid by an act stands until it is lifted by a proof.
    #[must_use]
    pub fn standing(&self, course: Course, now: Timestamp) -> Standing {
        if course.ended.is_some_and(|at| at <= now) {
            return Standing::Ended;
        }
        let idle = now.duration_since(course.last_act);
        let over = now.duration_since(course.opened) >= self.absolute_end || idle >= self.idle_end;
        if over && !course.calls_within(CALL_GRACE, now) {
            return Standing::Ended;
        }
        let left = self.cover_after.is_some_and(|after| idle >= after);
        if course.covered.is_some() || (left && !course.in_call(now)) {
            return Standing::Covered;
        }
        Standing::Open
    }

    /// Since when the screen has been covered, by an act or by time.
    #[must_use]
    pub fn covered_since(&self, course: Course) -> Timestamp {
        let by_time = self
            .cover_after
            .and_then(|after| course.last_act.checked_add(after).ok());
        course.covered.or(by_time).unwrap_or(course.last_act)
    }
}

impl Course {
    /// Whether a call of this session runs now.
    #[must_use]
    pub fn in_call(&self, now: Timestamp) -> bool {
        self.calls_within(SignedDuration::ZERO, now)
    }

    fn calls_within(&self, grace: SignedDuration, now: Timestamp) -> bool {
        self.live_until
            .is_some_and(|until| now.duration_since(until) < grace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(idle_mins: i64) -> (Course, Timestamp) {
        let opened = Timestamp::UNIX_EPOCH;
        let course = Course {
            opened,
            last_act: opened,
            covered: None,
            live_until: None,
            ended: None,
        };
        (course, opened + SignedDuration::from_mins(idle_mins))
    }

    #[test]
    fn staff_are_covered_at_five_minutes_and_ended_at_an_hour() {
        for (minutes, standing) in [
            (0, Standing::Open),
            (4, Standing::Open),
            (5, Standing::Covered),
            (59, Standing::Covered),
            (60, Standing::Ended),
        ] {
            let (course, now) = course(minutes);
            assert_eq!(STAFF.standing(course, now), standing, "{minutes}");
        }
    }

    #[test]
    fn a_running_call_is_never_cut() {
        let (course, now) = course(13 * 60);
        let live = Course {
            live_until: Some(now + SignedDuration::from_secs(1)),
            ..course
        };
        assert_eq!(STAFF.standing(live, now), Standing::Open);
        assert_eq!(STAFF.standing(course, now), Standing::Ended);
    }

    #[test]
    fn an_ended_session_stays_ended_even_in_a_call() {
        let (course, now) = course(1);
        let ended = Course {
            live_until: Some(now + SignedDuration::from_hours(1)),
            ended: Some(now),
            ..course
        };
        assert_eq!(STAFF.standing(ended, now), Standing::Ended);
    }

    #[test]
    fn a_cover_laid_by_an_act_stands_whatever_runs() {
        let (course, now) = course(1);
        let covered = Course {
            covered: Some(now),
            live_until: Some(now + SignedDuration::from_secs(10)),
            ..course
        };
        assert_eq!(STAFF.standing(covered, now), Standing::Covered);
    }

    #[test]
    fn a_call_holds_the_screen_open_for_its_lease_and_not_a_second_longer() {
        let (course, now) = course(30);
        let live_until = Some(now + SignedDuration::from_secs(15));
        let live = Course {
            live_until,
            ..course
        };
        let at = |seconds| STAFF.standing(live, now + SignedDuration::from_secs(seconds));
        assert_eq!((at(14), at(15)), (Standing::Open, Standing::Covered));
    }

    #[test]
    fn an_institution_may_be_stricter_and_never_laxer() {
        for (wished, minutes) in [(0, 1), (1, 1), (3, 3), (5, 5), (60, 5)] {
            let terms = STAFF.covered_within(wished);
            assert_eq!(terms.cover_after, Some(SignedDuration::from_mins(minutes)));
        }
        assert_eq!(PATIENT.covered_within(1), PATIENT);
    }

    #[test]
    fn a_patient_is_not_covered_while_waiting() {
        let (course, now) = course(180);
        assert_eq!(PATIENT.standing(course, now), Standing::Open);
    }
}
