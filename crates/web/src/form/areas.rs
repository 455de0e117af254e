//! A list of municipalities in one field: one a line, each written from the prefecture on.

use super::Reading;
use care::{area::Area, partner::AREAS_MAX};

/// Longest list, in characters.
const LIST_CHARS_MAX: usize = 2000;

impl Reading<'_> {
    /// Municipalities, each with its prefecture: a name alone may be found in several.
    pub fn areas(&mut self, field: &str) -> Vec<Area> {
        let Some(list) = self.maybe(field, LIST_CHARS_MAX) else {
            return Vec::new();
        };
        let lines: Vec<&str> = list
            .split(['\n', '、', ',', '，'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let mut areas: Vec<Area> = Vec::new();
        for line in &lines {
            match Area::read(line) {
                Some(area) if area.names_prefecture() && area.names_municipality() => {
                    if !areas.contains(&area) {
                        areas.push(area);
                    }
                }
                _ => {
                    self.wrong(field, "field-not-municipality");
                    return Vec::new();
                }
            }
        }
        if areas.len() > AREAS_MAX {
            self.wrong(field, "field-long");
            return Vec::new();
        }
        areas
    }
}

/// The list as the field shows it.
pub fn lines(areas: &[Area]) -> String {
    areas
        .iter()
        .map(Area::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::form::{Form, encode};

    #[test]
    fn every_line_is_a_municipality_with_its_prefecture() {
        for (typed, kept, wrong) in [
            (
                "東京都新宿区\n東京都 中野区",
                "東京都新宿区\n東京都中野区",
                None,
            ),
            (
                "京都府京都市中京区、京都府京都市中京区寺町通",
                "京都府京都市中京区",
                None,
            ),
            ("", "", None),
            ("東京都新宿区\n中野区", "", Some("field-not-municipality")),
            ("東京都", "", Some("field-not-municipality")),
            ("このあたり", "", Some("field-not-municipality")),
        ] {
            let form = Form::parse(format!("areas={}", encode(typed)).as_bytes())
                .ok()
                .unwrap();
            let mut reading = form.reading();
            assert_eq!(lines(&reading.areas("areas")), kept, "{typed}");
            assert_eq!(reading.errors().of("areas"), wrong, "{typed}");
        }
    }

    #[test]
    fn a_list_has_an_end() {
        let many: Vec<String> = (0..41).map(|n| format!("長野県み{n}町")).collect();
        let form = Form::parse(format!("areas={}", encode(&many.join("\n"))).as_bytes())
            .ok()
            .unwrap();
        let mut reading = form.reading();
        reading.areas("areas");
        assert_eq!(reading.errors().of("areas"), Some("field-long"));
    }
}
