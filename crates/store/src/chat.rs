//! Messages beside the visits at rest: the scope in force, who accepted it, and what was written, sealed.

use crate::{
    By, Conn, Fault, Tx,
    row::{Cells, json},
};
use access::PersonId;
use care::{
    PatientId, ProxyId,
    chat::{ChatMessageId, ChatScopeId, Facts, Flag, INSTRUCTED, Open, SCOPE, Scope, Signable},
    task::{Kind, Opening},
};
use jiff::{SignedDuration, Timestamp};

/// Messages of one thread that are looked at, the newest.
pub const THREAD_MAX: i64 = 200;
/// Threads with something new that are listed.
pub const UNREAD_MAX: i64 = 100;
/// The stretch in which messages of one patient are counted.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What chat is for, in force.
#[derive(Clone)]
pub struct SignedScope {
    /// Which version.
    pub id: ChatScopeId,
    /// What it says.
    pub scope: Scope,
    /// Who signed it.
    pub signed_by: PersonId,
    /// When.
    pub signed: Timestamp,
}

/// One message. No `Debug`: it is somebody's word.
#[derive(Clone)]
pub struct Message {
    /// Which.
    pub id: ChatMessageId,
    /// Who wrote for the clinic; none where the patient wrote.
    pub person: Option<PersonId>,
    /// What.
    pub words: String,
    /// What it speaks of, where that is no matter of chat.
    pub flag: Option<Flag>,
    /// When.
    pub sent: Timestamp,
    /// When the other side first saw it.
    pub read: Option<Timestamp>,
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The patient, or the helper.
    Patient,
    /// Somebody of the clinic.
    Clinic(PersonId),
}

impl Conn {
    /// The scope in force; none where chat is off.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn chat_scope(&mut self) -> Result<Option<SignedScope>, Fault> {
        let row = sqlx::query(
            "SELECT id, content, signed_by, signed_at
             FROM chat_scope
             WHERE tenant = $1 AND ended_at IS NULL -- chat_scope_one",
        )
        .bind(self.tenant().to_string())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("chat_scope", &row);
            Ok(SignedScope {
                id: cells.parsed("id")?,
                scope: cells.json("content")?,
                signed_by: cells.parsed("signed_by")?,
                signed: cells.instant("signed_at")?,
            })
        })
        .transpose()
    }

    /// What a patient's thread rests on: an acceptance of what is in force, else the newest of what was.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn chat_facts(&mut self, patient: PatientId) -> Result<Facts, Fault> {
        let scope = self.chat_scope().await?.map(|signed| signed.id);
        let row = sqlx::query(
            "SELECT scope AS id
             FROM chat_acceptance
             WHERE tenant = $1 AND patient = $2
             ORDER BY CASE WHEN scope = $3 THEN 0 ELSE 1 END, accepted_at DESC
             LIMIT 1",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(scope.map(|scope| scope.to_string()))
        .fetch_optional(self.any())
        .await?;
        let accepted = row
            .map(|row| Cells::of("chat_acceptance", &row).parsed("id"))
            .transpose()?;
        Ok(Facts { scope, accepted })
    }

    /// A patient's thread, the oldest first, at most the newest [`THREAD_MAX`].
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn chat_thread(&mut self, patient: PatientId) -> Result<Vec<Message>, Fault> {
        let rows = sqlx::query(
            "SELECT id, person, words, flag, sent_at, read_at
             FROM chat_message
             WHERE tenant = $1 AND patient = $2 -- chat_message_by_patient
             ORDER BY sent_at DESC, id DESC
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(THREAD_MAX)
        .fetch_all(self.any())
        .await?;
        let mut thread = Vec::with_capacity(rows.len());
        for row in rows.iter().rev() {
            let cells = Cells::of("chat_message", row);
            let id: ChatMessageId = cells.parsed("id")?;
            let sealed = cells.bytes("words")?;
            thread.push(Message {
                id,
                person: cells.maybe_parsed("person")?,
                words: self
                    .unseal_json(
                        &patient.to_string(),
                        "chat_message",
                        &id.to_string(),
                        &sealed,
                    )
                    .await?,
                flag: cells
                    .maybe_text("flag")?
                    .map(|word| Flag::parse(&word).ok_or_else(|| cells.corrupt("flag")))
                    .transpose()?,
                sent: cells.instant("sent_at")?,
                read: cells.maybe_instant("read_at")?,
            });
        }
        Ok(thread)
    }

    /// Patients who wrote what nobody of the clinic has seen, who waits longest first, and since when.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn chat_unread(&mut self) -> Result<Vec<(PatientId, Timestamp)>, Fault> {
        let rows = sqlx::query(
            "SELECT patient AS id, MIN(sent_at) AS since
             FROM chat_message
             WHERE tenant = $1 AND read_at IS NULL AND person IS NULL -- chat_message_unread
             GROUP BY patient
             ORDER BY since
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(UNREAD_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("chat_message", row);
                Ok((cells.parsed("id")?, cells.instant("since")?))
            })
            .collect()
    }

    /// How many messages went in one direction within the last day.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn chat_today(
        &mut self,
        patient: PatientId,
        by_clinic: bool,
        now: Timestamp,
    ) -> Result<usize, Fault> {
        let since = now.saturating_sub(DAY).unwrap_or(now);
        let row = sqlx::query(
            "SELECT COUNT(*) AS messages
             FROM chat_message
             WHERE tenant = $1 AND patient = $2 AND sent_at > $3 -- chat_message_by_patient
               AND (person IS NOT NULL) = (CAST($4 AS INTEGER) = 1)",
        )
        .bind(self.tenant().to_string())
        .bind(patient.to_string())
        .bind(since.as_microsecond())
        .bind(i64::from(by_clinic))
        .fetch_one(self.any())
        .await?;
        let count = Cells::of("chat_message", &row).int("messages")?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

impl Tx {
    /// Puts a scope in force. The one before ends: every patient is asked anew.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn sign_chat_scope(
        &mut self,
        by: &By,
        person: PersonId,
        scope: &Scope,
        _signable: Signable,
    ) -> Result<ChatScopeId, Fault> {
        self.close_chat().await?;
        let id = ChatScopeId(self.fresh_id()?);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO chat_scope (tenant, id, content, signed_by, signed_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&tenant)
        .bind(id.to_string())
        .bind(json(scope)?)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(INSTRUCTED, "chat.scope_signed")
                .object("institution", tenant)
                .object("chat_scope", id.to_string()),
        )
        .await?;
        Ok(id)
    }

    /// Switches chat off: what was written stays readable.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn end_chat(&mut self, by: &By) -> Result<(), Fault> {
        if self.close_chat().await? {
            let tenant = self.tenant().to_string();
            self.record(
                by.under(INSTRUCTED, "chat.ended")
                    .object("institution", tenant),
            )
            .await?;
        }
        Ok(())
    }

    async fn close_chat(&mut self) -> Result<bool, Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE chat_scope SET ended_at = $1 WHERE tenant = $2 AND ended_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .execute(self.any())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps that the patient accepts what chat is for. Done twice, it is one acceptance.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn accept_chat(
        &mut self,
        by: &By,
        patient: PatientId,
        proxy: Option<ProxyId>,
        scope: ChatScopeId,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "INSERT INTO chat_acceptance (tenant, patient, scope, proxy, accepted_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, patient, scope) DO NOTHING",
        )
        .bind(tenant)
        .bind(patient.to_string())
        .bind(scope.to_string())
        .bind(proxy.map(|proxy| proxy.to_string()))
        .bind(now)
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
        for clause in [SCOPE, INSTRUCTED] {
            self.record(
                by.under(clause, "chat.scope_accepted")
                    .object("patient", patient.to_string())
                    .object("chat_scope", scope.to_string()),
            )
            .await?;
        }
        Ok(())
    }

    /// Keeps a message. One of the patient that speaks of the body opens a task for whoever decides.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_chat_message(
        &mut self,
        by: &By,
        patient: PatientId,
        (writer, words): (Writer, &str),
        open: Open,
    ) -> Result<Option<Flag>, Fault> {
        let id = ChatMessageId(self.fresh_id()?);
        let (person, flag) = match writer {
            Writer::Patient => (None, care::chat::flag(words)),
            Writer::Clinic(person) => (Some(person), None),
        };
        let sealed = self
            .seal_json(
                &patient.to_string(),
                "chat_message",
                &id.to_string(),
                &words,
            )
            .await?;
        let (tenant, now) = (self.tenant().to_string(), self.now());
        sqlx::query(
            "INSERT INTO chat_message (tenant, id, patient, person, words, flag, sent_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(patient.to_string())
        .bind(person.map(|person| person.to_string()))
        .bind(sealed)
        .bind(flag.map(Flag::as_str))
        .bind(now.as_microsecond())
        .execute(self.any())
        .await?;
        self.record(
            by.entry("chat.sent")
                .object("chat_message", id.to_string())
                .object("patient", patient.to_string())
                .object("chat_scope", open.scope().to_string()),
        )
        .await?;
        if let Some(flag) = flag {
            self.record(
                by.under(SCOPE, "chat.flagged")
                    .object("chat_message", id.to_string())
                    .object("patient", patient.to_string())
                    .field("flag", flag.as_str()),
            )
            .await?;
            let opening = Opening {
                kind: Kind::ChatFlagged,
                patient,
                visit: None,
                about: Some(id.to_string()),
                words: words.to_owned(),
                due: now.saturating_add(flag.within()).unwrap_or(now),
            };
            let _ = self.open_task(by, &opening).await?;
        }
        Ok(flag)
    }

    /// Keeps that one side has seen what the other wrote.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn read_chat(&mut self, patient: PatientId, reader: Writer) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let own = match reader {
            Writer::Patient => {
                "UPDATE chat_message SET read_at = $1
                 WHERE tenant = $2 AND patient = $3 AND read_at IS NULL AND person IS NOT NULL"
            }
            Writer::Clinic(_) => {
                "UPDATE chat_message SET read_at = $1
                 WHERE tenant = $2 AND patient = $3 AND read_at IS NULL AND person IS NULL"
            }
        };
        sqlx::query(own)
            .bind(now)
            .bind(tenant)
            .bind(patient.to_string())
            .execute(self.any())
            .await?;
        Ok(())
    }
}
