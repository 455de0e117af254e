//! Signs that cannot wait, asked before anything else. Clinics may add to the list, never silently remove.

/// One sign in the patient's words.
#[derive(Clone, Copy, Debug)]
pub struct UrgentSign {
    /// Its tag.
    pub key: &'static str,
    /// As asked in Japanese.
    pub ja: &'static str,
    /// As asked in English.
    pub en: &'static str,
    /// Whether a physician has reviewed the wording; `false` is shown as 要確認.
    pub verified: bool,
}

include!(concat!(env!("OUT_DIR"), "/urgent.rs"));
