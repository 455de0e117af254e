//! What the program knows of a visit by itself, in words: the same lines before the signature, beside the note, and in the chart.

use crate::Words;
use care::{
    identity::Method,
    record::{Derived, IdentitySeen, Judged, NextInPerson, Prior},
};
use store::dossier::legal_day;

/// Name and words of each line, in the order of the closing panel (cl-3.2-i-a).
pub(crate) fn lines(w: Words, derived: &Derived) -> Vec<(&'static str, String)> {
    let comma = w.say("list-comma");
    let mut lines = vec![("derived-class", class(w, derived))];
    if !derived.physician.is_empty() {
        lines.push(("derived-physician", derived.physician.clone()));
    }
    if let Some(room) = &derived.room {
        lines.push(("derived-room", room.clone()));
    }
    lines.push((
        "derived-place",
        match &derived.place {
            Some(place) => word(w, "place", place),
            None => w.say("statement-none").into_owned(),
        },
    ));
    lines.push((
        "derived-persons",
        match &derived.present {
            Some(present) if present.is_empty() => w.say("statement-alone").into_owned(),
            Some(present) => present.join(&comma),
            None => w.say("derived-not-checked").into_owned(),
        },
    ));
    lines.push(("derived-identity", identity(w, derived)));
    if let Some(begun) = derived.begun {
        let ended = derived.ended.map(|at| w.time(at)).unwrap_or_default();
        let day = w.date(legal_day(begun));
        lines.push(("derived-times", format!("{day} {}–{ended}", w.time(begun))));
    }
    lines.push((
        "derived-quality",
        w.fill("measured", "seconds", derived.two_way_seconds)
            .into_owned(),
    ));
    lines.push((
        "derived-interruptions",
        w.fill("derived-times-count", "count", derived.interruptions)
            .into_owned(),
    ));
    if !derived.judged.is_empty() {
        let judged: Vec<String> = derived.judged.iter().map(|one| judgement(w, one)).collect();
        lines.push(("derived-judged", judged.join(&comma)));
    }
    if !derived.agreed.is_empty() {
        let agreed: Vec<String> = derived
            .agreed
            .iter()
            .map(|one| {
                let version = w.fill("patients-version", "version", one.material);
                let given = w.date(legal_day(one.given));
                let kind = word(w, "patients-agreement", &one.kind);
                format!("{kind} {version} {given}")
            })
            .collect();
        lines.push(("derived-agreed", agreed.join(&comma)));
    }
    if let Some(version) = derived.plan {
        let version = w.fill("patients-version", "version", version);
        lines.push(("derived-plan", version.into_owned()));
    }
    if let Some(next) = derived.next {
        lines.push(("derived-next", next_in_person(w, next)));
    }
    lines.extend(
        derived
            .prior
            .iter()
            .map(|one| ("derived-prior", obtained(w, one))),
    );
    lines
}

/// One thing obtained beforehand: what, from where, of which day.
fn obtained(w: Words, one: &Prior) -> String {
    let said = if one.none {
        format!("{} {}", w.say("background-confirmed-none"), one.text)
    } else {
        one.text.clone()
    };
    format!(
        "{}: {} ({} {})",
        word(w, "background", &one.matter),
        said.trim(),
        word(w, "background-source", &one.source),
        w.date(one.obtained)
    )
}

fn class(w: Words, derived: &Derived) -> String {
    let class = word(w, "bookings-class", &derived.class);
    if derived.emergency {
        format!("{class} {}", w.say("derived-emergency"))
    } else {
        class
    }
}

fn identity(w: Words, derived: &Derived) -> String {
    let seen = match &derived.identity {
        Some(seen) => checked(w, seen),
        None => w.say("derived-not-checked").into_owned(),
    };
    if derived.known {
        format!("{} ({seen})", w.say("derived-known"))
    } else {
        seen
    }
}

fn checked(w: Words, seen: &IdentitySeen) -> String {
    if seen.method == Method::Exempted.as_str() {
        let day = w.date(legal_day(seen.at));
        return format!("{} {day}", word(w, "derived-method", &seen.method));
    }
    let matched = if seen.matches {
        "patients-matched"
    } else {
        "patients-matched-not"
    };
    [
        word(w, "derived-method", &seen.method),
        crate::document::names(w, &seen.document),
        w.date(legal_day(seen.at)),
        w.say(matched).into_owned(),
    ]
    .join(" ")
}

fn judgement(w: Words, judged: &Judged) -> String {
    let verdict = if judged.suitable {
        "derived-suitable"
    } else {
        "derived-unsuitable"
    };
    let phase = word(w, "derived-phase", &judged.phase);
    format!("{phase} {} {}", w.say(verdict), w.time(judged.at))
}

fn next_in_person(w: Words, next: NextInPerson) -> String {
    match next {
        NextInPerson::By { day } => w.fill("band-in-person-by", "day", w.date(day)).into_owned(),
        NextInPerson::AfterVisits => w.say("plans-due-by-visits").into_owned(),
        NextInPerson::Overdue => w.say("band-in-person-overdue").into_owned(),
    }
}

/// The text of a stored word; a word that has no text any more stands for itself.
fn word(w: Words, kind: &str, stored: &str) -> String {
    let key = format!("{kind}-{stored}");
    if w.has(&key) {
        w.say(key).into_owned()
    } else {
        stored.to_owned()
    }
}
