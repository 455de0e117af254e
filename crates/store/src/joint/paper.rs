//! Papers that two physicians hand each other for one joint visit. The newest of a kind counts; what was stays.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::PersonId;
use care::{
    attended::{INFORMED, Joint, PaperId},
    specialist::{COORDINATED, NEED},
    surgery::{CONTINUES, ELIGIBLE},
};
use guideline::Clause;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What a paper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperKind {
    /// What the attending physician tells beforehand.
    Information,
    /// Why the region needs it.
    Need,
    /// 紹介状
    Letter,
    /// 返書
    Reply,
    /// For whom remote surgery is.
    Eligibility,
    /// Sites, line and take-over of remote surgery.
    Arrangement,
}

impl PaperKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Information,
        Self::Need,
        Self::Letter,
        Self::Reply,
        Self::Eligibility,
        Self::Arrangement,
    ];

    /// The word stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Need => "need",
            Self::Letter => "letter",
            Self::Reply => "reply",
            Self::Eligibility => "eligibility",
            Self::Arrangement => "arrangement",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    const fn clause(self) -> Clause {
        match self {
            Self::Information => INFORMED,
            Self::Need => NEED,
            Self::Letter | Self::Reply => COORDINATED,
            Self::Eligibility => ELIGIBLE,
            Self::Arrangement => CONTINUES,
        }
    }

    /// What the ledger calls its writing, its opening and its answer.
    const fn subjects(self) -> [&'static str; 3] {
        match self {
            Self::Information => [
                "information.sent",
                "information.opened",
                "information.judged",
            ],
            Self::Need => ["need.stated", "need.opened", "need.answered"],
            Self::Letter => ["letter.written", "letter.opened", "letter.answered"],
            Self::Reply => ["reply.written", "reply.opened", "reply.answered"],
            Self::Eligibility => [
                "eligibility.stated",
                "eligibility.opened",
                "eligibility.signed",
            ],
            Self::Arrangement => [
                "continuation.planned",
                "continuation.opened",
                "continuation.answered",
            ],
        }
    }
}

/// One paper. Not printable: clinical words.
pub struct Paper {
    /// Its name.
    pub id: PaperId,
    /// What it is.
    pub kind: PaperKind,
    content: Value,
    /// Who wrote it.
    pub by: PersonId,
    /// When.
    pub written: Timestamp,
    /// When its author signed it.
    pub signed: Option<Timestamp>,
    /// When the other physician opened it.
    pub opened: Option<Timestamp>,
    /// The other physician's answer.
    pub answer: Option<bool>,
    /// What is asked for with it.
    pub words: String,
}

impl Paper {
    /// What it says.
    ///
    /// # Errors
    ///
    /// It was stored as something else.
    pub fn content<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_value(self.content.clone()).map_err(|_| Fault::Corrupt {
            table: "joint_paper",
            column: "content",
            id: self.id.to_string(),
        })
    }
}

impl Conn {
    /// The newest paper of a kind.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn newest_paper(
        &mut self,
        joint: &Joint,
        kind: PaperKind,
    ) -> Result<Option<Paper>, Fault> {
        let row = sqlx::query(
            "SELECT id, content, written_by, written_at, signed_at, opened_at, answer, words
             FROM joint_paper
             WHERE tenant = $1 AND joint = $2 AND kind = $3 -- joint_paper_by_joint
             ORDER BY written_at DESC, id DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(joint.id.to_string())
        .bind(kind.as_str())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::of("joint_paper", &row);
        let id: PaperId = cells.parsed("id")?;
        let (patient, name) = (joint.patient.to_string(), id.to_string());
        let sealed = cells.bytes("content")?;
        let content = self
            .unseal_json(&patient, "joint_paper", &name, &sealed)
            .await?;
        let words = match cells.maybe_bytes("words")? {
            Some(sealed) => {
                self.unseal_json(&patient, "joint_paper", &name, &sealed)
                    .await?
            }
            None => String::new(),
        };
        Ok(Some(Paper {
            id,
            kind,
            content,
            by: cells.parsed("written_by")?,
            written: cells.instant("written_at")?,
            signed: cells.maybe_instant("signed_at")?,
            opened: cells.maybe_instant("opened_at")?,
            answer: cells.maybe_int("answer")?.map(|answer| answer != 0),
            words,
        }))
    }
}

impl Tx {
    /// Keeps a paper, signed or still a draft.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn write_paper<T: Serialize + Sync>(
        &mut self,
        by: &By,
        author: PersonId,
        joint: &Joint,
        (kind, content, signed): (PaperKind, &T, bool),
    ) -> Result<PaperId, Fault> {
        let id = PaperId(self.fresh_id()?);
        let patient = joint.patient.to_string();
        let sealed = self
            .seal_json(&patient, "joint_paper", &id.to_string(), content)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO joint_paper (tenant, id, joint, patient, kind, content, written_by, written_at, signed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(joint.id.to_string())
        .bind(&patient)
        .bind(kind.as_str())
        .bind(&sealed)
        .bind(author.to_string())
        .bind(now)
        .bind(signed.then_some(now))
        .execute(self.any())
        .await?;
        let (_, digest) = self.digest(&sealed)?;
        let [written, _, _] = kind.subjects();
        let entry = by
            .under(kind.clause(), written)
            .object("joint", joint.id.to_string())
            .object("paper", id.to_string())
            .field("signed", i64::from(signed))
            .digest("content", digest);
        let entry = self.reserved(entry, author).await?;
        self.record(entry).await?;
        Ok(id)
    }

    /// Keeps that the other physician opened a paper: the first time counts.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_paper_opened(
        &mut self,
        by: &By,
        joint: &Joint,
        paper: &Paper,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE joint_paper SET opened_at = $1 WHERE tenant = $2 AND id = $3 AND opened_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(paper.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
        let [_, opened, _] = paper.kind.subjects();
        self.record(
            by.under(paper.kind.clause(), opened)
                .object("joint", joint.id.to_string())
                .object("paper", paper.id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps the other physician's answer to a paper. It is given once.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was answered already; or storage failed.
    pub async fn answer_paper(
        &mut self,
        by: &By,
        joint: &Joint,
        paper: &Paper,
        (yes, words): (bool, &str),
    ) -> Result<(), Fault> {
        let patient = joint.patient.to_string();
        let sealed = self
            .seal_json(&patient, "joint_paper", &paper.id.to_string(), &words)
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE joint_paper SET answer = $1, words = $2, answered_at = $3
             WHERE tenant = $4 AND id = $5 AND answered_at IS NULL",
        )
        .bind(i64::from(yes))
        .bind(sealed)
        .bind(now)
        .bind(tenant)
        .bind(paper.id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        let [_, _, answered] = paper.kind.subjects();
        self.record(
            by.under(paper.kind.clause(), answered)
                .object("joint", joint.id.to_string())
                .object("paper", paper.id.to_string())
                .field("yes", i64::from(yes)),
        )
        .await?;
        Ok(())
    }
}
