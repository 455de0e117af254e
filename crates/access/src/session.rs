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
    /// Until when a running call holds the session open, if one does.
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

impl Terms {
    /// Judges a session. A running call is never cut: while it holds, neither cover nor idle end come.
    pub fn standing(&self, course: Course, now: Timestamp) -> Standing {
        if course.ended.is_some_and(|at| at <= now) {
            return Standing::Ended;
        }
        let live = course.live_until.is_some_and(|until| now < until);
        if live {
            return Standing::Open;
        }
        let idle = now.duration_since(course.last_act);
        if now.duration_since(course.opened) >= self.absolute_end || idle >= self.idle_end {
            return Standing::Ended;
        }
        if course.covered.is_some() || self.cover_after.is_some_and(|after| idle >= after) {
            return Standing::Covered;
        }
        Standing::Open
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
    fn a_patient_is_not_covered_while_waiting() {
        let (course, now) = course(180);
        assert_eq!(PATIENT.standing(course, now), Standing::Open);
    }
}
