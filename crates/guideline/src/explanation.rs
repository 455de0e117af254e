//! The seed texts of explanation (説明) and agreement (合意). A clinic's own versions start from these rows.

/// One text in both languages. Legal weight lies in the stored version that a patient was shown, never here.
#[derive(Clone, Copy, Debug)]
pub struct SeedText {
    /// Its tag, such as `limits_and_combination` or `online_care`.
    pub key: &'static str,
    /// Heading in Japanese.
    pub title_ja: &'static str,
    /// Heading in English.
    pub title_en: &'static str,
    /// Text in Japanese.
    pub body_ja: &'static str,
    /// Text in English.
    pub body_en: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/explanations.rs"));
