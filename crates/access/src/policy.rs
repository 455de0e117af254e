//! Who may use an address: every route names its audience, and what no audience names is closed.

use crate::Role;

/// For whom a route is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone, signed in or not.
    Anyone,
    /// A patient (or the patient's named helper) in a visit.
    Patient,
    /// Anyone of the staff who has proved who it is, even before an institution is chosen or while the screen is covered.
    SignedIn,
    /// Staff of the institution, whatever the role.
    Staff,
    /// Staff of the institution who hold one of these roles.
    Roles(&'static [Role]),
}

/// Who asks, as far as proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker<'a> {
    /// Nobody known.
    Anonymous,
    /// A patient's session.
    Patient,
    /// Staff without a chosen institution, or with a covered screen.
    Waiting,
    /// Staff of an institution, with the roles held there today.
    Staff(&'a [Role]),
}

/// What to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Admitted,
    /// Show first who you are.
    SignIn,
    /// Known, and not allowed.
    Denied,
}

impl Audience {
    /// Judges one asker. Anything not named here is denied.
    pub fn judge(self, asker: Asker<'_>) -> Verdict {
        match (self, asker) {
            (Self::Anyone, _)
            | (Self::Patient, Asker::Patient)
            | (Self::SignedIn, Asker::Waiting | Asker::Staff(_)) => Verdict::Admitted,
            (Self::Staff, Asker::Staff(held)) if !held.is_empty() => Verdict::Admitted,
            (Self::Roles(wanted), Asker::Staff(held))
                if held.iter().any(|role| wanted.contains(role)) =>
            {
                Verdict::Admitted
            }
            (_, Asker::Anonymous) | (Self::Staff | Self::Roles(_), Asker::Waiting) => {
                Verdict::SignIn
            }
            (Self::Patient, Asker::Waiting | Asker::Staff(_))
            | (Self::SignedIn | Self::Staff | Self::Roles(_), Asker::Patient)
            | (Self::Staff | Self::Roles(_), Asker::Staff(_)) => Verdict::Denied,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_closed() {
        let nurse = [Role::Nurse];
        let desk = Audience::Roles(&[Role::Physician, Role::Reception]);
        for (audience, asker, verdict) in [
            (Audience::Anyone, Asker::Anonymous, Verdict::Admitted),
            (Audience::Patient, Asker::Anonymous, Verdict::SignIn),
            (Audience::Patient, Asker::Patient, Verdict::Admitted),
            (Audience::Patient, Asker::Staff(&nurse), Verdict::Denied),
            (Audience::SignedIn, Asker::Waiting, Verdict::Admitted),
            (Audience::SignedIn, Asker::Patient, Verdict::Denied),
            (Audience::Staff, Asker::Waiting, Verdict::SignIn),
            (Audience::Staff, Asker::Staff(&[]), Verdict::Denied),
            (Audience::Staff, Asker::Staff(&nurse), Verdict::Admitted),
            (desk, Asker::Staff(&nurse), Verdict::Denied),
            (
                desk,
                Asker::Staff(&[Role::Nurse, Role::Reception]),
                Verdict::Admitted,
            ),
            (desk, Asker::Patient, Verdict::Denied),
            (Audience::Roles(&[]), Asker::Staff(&nurse), Verdict::Denied),
        ] {
            assert_eq!(audience.judge(asker), verdict, "{audience:?} {asker:?}");
        }
    }
}
