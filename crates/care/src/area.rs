//! Areas as addresses are written (都道府県・市区町村): what a partner serves, where a patient is today.
//!
//! Names are read by their last characters, without a register of places that would have to follow every merger.
//! The names that this would misread are in tables.

use std::fmt;
use unicode_normalization::UnicodeNormalization as _;

/// Characters of an address that are looked at: a municipality stands at its front.
const TEXT_CHARS_MAX: usize = 100;
/// Longest name of a municipality with its last character: かすみがうら市 has seven.
const NAME_CHARS_MAX: usize = 8;
/// Longest name of a county (郡) without its last character.
const COUNTY_CHARS_MAX: usize = 4;

/// The prefectures (都道府県).
const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];

const TOKYO: &str = "東京都";

/// Cities by ordinance (政令指定都市): only their wards (区) are part of a municipality's name.
const WARDED: [&str; 20] = [
    "札幌市",
    "仙台市",
    "さいたま市",
    "千葉市",
    "川崎市",
    "横浜市",
    "相模原市",
    "新潟市",
    "静岡市",
    "浜松市",
    "名古屋市",
    "京都市",
    "大阪市",
    "堺市",
    "神戸市",
    "岡山市",
    "広島市",
    "北九州市",
    "福岡市",
    "熊本市",
];

/// Municipalities and wards whose name holds 市, 区, 町, 村 or 郡 before its end, where reading by the first one would go wrong.
const UNUSUAL: [&str; 20] = [
    "四日市市",
    "廿日市市",
    "野々市市",
    "十日町市",
    "大町市",
    "大町町",
    "東村山市",
    "武蔵村山市",
    "羽村市",
    "田村市",
    "大村市",
    "玉村町",
    "余市町",
    "上市町",
    "下市町",
    "上郡町",
    "大和郡山市",
    "蒲郡市",
    "小郡市",
    "中村区",
];

/// Counties whose name holds such a character.
const UNUSUAL_COUNTIES: [&str; 6] = ["余市", "高市", "北村山", "東村山", "西村山", "田村"];

/// Islands that Tokyo addresses name before their one town or village.
const ISLANDS: [&str; 2] = ["八丈島", "三宅島"];

/// City names that two prefectures share. Other cities are the only ones of their name; wards, towns and villages are not.
const SHARED_CITIES: [&str; 2] = ["府中市", "伊達市"];

/// A municipality (市区町村), as far as somebody wrote it down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Area {
    prefecture: Option<&'static str>,
    county: Option<String>,
    city: Option<String>,
    ward: Option<String>,
    /// A name without its last character: 新宿 for 新宿区.
    bare: Option<String>,
}

impl Area {
    /// Reads the front of an address. `None` if neither a prefecture nor a municipality can be made out.
    #[must_use]
    pub fn read(address: &str) -> Option<Self> {
        let text = plain(address);
        let (prefecture, rest) = prefecture(&text);
        let area = Self {
            prefecture,
            ..municipality(rest, prefecture.is_some())
        };
        (area != Self::default()).then_some(area.settled())
    }

    /// Whether a municipality is named, and not only a prefecture.
    #[must_use]
    pub const fn names_municipality(&self) -> bool {
        self.city.is_some() || self.ward.is_some()
    }

    /// Whether the prefecture is named.
    #[must_use]
    pub const fn names_prefecture(&self) -> bool {
        self.prefecture.is_some()
    }

    /// Whether both are of one prefecture.
    #[must_use]
    pub fn shares_prefecture(&self, other: &Self) -> bool {
        self.prefecture.is_some() && self.prefecture == other.prefecture
    }

    /// What somebody means who is usually there and leaves out the prefecture, or the city before a ward.
    #[must_use]
    pub fn said_by_one_of(mut self, usual: &Self) -> Self {
        let only_one = self
            .city
            .as_deref()
            .is_some_and(|city| city.ends_with('市') && !SHARED_CITIES.contains(&city));
        if self.prefecture.is_none() && !only_one {
            self.prefecture = usual.prefecture;
            if self.ward.is_some() && usual.ward.is_some() {
                self.city.clone_from(&usual.city);
            }
        }
        self.settled()
    }

    /// A ward of Tokyo is a municipality (特別区), a ward of another city is a part of one.
    fn settled(mut self) -> Self {
        if self.prefecture == Some(TOKYO) && self.city.is_none() {
            self.city = self.ward.take();
        }
        self
    }

    /// Whether one of the two lies in the other.
    ///
    /// Municipalities decide; where one side names none, the prefectures do. What one side leaves out is not held against it.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        if let (Some(one), Some(two)) = (self.prefecture, other.prefecture)
            && one != two
        {
            return false;
        }
        if let Some(name) = self.bare.as_deref().or(other.bare.as_deref()) {
            return [self, other].into_iter().all(|area| area.is_called(name));
        }
        if !self.names_municipality() || !other.names_municipality() {
            return self.prefecture.is_some() && self.prefecture == other.prefecture;
        }
        let wards_differ =
            matches!((&self.ward, &other.ward), (Some(one), Some(two)) if one != two);
        match (&self.city, &other.city) {
            (Some(one), Some(two)) => one == two && !wards_differ,
            (Some(city), None) => other.is_ward(city) || self.is_ward_of(other),
            (None, Some(city)) => self.is_ward(city) || other.is_ward_of(self),
            (None, None) => self.is_ward_of(other),
        }
    }

    fn is_ward(&self, name: &str) -> bool {
        self.ward.as_deref() == Some(name)
    }

    fn is_ward_of(&self, other: &Self) -> bool {
        self.ward.is_some() && self.ward == other.ward
    }

    fn is_called(&self, bare: &str) -> bool {
        let stem = |name: &String| name.strip_suffix(LAST).is_some_and(|stem| stem == bare);
        self.bare.as_deref() == Some(bare)
            || self.ward.as_ref().or(self.city.as_ref()).is_some_and(stem)
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefecture.unwrap_or_default())?;
        [&self.county, &self.city, &self.ward, &self.bare]
            .into_iter()
            .flatten()
            .try_for_each(|part| f.write_str(part))
    }
}

/// Last characters of a municipality.
const LAST: [char; 4] = ['市', '区', '町', '村'];

/// One way of writing: no width, no spaces, no postcode, and one of the two small ke (龍ヶ崎, 龍ケ崎).
fn plain(address: &str) -> String {
    let text: String = address
        .chars()
        .take(TEXT_CHARS_MAX)
        .nfkc()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == 'ヶ' { 'ケ' } else { c })
        .collect();
    text.trim_start_matches(|c: char| c == '〒' || c == '-' || c.is_ascii_digit())
        .to_owned()
}

/// The prefecture at the front, or alone without its last character (東京), and what follows it.
fn prefecture(text: &str) -> (Option<&'static str>, &str) {
    let alone = |name: &&str| name.strip_suffix(['都', '府', '県']) == Some(text);
    if let Some(name) = PREFECTURES.into_iter().find(alone) {
        return (Some(name), "");
    }
    PREFECTURES
        .into_iter()
        .find_map(|name| Some((Some(name), text.strip_prefix(name)?)))
        .unwrap_or((None, text))
}

/// An address without its prefecture, which is often left out.
pub(crate) fn without_prefecture(text: &str) -> &str {
    prefecture(text).1
}

/// Reads what follows the prefecture.
fn municipality(rest: &str, in_prefecture: bool) -> Area {
    if let Some(name) = UNUSUAL.into_iter().find(|name| rest.starts_with(name)) {
        return named(name.to_owned());
    }
    let rest = ISLANDS
        .into_iter()
        .find_map(|island| rest.strip_prefix(island))
        .unwrap_or(rest);
    if let Some((city, after)) = WARDED
        .into_iter()
        .find_map(|city| Some((city, rest.strip_prefix(city)?)))
    {
        return Area {
            city: Some(city.to_owned()),
            ward: name(after).filter(|name| name.ends_with('区')),
            ..Area::default()
        };
    }
    if let Some((county, after)) = county(rest) {
        return Area {
            city: name(after).filter(|name| name.ends_with(['町', '村'])),
            county: Some(format!("{county}郡")),
            ..Area::default()
        };
    }
    match name(rest) {
        Some(name) => named(name),
        None if !in_prefecture && !rest.is_empty() && rest.chars().count() < NAME_CHARS_MAX => {
            Area {
                bare: Some(rest.to_owned()),
                ..Area::default()
            }
        }
        None => Area::default(),
    }
}

fn named(name: String) -> Area {
    let (city, ward) = if name.ends_with('区') {
        (None, Some(name))
    } else {
        (Some(name), None)
    };
    Area {
        city,
        ward,
        ..Area::default()
    }
}

/// The name at the front, up to its last character.
fn name(text: &str) -> Option<String> {
    if let Some(name) = UNUSUAL.into_iter().find(|name| text.starts_with(name)) {
        return Some(name.to_owned());
    }
    let stem = text
        .chars()
        .skip(1)
        .take(NAME_CHARS_MAX - 1)
        .position(|c| LAST.contains(&c))?;
    Some(text.chars().take(stem + 2).collect())
}

/// The county at the front, without its last character, and what follows it.
fn county(text: &str) -> Option<(&str, &str)> {
    let (county, after) = text.split_once('郡')?;
    let usual =
        !county.is_empty() && county.chars().count() <= COUNTY_CHARS_MAX && !county.contains(LAST);
    (usual || UNUSUAL_COUNTIES.contains(&county)).then_some((county, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_municipality_is_read_out_of_an_address() {
        for (address, read) in [
            ("千葉県市川市八幡1-1-1", "千葉県市川市"),
            ("市川市八幡", "市川市"),
            ("千葉県市原市国分寺台中央", "千葉県市原市"),
            ("三重県四日市市諏訪町1-5", "三重県四日市市"),
            ("廿日市市下平良", "廿日市市"),
            ("石川県野々市市三納", "石川県野々市市"),
            ("長野県大町市大町3887", "長野県大町市"),
            ("佐賀県杵島郡大町町大字大町", "佐賀県杵島郡大町町"),
            ("新潟県十日町市千歳町", "新潟県十日町市"),
            ("東京都町田市森野", "東京都町田市"),
            ("北海道余市郡余市町朝日町", "北海道余市郡余市町"),
            ("北海道余市町", "北海道余市町"),
            ("奈良県高市郡明日香村", "奈良県高市郡明日香村"),
            ("奈良県吉野郡下市町", "奈良県吉野郡下市町"),
            ("山梨県西八代郡市川三郷町", "山梨県西八代郡市川三郷町"),
            ("市川三郷町市川大門", "市川三郷町"),
            ("兵庫県赤穂郡上郡町大持", "兵庫県赤穂郡上郡町"),
            ("上郡町大持", "上郡町"),
            ("京都府京都市中京区寺町通", "京都府京都市中京区"),
            ("京都市中京区", "京都市中京区"),
            ("愛知県名古屋市中村区名駅", "愛知県名古屋市中村区"),
            ("愛知県蒲郡市旭町", "愛知県蒲郡市"),
            ("奈良県大和郡山市北郡山町", "奈良県大和郡山市"),
            ("福岡県小郡市小郡", "福岡県小郡市"),
            ("福島県郡山市田村町", "福島県郡山市"),
            ("福島県田村市船引町", "福島県田村市"),
            ("福島県田村郡三春町", "福島県田村郡三春町"),
            ("岐阜県郡上市八幡町", "岐阜県郡上市"),
            ("東京都東村山市本町", "東京都東村山市"),
            ("山形県東村山郡山辺町", "山形県東村山郡山辺町"),
            ("山形県村山市中央", "山形県村山市"),
            ("武蔵村山市本町", "武蔵村山市"),
            ("東京都羽村市緑ケ丘", "東京都羽村市"),
            ("新潟県村上市三之町", "新潟県村上市"),
            ("宮城県柴田郡村田町大字村田", "宮城県柴田郡村田町"),
            ("群馬県佐波郡玉村町", "群馬県佐波郡玉村町"),
            ("東京都新宿区西新宿2-8-1", "東京都新宿区"),
            ("東京都八丈島八丈町大賀郷", "東京都八丈町"),
            ("茨城県かすみがうら市上土田", "茨城県かすみがうら市"),
            ("茨城県龍ヶ崎市", "茨城県龍ケ崎市"),
            ("横浜市保土ヶ谷区川辺町", "横浜市保土ケ谷区"),
            ("さいたま市見沼区", "さいたま市見沼区"),
            ("新潟県上越市大島区岡", "新潟県上越市"),
            ("〒100-0001 東京都 千代田区 千代田", "東京都千代田区"),
            ("東京都\u{3000}千代田区", "東京都千代田区"),
            ("沖縄県国頭郡東村", "沖縄県国頭郡東村"),
            ("宮崎県西都市", "宮崎県西都市"),
            ("宮崎県都城市姫城町", "宮崎県都城市"),
            ("東京", "東京都"),
            ("京都", "京都府"),
            ("北海道", "北海道"),
            ("沖縄県どこか", "沖縄県"),
            ("北海道余市郡", "北海道余市郡"),
            ("新宿", "新宿"),
        ] {
            let area = Area::read(address).map(|area| area.to_string());
            assert_eq!(area.as_deref(), Some(read), "{address}");
        }
    }

    #[test]
    fn what_is_no_place_is_not_read() {
        for address in [
            "",
            "\u{3000}",
            "〒100-0001",
            "Shinjuku-ku, Tokyo",
            "きょうはでかけています",
        ] {
            assert_eq!(Area::read(address), None, "{address}");
        }
    }

    #[test]
    fn half_width_is_full_width() {
        assert_eq!(Area::read("ｱﾙﾌﾟｽ市"), Area::read("アルプス市"), "katakana");
    }

    #[test]
    fn places_meet_by_municipality() {
        for (one, two, meet) in [
            ("新宿区", "東京都新宿区西新宿", true),
            ("東京都新宿区", "東京都中野区", false),
            ("京都市", "京都府京都市中京区", true),
            ("京都府京都市左京区", "京都府京都市中京区", false),
            ("京都府", "東京都新宿区", false),
            ("東京都", "東京都新宿区", true),
            ("京都", "東京都新宿区", false),
            ("長野", "大阪府河内長野市", false),
            ("市川市", "千葉県四街道市", false),
            ("日市市", "三重県四日市市", false),
            ("大町市", "佐賀県杵島郡大町町", false),
            ("村山市", "東京都東村山市", false),
            ("東村山市", "東京都武蔵村山市", false),
            ("余市町", "北海道余市郡余市町", true),
            ("府中市", "広島県府中市", true),
            ("東京都府中市", "広島県府中市", false),
            ("新宿", "東京都新宿区", true),
            ("宿", "東京都新宿区", false),
            ("北区", "大阪府大阪市北区", true),
            ("大阪市", "大阪府堺市北区", false),
            ("大阪市", "東京都北区", false),
            ("大阪市北区", "東京都北区", false),
            ("北区", "東京都北区", true),
        ] {
            let [a, b] = [one, two].map(|text| Area::read(text).unwrap());
            assert_eq!(a.meets(&b), meet, "{one} {two}");
            assert_eq!(b.meets(&a), meet, "{two} {one}");
        }
    }

    #[test]
    fn what_is_left_out_is_what_is_usual() {
        for (said, usual, meant) in [
            ("府中市", "広島県福山市", "広島県府中市"),
            ("大阪市", "東京都新宿区", "大阪市"),
            ("港区", "東京都新宿区", "東京都港区"),
            ("北区", "大阪府大阪市港区", "大阪府大阪市北区"),
            ("北区", "大阪府東大阪市", "大阪府北区"),
            ("池田町", "長野県松本市", "長野県池田町"),
            ("大阪府港区", "東京都新宿区", "大阪府港区"),
        ] {
            let [said, usual] = [said, usual].map(|text| Area::read(text).unwrap());
            assert_eq!(said.said_by_one_of(&usual).to_string(), meant);
        }
    }
}
