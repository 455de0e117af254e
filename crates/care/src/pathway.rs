//! What an institution has switched on beside ordinary care (特別な診療の設定), and with which drugs.

use crate::formulary::Code;

/// What the institution has set for one service. Without it the service is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Switched on.
    pub offered: bool,
    /// The drugs of the service, by code.
    pub drugs: Vec<Code>,
    /// Oldest list or paper that the service rests on, in days.
    pub days_max: u16,
}

impl Setting {
    /// Whether the service is there: switched on, with its drugs.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.offered && !self.drugs.is_empty()
    }
}
