//! What a visit is for (診療の種別): where the guideline asks something of its own, beside the class derived from the chart.

/// The kind of a visit. Chosen when it is booked, and never changed: another kind is another visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Service {
    /// An ordinary online consultation (オンライン診療).
    #[default]
    Care,
    /// A pre-consultation (診療前相談): no medical act, so no diagnosis and no prescription.
    PreConsultation,
    /// A check of mainly healthy people (健診など): no treatment.
    WellnessCheck,
    /// Emergency contraception from the first visit (緊急避妊).
    EmergencyContraception,
    /// Smoking cessation, online alone where that is safe (禁煙外来).
    SmokingCessation,
    /// With the attending physician beside the patient (D to P with D).
    WithPhysician,
    /// A distant specialist examines together with the attending physician (遠隔の専門診察・診断).
    RemoteSpecialist,
    /// Surgery and the like with a distant physician (遠隔手術等).
    RemoteSurgery,
}

impl Service {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Care,
        Self::PreConsultation,
        Self::WellnessCheck,
        Self::EmergencyContraception,
        Self::SmokingCessation,
        Self::WithPhysician,
        Self::RemoteSpecialist,
        Self::RemoteSurgery,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Care => "care",
            Self::PreConsultation => "pre_consultation",
            Self::WellnessCheck => "wellness_check",
            Self::EmergencyContraception => "emergency_contraception",
            Self::SmokingCessation => "smoking_cessation",
            Self::WithPhysician => "with_physician",
            Self::RemoteSpecialist => "remote_specialist",
            Self::RemoteSurgery => "remote_surgery",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.as_str() == word)
    }
}
