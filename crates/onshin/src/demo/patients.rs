//! The made-up patients, and what each is there to show. Names and numbers belong to nobody.

use super::{
    conditions::{ASTHMA, Condition, DIABETES, HAY_FEVER, HYPERTENSION, LIPIDS, THYROID},
    house::AREA,
};
use care::patient::Profile;
use jiff::civil::{Date, date};
use store::patient::ProxyPerson;

/// One patient as written here.
pub(super) struct Sample {
    /// What the patient is there to show.
    pub(super) purpose: &'static str,
    name: &'static str,
    kana: &'static str,
    birth: Date,
    sex: &'static str,
    phone: &'static str,
    mail: &'static str,
    alerts: &'static [&'static str],
    /// 0 例沢, 1 別所.
    pub(super) physician: usize,
    pub(super) condition: &'static Condition,
    /// Visits in person and online, in days ago, oldest first. Without one in person it is a first visit.
    pub(super) in_person: &'static [i64],
    pub(super) online: &'static [i64],
    pub(super) booked: Booked,
    /// A parent or helper who speaks: name, relation, mobile number, birth date.
    proxy: Option<(&'static str, &'static str, &'static str, Date)>,
}

/// What stands in the book.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Booked {
    /// Today, so many minutes from the start of the demo.
    InMinutes(i64),
    /// Arrived, and waiting.
    Waiting,
    /// Tomorrow, at an hour.
    Tomorrow(i8, i8),
    /// Ended a while ago, and nobody has signed the note.
    Unsigned,
    /// Closed this very day.
    Closed,
    /// Sent to be seen in person, arrival not yet confirmed.
    Switched,
}

impl Sample {
    pub(super) fn profile(&self) -> Profile {
        Profile {
            name: self.name.to_owned(),
            kana: self.kana.to_owned(),
            birth: self.birth,
            sex: self.sex.to_owned(),
            phone: digits(self.phone),
            mail: self.mail.to_owned(),
            address: AREA.to_owned(),
            alerts: self
                .alerts
                .iter()
                .map(|alert| (*alert).to_owned())
                .collect(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn proxy(&self) -> Option<ProxyPerson> {
        let (name, relation, phone, birth) = self.proxy?;
        Some(ProxyPerson {
            name: name.to_owned(),
            relation: relation.to_owned(),
            phone: digits(phone),
            birth,
        })
    }

    /// Whether each start gives a new visit, when the last one is done.
    pub(super) const fn comes_again(&self) -> bool {
        match self.booked {
            Booked::InMinutes(_) | Booked::Tomorrow(..) | Booked::Waiting => true,
            Booked::Unsigned | Booked::Closed | Booked::Switched => false,
        }
    }

    /// Whether there is a history to tell: a plan, agreements, notes.
    pub(super) fn is_known(&self) -> bool {
        !self.in_person.is_empty()
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

const BASE: Sample = Sample {
    purpose: "",
    name: "",
    kana: "",
    birth: date(1970, 1, 1),
    sex: "female",
    phone: "",
    mail: "",
    alerts: &[],
    physician: 0,
    condition: &HYPERTENSION,
    in_person: &[150, 60],
    online: &[90, 28],
    booked: Booked::InMinutes(10),
    proxy: None,
};

/// Everyone, in the order of the chart numbers.
pub(super) const PATIENTS: [Sample; 16] = [
    Sample {
        purpose: "followup-1",
        name: "見本 正男",
        kana: "みほん まさお",
        birth: date(1951, 4, 3),
        sex: "male",
        phone: "00-0100-0001",
        alerts: &["ペニシリン アレルギー"],
        booked: Booked::InMinutes(8),
        ..BASE
    },
    Sample {
        purpose: "followup-2",
        name: "例野 きく",
        kana: "れいの きく",
        birth: date(1958, 9, 21),
        phone: "00-0100-0002",
        condition: &DIABETES,
        booked: Booked::InMinutes(12),
        ..BASE
    },
    Sample {
        purpose: "followup-3",
        name: "例田 さち",
        kana: "れいだ さち",
        birth: date(1997, 2, 11),
        phone: "00-0100-0003",
        physician: 1,
        condition: &ASTHMA,
        booked: Booked::InMinutes(16),
        ..BASE
    },
    Sample {
        purpose: "followup-4",
        name: "見本 てつ",
        kana: "みほん てつ",
        birth: date(1966, 6, 30),
        sex: "male",
        phone: "00-0100-0004",
        condition: &LIPIDS,
        booked: Booked::InMinutes(20),
        ..BASE
    },
    Sample {
        purpose: "first-visit",
        name: "仮山 とも",
        kana: "かりやま とも",
        birth: date(1995, 5, 5),
        phone: "00-0100-0005",
        physician: 1,
        condition: &HAY_FEVER,
        in_person: &[],
        online: &[],
        booked: Booked::InMinutes(10),
        ..BASE
    },
    Sample {
        purpose: "first-visit-2",
        name: "仮名 りく",
        kana: "かりな りく",
        birth: date(2001, 12, 24),
        sex: "male",
        phone: "00-0100-0006",
        condition: &HAY_FEVER,
        in_person: &[],
        online: &[],
        booked: Booked::InMinutes(25),
        ..BASE
    },
    Sample {
        purpose: "changed-text",
        name: "例田 すすむ",
        kana: "れいだ すすむ",
        birth: date(1982, 3, 14),
        sex: "male",
        phone: "00-0100-0007",
        condition: &THYROID,
        in_person: &[120, 50],
        online: &[70],
        booked: Booked::InMinutes(18),
        ..BASE
    },
    Sample {
        purpose: "overdue-in-person",
        name: "架空 あきら",
        kana: "かくう あきら",
        birth: date(1987, 8, 8),
        sex: "male",
        // The port gives messages to this number back: the board offers the mail.
        phone: "00-0100-9999",
        mail: "akira@patient.example",
        in_person: &[190, 96],
        booked: Booked::InMinutes(24),
        ..BASE
    },
    Sample {
        purpose: "proxy",
        name: "見取 ゆう",
        kana: "みとり ゆう",
        birth: date(2017, 7, 7),
        sex: "male",
        phone: "",
        alerts: &["卵 アレルギー"],
        physician: 1,
        condition: &ASTHMA,
        booked: Booked::InMinutes(22),
        proxy: Some(("見取 みさき", "母", "00-0100-0009", date(1988, 10, 2))),
        ..BASE
    },
    Sample {
        purpose: "waiting",
        name: "架空 ミツ",
        kana: "かくう みつ",
        birth: date(1944, 1, 15),
        phone: "00-0100-0010",
        alerts: &["転びやすい"],
        physician: 1,
        booked: Booked::Waiting,
        ..BASE
    },
    Sample {
        purpose: "tomorrow-1",
        name: "仮名 しん",
        kana: "かりな しん",
        birth: date(1969, 11, 3),
        sex: "male",
        phone: "00-0100-0011",
        booked: Booked::Tomorrow(10, 0),
        ..BASE
    },
    Sample {
        purpose: "tomorrow-2",
        name: "見本 はな",
        kana: "みほん はな",
        birth: date(1976, 4, 29),
        phone: "00-0100-0012",
        condition: &THYROID,
        booked: Booked::Tomorrow(14, 30),
        ..BASE
    },
    Sample {
        purpose: "tomorrow-3",
        name: "例木 ひろし",
        kana: "れいき ひろし",
        birth: date(1961, 2, 2),
        sex: "male",
        phone: "00-0100-0013",
        physician: 1,
        condition: &DIABETES,
        booked: Booked::Tomorrow(16, 0),
        ..BASE
    },
    Sample {
        purpose: "note-unsigned",
        name: "架空 のぞみ",
        kana: "かくう のぞみ",
        birth: date(1990, 6, 17),
        phone: "00-0100-0014",
        condition: &ASTHMA,
        booked: Booked::Unsigned,
        ..BASE
    },
    Sample {
        purpose: "closed-today",
        name: "仮野原 つよし",
        kana: "かりのはら つよし",
        birth: date(1955, 12, 1),
        sex: "male",
        phone: "00-0100-0015",
        condition: &LIPIDS,
        booked: Booked::Closed,
        ..BASE
    },
    Sample {
        purpose: "to-come-in",
        name: "例島 みどり",
        kana: "れいしま みどり",
        birth: date(1949, 10, 10),
        phone: "00-0100-0016",
        alerts: &["ワルファリン服用"],
        physician: 1,
        booked: Booked::Switched,
        ..BASE
    },
];
