//! One check of what a person knows and has: the same work and the same time whether or not there is such a person.

use crate::{App, Problem, totp};
use access::{PersonId, TenantId, credential};
use jiff::Timestamp;
use store::{Fault, person::Credential};

/// What was offered.
pub(super) struct Offered {
    pub(super) password: String,
    pub(super) code: String,
}

/// What must be right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Password and code: sign-in.
    Both,
    /// Either: the screen is covered, and the session itself is the other factor.
    Either,
}

/// Who passed.
pub(super) struct Passed {
    pub(super) person: PersonId,
    /// Whether the person still has to enrol the second factor.
    pub(super) must_enrol: bool,
}

/// The secret that is checked where there is none.
const NOBODY: [u8; totp::SECRET_BYTES] = [0; totp::SECRET_BYTES];

/// Checks, counts a failure, uses up a code. `None` says no, never why.
pub(super) async fn check(
    app: &App,
    found: Option<Credential>,
    offered: Offered,
    need: Need,
    now: Timestamp,
) -> Result<Option<Passed>, Problem> {
    let hash = found
        .as_ref()
        .map(|credential| credential.password_hash.clone());
    let knows = app.hasher().matches(offered.password, hash).await?;
    let secret = found
        .as_ref()
        .and_then(|credential| credential.totp_secret.as_deref());
    let last = found
        .as_ref()
        .and_then(|credential| credential.totp_last_step);
    let step = totp::matching_step(secret.unwrap_or(&NOBODY), &offered.code, last, now)
        .filter(|_| secret.is_some());
    let must_enrol = secret.is_none();
    let right = match need {
        Need::Both => knows && (step.is_some() || must_enrol),
        Need::Either => knows || step.is_some(),
    };
    let person = found.as_ref().map(|credential| credential.person);
    let shut = found.is_some_and(|credential| is_shut(&credential, now));
    match person {
        Some(person) if right && !shut => {
            let first = app
                .store()
                .write::<bool, Fault, _>(TenantId::INSTALLATION, now, move |tx| {
                    Box::pin(async move { tx.sign_in_passed(person, step).await })
                })
                .await?;
            Ok(first.then_some(Passed { person, must_enrol }))
        }
        failed => {
            // A stranger's name costs a commit too, so that time tells nothing.
            let failed = failed.filter(|_| !shut);
            app.store()
                .write::<(), Fault, _>(TenantId::INSTALLATION, now, move |tx| {
                    Box::pin(async move {
                        match failed {
                            Some(person) => tx.sign_in_failed(person).await,
                            None => Ok(()),
                        }
                    })
                })
                .await?;
            tracing::warn!(target: "security", known = failed.is_some(), shut, "sign-in refused");
            Ok(None)
        }
    }
}

fn is_shut(credential: &Credential, now: Timestamp) -> bool {
    let waiting = credential
        .last_failure
        .and_then(|last| credential::shut_until(credential.failures, last))
        .is_some_and(|until| now < until);
    credential.disabled || waiting
}
