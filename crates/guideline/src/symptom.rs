//! Symptoms unfit for a first visit online (オンライン診療の初診に適さない症状). Clinics may add to the list, never remove a row.

/// One part of the body, under which symptoms are asked.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its tag.
    pub key: &'static str,
    /// As headed in Japanese.
    pub ja: &'static str,
    /// As headed in English.
    pub en: &'static str,
}

/// One symptom of the list.
#[derive(Clone, Copy, Debug)]
pub struct Symptom {
    /// Its tag.
    pub key: &'static str,
    /// Its group's tag.
    pub group: &'static str,
    /// As the patient is asked in Japanese.
    pub ja: &'static str,
    /// As the patient is asked in English.
    pub en: &'static str,
    /// As the list says it to physicians.
    pub physician: &'static str,
    /// 119 or an emergency department now: the booking stops.
    pub urgent: bool,
    /// `quoted` from texts that quote the list, or `heading`: from general knowledge of its headings.
    pub source: &'static str,
    /// Whether a physician compared the row with the original; `false` is shown as 要確認.
    pub verified: bool,
    /// Asked of children only.
    pub child: bool,
}

include!(concat!(env!("OUT_DIR"), "/symptoms.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_a_symptom() {
        assert_eq!((GROUPS.len(), SYMPTOMS.len()), (9, 43));
        for group in GROUPS {
            assert!(
                SYMPTOMS.iter().any(|row| row.group == group.key),
                "{}",
                group.key
            );
        }
    }
}
