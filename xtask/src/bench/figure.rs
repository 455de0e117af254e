//! What was measured: rows with their unit, the floor or peer beside them, and what disturbed them.
use std::fmt::Write as _;

use serde::Serialize;

/// One line of the report.
#[derive(Serialize)]
pub(super) struct Row {
    /// What was measured.
    pub(super) what: String,
    /// How much, in `unit`.
    pub(super) value: f64,
    pub(super) unit: &'static str,
    /// The floor or the peer of the same run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) beside: Option<Beside>,
    /// What the figure is made of.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
    /// A time that other work on the machine lengthens.
    pub(super) latency: bool,
}

/// The least that the same work costs, or another who does it, in the unit of its row.
#[derive(Serialize)]
pub(super) struct Beside {
    pub(super) what: String,
    pub(super) value: f64,
    /// The row's value divided by this one.
    pub(super) ratio: Option<f64>,
}

impl Row {
    pub(super) fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            what: what.into(),
            value,
            unit,
            beside: None,
            note: String::new(),
            latency: matches!(unit, "ms" | "s" | "1/s"),
        }
    }

    pub(super) fn beside(mut self, what: impl Into<String>, value: f64) -> Self {
        let ratio = (value > 0.0).then(|| self.value / value);
        self.beside = Some(Beside {
            what: what.into(),
            value,
            ratio,
        });
        self
    }

    /// Other work on the machine did not matter to this row.
    pub(super) fn undisturbed(mut self, yes: bool) -> Self {
        self.latency &= !yes;
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// All rows of one name, or why there are none.
#[derive(Serialize)]
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) profile: &'static str,
    /// Cores that other work kept busy when it began.
    pub(super) busy_cores: f64,
    /// Other work kept more than half of the cores: its times are no judgement.
    pub(super) disturbed: bool,
    pub(super) rows: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_measured: Option<String>,
}

impl Figure {
    /// The figure as lines for the terminal.
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "{} [{}, {:.1} cores busy before]\n",
            self.name, self.profile, self.busy_cores
        );
        if let Some(why) = &self.not_measured {
            let _ = writeln!(text, "  not measured: {why}");
        }
        for row in &self.rows {
            let mark = if row.latency && self.disturbed {
                " (busy machine)"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "  {:<52} {:>12} {}{mark}",
                row.what,
                digits(row.value),
                row.unit
            );
            if let Some(beside) = &row.beside {
                let ratio = beside
                    .ratio
                    .map_or_else(String::new, |ratio| format!("  = {} times", digits(ratio)));
                let _ = writeln!(
                    text,
                    "    {:<50} {:>12} {}{ratio}",
                    beside.what,
                    digits(beside.value),
                    row.unit
                );
            }
            if !row.note.is_empty() {
                let _ = writeln!(text, "    {}", row.note);
            }
        }
        text
    }
}

/// Three digits that matter.
fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The value below which this part of the samples lies; zero of none.
pub(super) fn percentile(samples: &[f64], part: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in the list"
    )]
    let place = (part * last as f64).round() as usize;
    sorted.get(place.min(last)).copied().unwrap_or(0.0)
}

pub(super) fn median(samples: &[f64]) -> f64 {
    percentile(samples, 0.5)
}

/// `n rounds, lowest … highest`, so that a median is not read as more than it is.
pub(super) fn spread(samples: &[f64]) -> String {
    format!(
        "median of {}, {} … {}",
        samples.len(),
        digits(percentile(samples, 0.0)),
        digits(percentile(samples, 1.0))
    )
}

#[cfg(test)]
mod tests {
    use super::{Row, digits, median, percentile};

    #[test]
    fn percentiles_are_samples() {
        let samples = [5.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!(
            [0.0, 0.5, 0.99, 1.0].map(|part| digits(percentile(&samples, part))),
            ["1.00", "3.00", "5.00", "5.00"]
        );
        assert_eq!(digits(median(&[])), "0.00");
    }

    #[test]
    fn a_floor_of_nothing_gives_no_ratio() {
        assert!(
            Row::new("a", 1.0, "ms")
                .beside("b", 0.0)
                .beside
                .unwrap()
                .ratio
                .is_none()
        );
    }
}
