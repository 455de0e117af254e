//! Texts with legal weight (説明・同意): versioned rows, seeded from the guidelines, published only when complete.

use crate::{By, Conn, Fault, Tx, row::Cells};
use care::{
    explanation::{Block, DECIDED_TAG, LIMITS_TAG},
    plan::Item,
};
use guideline::explanation::{AGREEMENTS, GUIDANCE, ITEMS, PLAN, SeedText};
use sha2::{Digest as _, Sha256};

/// One text in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalText {
    /// `explanation`, `agreement`, `plan` or `guidance`.
    pub kind: String,
    /// Its tag.
    pub tag: String,
    /// Version; every publication counts.
    pub version: i64,
    /// Version of the substance; only a change in substance counts.
    pub material: i64,
    /// Headings and texts.
    pub title_ja: String,
    /// English heading.
    pub title_en: String,
    /// Japanese text.
    pub body_ja: String,
    /// English text.
    pub body_en: String,
    /// Digest of all of it.
    pub digest: String,
}

/// The kind of the nine texts of the standard draft.
const STANDARD_PLAN: &str = "plan";

/// The institution's standard draft of a care plan: what a first visit shows before there is a plan of the patient's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardPlan {
    /// The nine items in order.
    pub items: Vec<LegalText>,
    /// Version of its substance: it grows whenever that of an item does.
    pub material: i64,
    /// Digest of all nine.
    pub digest: String,
}

/// A text to publish.
#[derive(Clone, Debug)]
pub struct NewText {
    /// `explanation`, `agreement`, `plan` or `guidance`.
    pub kind: &'static str,
    /// Headings and texts by tag.
    pub block: Block,
    /// Headings: Japanese, English.
    pub titles: (String, String),
    /// Whether the substance changes, so that everybody is asked again.
    pub in_substance: bool,
}

impl Conn {
    /// The newest version of every text of a kind, in the order they are shown.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn texts(&mut self, kind: &'static str) -> Result<Vec<LegalText>, Fault> {
        let rows = sqlx::query(
            "SELECT t.kind, t.tag, t.version, t.material, t.title_ja, t.title_en, t.body_ja, t.body_en, t.digest
             FROM legal_text t
             WHERE t.tenant = $1 AND t.kind = $2
               AND t.version = (SELECT MAX(v.version) FROM legal_text v
                                WHERE v.tenant = t.tenant AND v.kind = t.kind AND v.tag = t.tag)
             ORDER BY t.tag
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .bind(kind)
        .fetch_all(self.any())
        .await?;
        let mut texts = Vec::new();
        for row in &rows {
            let cells = Cells::of("legal_text", row);
            texts.push(LegalText {
                kind: cells.text("kind")?,
                tag: cells.text("tag")?,
                version: cells.int("version")?,
                material: cells.int("material")?,
                title_ja: cells.text("title_ja")?,
                title_en: cells.text("title_en")?,
                body_ja: cells.text("body_ja")?,
                body_en: cells.text("body_en")?,
                digest: cells.text("digest")?,
            });
        }
        texts.sort_by_key(|text| order(kind, &text.tag));
        Ok(texts)
    }

    /// The number of the substance of each newest text of a kind, by its tag, without the words.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub(crate) async fn materials(
        &mut self,
        kind: &'static str,
    ) -> Result<Vec<(String, i64)>, Fault> {
        let rows = sqlx::query(
            "SELECT t.tag, t.material
             FROM legal_text t
             WHERE t.tenant = $1 AND t.kind = $2
               AND t.version = (SELECT MAX(v.version) FROM legal_text v
                                WHERE v.tenant = t.tenant AND v.kind = t.kind AND v.tag = t.tag)
             LIMIT 50",
        )
        .bind(self.tenant().to_string())
        .bind(kind)
        .fetch_all(self.any())
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let cells = Cells::of("legal_text", row);
            found.push((cells.text("tag")?, cells.int("material")?));
        }
        found.sort_by_key(|(tag, _)| order(kind, tag));
        Ok(found)
    }

    /// The wording before a version of the substance, for the difference that each side is shown.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn text_before(
        &mut self,
        text: &LegalText,
    ) -> Result<Option<(String, String)>, Fault> {
        let row = sqlx::query(
            "SELECT tag AS id, body_ja, body_en
             FROM legal_text
             WHERE tenant = $1 AND kind = $2 AND tag = $3 AND material < $4
             ORDER BY version DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(&text.kind)
        .bind(&text.tag)
        .bind(text.material)
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("legal_text", &row);
            Ok((cells.text("body_ja")?, cells.text("body_en")?))
        })
        .transpose()
    }

    /// The standard draft of a care plan; none until all nine items have words in both languages.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn standard_plan(&mut self) -> Result<Option<StandardPlan>, Fault> {
        let items = self.texts(STANDARD_PLAN).await?;
        let whole = Item::ALL.iter().all(|item| {
            items.iter().any(|text| {
                text.tag == item.as_str()
                    && !text.body_ja.trim().is_empty()
                    && !text.body_en.trim().is_empty()
            })
        });
        if !whole {
            return Ok(None);
        }
        let mut hash = Sha256::new();
        for text in &items {
            hash.update(text.digest.as_bytes());
        }
        Ok(Some(StandardPlan {
            material: items.iter().map(|text| text.material).sum(),
            digest: crate::engine::hex(&hash.finalize()),
            items,
        }))
    }
}

impl Tx {
    /// Gives a new institution the seed texts, and the vendor's word on the security statement.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn seed_texts(&mut self) -> Result<(), Fault> {
        for (kind, seeds) in [
            ("explanation", ITEMS),
            ("agreement", AGREEMENTS),
            (STANDARD_PLAN, PLAN),
            (crate::guidance::KIND, GUIDANCE),
        ] {
            for seed in seeds {
                self.insert_text(
                    kind,
                    &block(seed),
                    (seed.title_ja, seed.title_en),
                    (1, 1),
                    None,
                )
                .await?;
            }
        }
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO security_statement (tenant, material, vendor_at) VALUES ($1, 1, $2)",
        )
        .bind(tenant)
        .bind(now)
        .execute(self.any())
        .await?;
        Ok(())
    }

    /// Publishes a new version. The caller has asked [`care::explanation::publishable`].
    ///
    /// A change in substance of the security text starts a new security statement, which all three parties accept anew.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn publish_text(&mut self, by: &By, text: &NewText) -> Result<(), Fault> {
        let tenant = self.tenant().to_string();
        let row = sqlx::query(
            "SELECT COALESCE(MAX(version), 0) AS version, COALESCE(MAX(material), 0) AS material
             FROM legal_text
             WHERE tenant = $1 AND kind = $2 AND tag = $3",
        )
        .bind(&tenant)
        .bind(text.kind)
        .bind(&text.block.tag)
        .fetch_one(self.any())
        .await?;
        let cells = Cells::of("legal_text", &row);
        let version = cells.int("version")? + 1;
        let material = cells.int("material")? + i64::from(text.in_substance);
        self.insert_text(
            text.kind,
            &text.block,
            (&text.titles.0, &text.titles.1),
            (version, material.max(1)),
            Some(by),
        )
        .await?;
        if text.block.tag == care::agreement::Kind::SecurityRisk.as_str() && text.in_substance {
            // The vendor stands on the release's own text, word for word, and on no other: what a clinic writes instead
            // waits for the vendor, and nothing starts on it (sec-0.b).
            let vendor = is_release(text).then(|| self.now().as_microsecond());
            sqlx::query(
                "INSERT INTO security_statement (tenant, material, vendor_at) VALUES ($1, $2, $3)",
            )
            .bind(&tenant)
            .bind(material)
            .bind(vendor)
            .execute(self.any())
            .await?;
        }
        self.record(
            by.entry("page.published")
                .field("tag", text.block.tag.clone())
                .field("version", version),
        )
        .await?;
        Ok(())
    }

    /// Goes back to the release's own security statement, which the vendor stands on (sec-0.b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn publish_release_statement(&mut self, by: &By) -> Result<(), Fault> {
        let kind = care::agreement::Kind::SecurityRisk.as_str();
        for seed in AGREEMENTS.iter().filter(|seed| seed.key == kind) {
            let text = NewText {
                kind: "agreement",
                block: block(seed),
                titles: (seed.title_ja.to_owned(), seed.title_en.to_owned()),
                in_substance: true,
            };
            self.publish_text(by, &text).await?;
        }
        Ok(())
    }

    /// The institution's administrator accepts the security statement in force (sec-0.b).
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sign_statement(&mut self, by: &By) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "UPDATE security_statement
             SET institution_by = $1, institution_at = $2
             WHERE tenant = $3 AND institution_at IS NULL",
        )
        .bind(by.person().map(|person| person.to_string()))
        .bind(now)
        .bind(tenant)
        .execute(self.any())
        .await?;
        self.record(by.under(care::agreement::THREE_PARTIES, "statement.signed"))
            .await?;
        Ok(())
    }

    async fn insert_text(
        &mut self,
        kind: &str,
        block: &Block,
        (title_ja, title_en): (&str, &str),
        (version, material): (i64, i64),
        by: Option<&By>,
    ) -> Result<(), Fault> {
        let mut hash = Sha256::new();
        for part in [title_ja, title_en, &block.ja, &block.en] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let digest: String = crate::engine::hex(&hash.finalize());
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO legal_text (tenant, kind, tag, version, material, title_ja, title_en, body_ja, body_en, digest,
                                     published_at, published_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(tenant)
        .bind(kind)
        .bind(&block.tag)
        .bind(version)
        .bind(material)
        .bind(title_ja)
        .bind(title_en)
        .bind(&block.ja)
        .bind(&block.en)
        .bind(digest)
        .bind(now)
        .bind(by.and_then(By::person).map(|person| person.to_string()))
        .execute(self.any())
        .await?;
        Ok(())
    }
}

/// Whether a text is the release's own, word for word.
fn is_release(text: &NewText) -> bool {
    AGREEMENTS.iter().any(|seed| {
        let own = block(seed);
        own == text.block && text.titles.0 == seed.title_ja && text.titles.1 == seed.title_en
    })
}

fn block(seed: &SeedText) -> Block {
    Block {
        tag: seed.key.to_owned(),
        ja: seed.body_ja.to_owned(),
        en: seed.body_en.to_owned(),
    }
}

fn order(kind: &str, tag: &str) -> usize {
    let known = if kind == STANDARD_PLAN {
        Item::ALL.iter().position(|item| item.as_str() == tag)
    } else {
        [
            LIMITS_TAG,
            DECIDED_TAG,
            "online_care",
            "security_risk",
            "system_use",
        ]
        .iter()
        .position(|known| *known == tag)
    };
    known.unwrap_or(usize::MAX)
}
