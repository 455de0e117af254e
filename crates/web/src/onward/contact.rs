//! The hand-over to care in person after such a first visit: somebody there was spoken to and has the document, and it stays
//! open until they accept or the patient arrives (cl-1.2-iv-e).

use crate::{
    Form, Problem,
    consultation::{Asking, Case},
    form::Reading,
    preconsultation::evening,
    words::tokyo,
};
use care::{
    referral::{self, Contact},
    suitability::HandOver,
    task::{Kind, Opening},
};
use jiff::{Timestamp, civil::Time};
use store::{Tx, linkage::Handed};

/// Longest name or way, in characters.
const LINE_CHARS_MAX: usize = 200;
/// Longest document, in characters.
const DOCUMENT_CHARS_MAX: usize = 4_000;
/// The fields of it on the form that stops a visit.
const FIELDS: [(&str, usize); 5] = [
    ("here", LINE_CHARS_MAX),
    ("contact_who", LINE_CHARS_MAX),
    ("contact_how", LINE_CHARS_MAX),
    ("contact_at", LINE_CHARS_MAX),
    ("document", DOCUMENT_CHARS_MAX),
];

/// What the form that stops a visit says of it. Empty, and not looked at, in a visit on another route.
pub(crate) struct Contacted {
    here: bool,
    contact: Option<Contact>,
    document: String,
}

impl Contacted {
    pub(crate) fn read(form: &Form, reading: &mut Reading<'_>, now: Timestamp) -> Self {
        let mut words = |field, most| reading.maybe(field, most).unwrap_or_default();
        let who = words("contact_who", LINE_CHARS_MAX);
        let how = words("contact_how", LINE_CHARS_MAX);
        let document = words("document", DOCUMENT_CHARS_MAX);
        let at: Option<Time> = match form.text("contact_at") {
            "" => None,
            _ => reading.parse("contact_at"),
        };
        let today = now.to_zoned(tokyo()).date();
        let at = at
            .and_then(|at| today.to_datetime(at).to_zoned(tokyo()).ok())
            .map(|at| at.timestamp());
        Self {
            here: form.has("here"),
            contact: at.map(|at| Contact { who, how, at }),
            document,
        }
    }

    /// What was typed, for the form when it is drawn again.
    pub(crate) fn typed(form: &Form) -> Form {
        let fields = FIELDS
            .into_iter()
            .filter(|(name, _)| form.has(name))
            .map(|(name, most)| {
                (
                    name.to_owned(),
                    form.text(name).chars().take(most).collect(),
                )
            });
        Form::of(fields.collect())
    }

    /// Judges it and keeps it with the task. Nothing in a visit on another route; nothing to keep where the patient comes here.
    pub(crate) async fn kept(
        self,
        tx: &mut Tx,
        asking: &Asking,
        case: &Case,
        hand_over: &HandOver,
    ) -> Result<(), Problem> {
        if case.dossier.onward.is_none() {
            return Ok(());
        }
        referral::handed(self.here, self.contact.as_ref(), &self.document, tx.now())?;
        let Some(contact) = self.contact.filter(|_| !self.here) else {
            return Ok(());
        };
        let visit = &case.booking.consultation;
        let words = format!("{} / {}", hand_over.destination, contact.who);
        let handed = Handed {
            contact,
            document: self.document,
        };
        tx.keep_handed_to(&asking.by, visit, &handed).await?;
        let opening = Opening {
            kind: Kind::HandedOver,
            patient: visit.patient,
            visit: Some(visit.id),
            about: None,
            words,
            due: evening(hand_over.target).ok_or(Problem::Malformed)?,
        };
        tx.open_task(&asking.by, &opening).await?;
        Ok(())
    }
}
