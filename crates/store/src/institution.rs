//! The institution (医療機関) itself: what it is called and where it is reached.

use crate::{Conn, Fault, Tx, plain};
use ledger::{Actor, Entry};
use sqlx::Row as _;

/// Name, address, telephone and hours: mandatory on every patient page (cl-2.1-i-b).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Institution {
    /// 名称
    pub name: String,
    /// 所在地
    pub address: String,
    /// 電話番号, as people write it.
    pub phone: String,
    /// 診療時間
    pub hours: String,
    /// Name in English; empty means the Japanese one is shown.
    pub name_en: String,
    /// Address in English; may be empty.
    pub address_en: String,
    /// Hours in English; may be empty.
    pub hours_en: String,
    /// 医療機関コード; may be empty.
    pub code: String,
    /// Whether the authorities were notified of online care (届出).
    pub online_care_notified: bool,
    /// Whom patients ask besides.
    pub desks: Desks,
}

/// Where the ministry's public search for physicians is (医師等資格確認検索).
pub const LICENCE_SEARCH: &str = "https://licenseif.mhlw.go.jp/search_isei/";

/// Whom patients complain to and ask for their records, and where anybody can look a physician up (苦情・開示などの窓口).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desks {
    /// Whom to complain to; the institution itself until somebody is named.
    pub complaint: String,
    /// That desk's telephone.
    pub complaint_phone: String,
    /// Whom to ask for the records.
    pub disclosure: String,
    /// That desk's telephone.
    pub disclosure_phone: String,
    /// Address of the public search.
    pub licence_search: String,
}

impl Default for Desks {
    fn default() -> Self {
        Self {
            complaint: String::new(),
            complaint_phone: String::new(),
            disclosure: String::new(),
            disclosure_phone: String::new(),
            licence_search: LICENCE_SEARCH.to_owned(),
        }
    }
}

impl Desks {
    /// Whether every desk has a name and a telephone.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        [
            &self.complaint,
            &self.complaint_phone,
            &self.disclosure,
            &self.disclosure_phone,
        ]
        .into_iter()
        .all(|text| !text.trim().is_empty())
    }
}

impl Institution {
    /// Whether all that patients must be told is there.
    pub fn is_complete(&self) -> bool {
        [&self.name, &self.address, &self.phone, &self.hours]
            .into_iter()
            .all(|text| !text.trim().is_empty())
    }
}

impl Conn {
    /// The institution of this connection, once its settings were entered.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn institution(&mut self) -> Result<Option<Institution>, Fault> {
        let tenant = self.tenant().to_string();
        let row = sqlx::query(
            "SELECT name, address, phone, hours, name_en, address_en, hours_en, code, online_care_notified
             FROM institution
             WHERE tenant = $1",
        )
        .bind(tenant)
        .fetch_optional(self.any())
        .await?;
        let desks = self.desks().await?;
        row.map(|row| {
            Ok(Institution {
                desks,
                name: row.try_get("name")?,
                address: row.try_get("address")?,
                phone: row.try_get("phone")?,
                hours: row.try_get("hours")?,
                name_en: row.try_get("name_en")?,
                address_en: row.try_get("address_en")?,
                hours_en: row.try_get("hours_en")?,
                code: row.try_get("code")?,
                online_care_notified: row.try_get::<i64, _>("online_care_notified")? != 0,
            })
        })
        .transpose()
    }

    /// Whom patients ask besides: until somebody is named, the institution itself.
    async fn desks(&mut self) -> Result<Desks, Fault> {
        let tenant = self.tenant().to_string();
        let row = sqlx::query(
            "SELECT complaint, complaint_phone, disclosure, disclosure_phone, licence_search
             FROM public_contact
             WHERE tenant = $1",
        )
        .bind(tenant)
        .fetch_optional(self.any())
        .await?;
        row.map_or(Ok(Desks::default()), |row| {
            Ok(Desks {
                complaint: row.try_get("complaint")?,
                complaint_phone: row.try_get("complaint_phone")?,
                disclosure: row.try_get("disclosure")?,
                disclosure_phone: row.try_get("disclosure_phone")?,
                licence_search: row.try_get("licence_search")?,
            })
        })
    }
}

impl Tx {
    /// Keeps whom patients ask besides. The caller has judged that all of it is there.
    ///
    /// # Errors
    ///
    /// Storage failed, or a text holds U+0000.
    pub async fn keep_desks(&mut self, new: &Desks, actor: Actor) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        sqlx::query(
            "INSERT INTO public_contact
               (tenant, complaint, complaint_phone, disclosure, disclosure_phone, licence_search, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant) DO UPDATE
             SET complaint = excluded.complaint, complaint_phone = excluded.complaint_phone,
                 disclosure = excluded.disclosure, disclosure_phone = excluded.disclosure_phone,
                 licence_search = excluded.licence_search, changed_at = excluded.changed_at",
        )
        .bind(tenant.as_str())
        .bind(plain(&new.complaint)?)
        .bind(plain(&new.complaint_phone)?)
        .bind(plain(&new.disclosure)?)
        .bind(plain(&new.disclosure_phone)?)
        .bind(plain(&new.licence_search)?)
        .bind(now)
        .execute(self.any())
        .await?;
        let entry = Entry::new("institution.changed", actor, "administration")
            .object("institution", tenant)
            .clause("ext-4.2.e")
            .field("complaint", new.complaint.as_str())
            .field("complaint_phone", new.complaint_phone.as_str())
            .field("disclosure", new.disclosure.as_str())
            .field("disclosure_phone", new.disclosure_phone.as_str())
            .field("licence_search", new.licence_search.as_str());
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps the institution's settings; the ledger holds their history. The caller has judged that they are complete.
    ///
    /// # Errors
    ///
    /// Storage failed, or a text holds U+0000.
    pub async fn keep_institution(&mut self, new: &Institution, actor: Actor) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let now = self.now().as_microsecond();
        sqlx::query(
            "INSERT INTO institution
               (tenant, name, address, phone, hours, name_en, address_en, hours_en, code, online_care_notified, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (tenant) DO UPDATE
             SET name = excluded.name, address = excluded.address, phone = excluded.phone, hours = excluded.hours,
                 name_en = excluded.name_en, address_en = excluded.address_en, hours_en = excluded.hours_en,
                 code = excluded.code, online_care_notified = excluded.online_care_notified,
                 changed_at = excluded.changed_at",
        )
        .bind(tenant.as_str())
        .bind(plain(&new.name)?)
        .bind(plain(&new.address)?)
        .bind(plain(&new.phone)?)
        .bind(plain(&new.hours)?)
        .bind(plain(&new.name_en)?)
        .bind(plain(&new.address_en)?)
        .bind(plain(&new.hours_en)?)
        .bind(plain(&new.code)?)
        .bind(i64::from(new.online_care_notified))
        .bind(now)
        .execute(self.any())
        .await?;
        let entry = Entry::new("institution.changed", actor, "administration")
            .object("institution", tenant)
            .clause("cl-2.1-i-b")
            .field("name", new.name.as_str())
            .field("address", new.address.as_str())
            .field("phone", new.phone.as_str())
            .field("hours", new.hours.as_str());
        self.record(entry).await?;
        Ok(())
    }
}
