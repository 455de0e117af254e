//! What the program knows of a visit by itself, in words: the same lines before the signature, beside the note, and in the chart.

use crate::Words;
use care::{
    identity::Method,
    plan::OutsideReason,
    record::{Attended, Derived, IdentitySeen, Judged, NextInPerson, Prior, Turn},
};
use store::dossier::legal_day;

/// The word kept where an emergency began with a physician of whom the plan knows nothing, and nobody was asked why.
pub(crate) const UNSAID: &str = "outside";

/// Name and words of each line, in the order of the closing panel (cl-3.2-i-a).
pub(crate) fn lines(w: Words, derived: &Derived) -> Vec<(&'static str, String)> {
    let comma = w.say("list-comma");
    let mut lines = vec![("derived-class", class(w, derived))];
    if !derived.physician.is_empty() {
        lines.push(("derived-physician", derived.physician.clone()));
    }
    if let Some(turn) = &derived.turn {
        lines.push(("derived-turn", reason(w, turn)));
        if let Some((name, at)) = &turn.handed_over {
            let (day, time) = (w.date(legal_day(*at)), w.time(*at));
            lines.push(("derived-handed-over", format!("{name} {day} {time}")));
        }
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
    lines.extend(
        derived
            .attended
            .iter()
            .map(|one| ("derived-attended", attended(w, one))),
    );
    lines.push((
        "derived-persons",
        match &derived.present {
            Some(present) if !present.is_empty() => present.join(&comma),
            Some(_) if derived.attended.is_empty() => w.say("statement-alone").into_owned(),
            Some(_) => w.say("derived-nobody-else").into_owned(),
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
    let mut class = vec![word(w, "bookings-class", &derived.class)];
    if !derived.service.is_empty() {
        class.push(word(w, "service", &derived.service));
    }
    if derived.emergency {
        class.push(w.say("derived-emergency").into_owned());
    }
    class.join(" ")
}

/// Who took part, from when to when.
fn attended(w: Words, one: &Attended) -> String {
    let until = one.until.map(|at| w.time(at)).unwrap_or_default();
    let part = word(w, "part", &one.part);
    let there = format!("{part} {} {}–{until}", one.name, w.time(one.from));
    match one.breaks {
        0 => there,
        breaks => format!("{there} ({})", w.fill("derived-breaks", "count", breaks)),
    }
}

/// Why it was this physician: a reason of the list, the own words, or the case of the plan that applied.
fn reason(w: Words, turn: &Turn) -> String {
    let kept = turn.reason.as_str();
    match OutsideReason::parse(kept) {
        Some(OutsideReason::Other) => turn.words.clone(),
        Some(_) => w.say(kept.replace(':', "-")).into_owned(),
        None if kept == UNSAID => w.say("derived-turn-unsaid").into_owned(),
        None => w.fill("derived-turn-case", "case", kept).into_owned(),
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
