//! Remote surgery at rest: registers, attestations, probes of lines, tries before the start, and losses during it.

use crate::{
    By, Conn, Fault, Tx,
    joint::PaperKind,
    row::{Cells, json},
};
use access::PersonId;
use care::{
    PatientId,
    attended::{Joint, JointId, Side},
    surgery::{
        Attestation, CONNECTED, CONTINUES, Content, Counted, Decision, Eligibility, Entry, EntryId,
        Facts, Hour, LOOKED_AT, Lost, Register, Stated, Subject, TESTED, Tried, Try,
    },
};
use guideline::Clause;
use jiff::Timestamp;

/// Entries of all registers that are looked at.
const ENTRIES_MAX: i64 = 300;
/// Attestations that are looked at, newest first.
const ATTESTED_MAX: i64 = 1000;
/// Tries of one joint visit that are looked at, newest first.
const TRIES_MAX: i64 = 200;
/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;
/// Longest delay that is kept as a number.
const DELAY_MS_KEPT: i64 = 60_000;

const fn clause_of(register: Register) -> Clause {
    match register {
        Register::Guideline => care::surgery::GUIDED,
        Register::Site => care::surgery::STRUCTURED,
        Register::Network => CONNECTED,
    }
}

impl Conn {
    /// The registers, without what has ended, in the order in which they were written.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn surgery_entries(&mut self) -> Result<Vec<Entry>, Fault> {
        let rows = sqlx::query(
            "SELECT id, content
             FROM surgery_entry
             WHERE tenant = $1 AND ended_at IS NULL
             ORDER BY id
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(ENTRIES_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("surgery_entry", row);
                Ok(Entry {
                    id: cells.parsed("id")?,
                    content: cells.json::<Content>("content")?,
                })
            })
            .collect()
    }

    /// What was attested, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn surgery_attestations(&mut self) -> Result<Vec<Attestation>, Fault> {
        let rows = sqlx::query(
            "SELECT id, subject, guideline, site, signed_by, signed_at
             FROM surgery_attestation
             WHERE tenant = $1
             ORDER BY signed_at DESC, id DESC
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(ATTESTED_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("surgery_attestation", row);
                Ok(Attestation {
                    subject: cells.word("subject", Subject::parse)?,
                    guideline: cells.maybe_parsed("guideline")?,
                    site: cells.maybe_parsed("site")?,
                    by: cells.parsed("signed_by")?,
                    at: cells.instant("signed_at")?,
                })
            })
            .collect()
    }

    /// The probes of a line, an hour of the clock and a side each.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn surgery_probes(
        &mut self,
        network: EntryId,
        now: Timestamp,
    ) -> Result<Vec<Hour>, Fault> {
        let since = now.as_microsecond() - i64::try_from(LOOKED_AT.as_micros()).unwrap_or(0);
        let rows = sqlx::query(
            "SELECT network AS id, side, MIN(at) AS first_at, MAX(at) AS last_at, MAX(delay_ms) AS worst
             FROM surgery_probe
             WHERE tenant = $1 AND network = $2 AND at >= $3
             GROUP BY network, side, at / $4
             ORDER BY 3
             LIMIT 200",
        )
        .bind(self.tenant().to_string())
        .bind(network.to_string())
        .bind(since)
        .bind(HOUR)
        .fetch_all(self.any())
        .await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::of("surgery_probe", row);
                Ok(Hour {
                    side: cells.word("side", Side::parse)?,
                    first: cells.instant("first_at")?,
                    last: cells.instant("last_at")?,
                    worst_ms: u32::try_from(cells.int("worst")?)
                        .map_err(|_| cells.corrupt("worst"))?,
                })
            })
            .collect()
    }

    /// What was tried for a joint visit, newest first.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn surgery_tries(&mut self, joint: JointId) -> Result<Vec<Tried>, Fault> {
        let rows = sqlx::query(
            "SELECT id, side, what, good, at
             FROM surgery_test
             WHERE tenant = $1 AND joint = $2 -- surgery_test_by_joint
             ORDER BY at DESC, good, id DESC -- of one instant the one that failed
             LIMIT $3",
        )
        .bind(self.tenant().to_string())
        .bind(joint.to_string())
        .bind(TRIES_MAX)
        .fetch_all(self.any())
        .await?;
        let mut newest: Vec<Tried> = Vec::new();
        for row in &rows {
            let cells = Cells::of("surgery_test", row);
            let tried = Tried {
                side: cells.word("side", Side::parse)?,
                what: cells.word("what", Try::parse)?,
                good: cells.flag("good")?,
                at: cells.instant("at")?,
            };
            // A later try that failed takes the place of an earlier good one.
            if !newest
                .iter()
                .any(|one| one.side == tried.side && one.what == tried.what)
            {
                newest.push(tried);
            }
        }
        Ok(newest)
    }

    /// What remote surgery rests on.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn surgery_facts(&mut self, joint: &Joint, now: Timestamp) -> Result<Facts, Fault> {
        let stated = match self.newest_paper(joint, PaperKind::Eligibility).await? {
            Some(paper) => Some(Stated {
                eligibility: paper.content::<Eligibility>()?,
                attending: paper.signed.is_some(),
                remote: paper.signed.is_some() && paper.answer == Some(true),
            }),
            None => None,
        };
        let arrangement: Option<care::surgery::Arrangement> =
            match self.newest_paper(joint, PaperKind::Arrangement).await? {
                Some(paper) => Some(paper.content()?),
                None => None,
            };
        let probes = match &arrangement {
            Some(one) => self.surgery_probes(one.network, now).await?,
            None => Vec::new(),
        };
        Ok(Facts {
            entries: self.surgery_entries().await?,
            attested: self.surgery_attestations().await?,
            stated,
            arrangement,
            probes,
            tries: self.surgery_tries(joint.id).await?,
        })
    }

    /// Guidelines whose edition nobody has attested within a year; none where the service is off.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn surgery_guidelines_overdue(&mut self, now: Timestamp) -> Result<usize, Fault> {
        let on = self
            .joint_services()
            .await?
            .contains(&care::Service::RemoteSurgery);
        if !on {
            return Ok(0);
        }
        let facts = Facts {
            entries: self.surgery_entries().await?,
            attested: self.surgery_attestations().await?,
            ..Facts::default()
        };
        Ok(care::surgery::guidelines_overdue(
            &facts,
            crate::dossier::legal_day(now),
        ))
    }

    /// What the attending physician decided about a loss, and when: the last of it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn surgery_decision(
        &mut self,
        joint: JointId,
        lost: Lost,
    ) -> Result<Option<(Decision, Timestamp)>, Fault> {
        let row = sqlx::query(
            "SELECT joint AS id, decision, decided_at
             FROM surgery_loss
             WHERE tenant = $1 AND joint = $2 AND since_at = $3 AND decided_at IS NOT NULL",
        )
        .bind(self.tenant().to_string())
        .bind(joint.to_string())
        .bind(lost.since.as_microsecond())
        .fetch_optional(self.any())
        .await?;
        row.map(|row| {
            let cells = Cells::of("surgery_loss", &row);
            Ok((
                cells.word("decision", Decision::parse)?,
                cells.instant("decided_at")?,
            ))
        })
        .transpose()
    }
}

impl Tx {
    /// Enters something into a register.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn enter_surgery(
        &mut self,
        by: &By,
        person: PersonId,
        content: &Content,
    ) -> Result<EntryId, Fault> {
        let id = EntryId(self.fresh_id()?);
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let register = content.register();
        sqlx::query(
            "INSERT INTO surgery_entry (tenant, id, register, content, entered_by, entered_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(register.as_str())
        .bind(crate::plain(&json(content)?)?)
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(clause_of(register), "surgery.entered")
                .field("register", register.as_str())
                .field("entry", id.to_string()),
        )
        .await?;
        Ok(id)
    }

    /// Ends an entry: it stays, and is chosen no more.
    ///
    /// # Errors
    ///
    /// `Conflict` when it is not there or has ended; or storage failed.
    pub async fn end_surgery_entry(&mut self, by: &By, id: EntryId) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE surgery_entry SET ended_at = $1
             WHERE tenant = $2 AND id = $3 AND ended_at IS NULL",
        )
        .bind(now)
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(care::surgery::ELIGIBLE, "surgery.ended")
                .field("entry", id.to_string()),
        )
        .await?;
        Ok(())
    }

    /// Keeps an attestation.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn attest_surgery(
        &mut self,
        by: &By,
        person: PersonId,
        (subject, guideline, site): (Subject, Option<EntryId>, Option<EntryId>),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?.to_string();
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO surgery_attestation (tenant, id, subject, guideline, site, signed_by, signed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(id)
        .bind(subject.as_str())
        .bind(guideline.map(|one| one.to_string()))
        .bind(site.map(|one| one.to_string()))
        .bind(person.to_string())
        .bind(now)
        .execute(self.any())
        .await?;
        let mut entry = by
            .under(subject.clause(), "attestation.signed")
            .field("attestation", subject.as_str());
        for (name, about) in [("guideline", guideline), ("site", site)] {
            if let Some(about) = about {
                entry = entry.field(name, about.to_string());
            }
        }
        self.record(entry).await?;
        Ok(())
    }

    /// Keeps a probe of a line: what the server measured. The first of an hour and side is in the ledger.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_surgery_probe(
        &mut self,
        by: &By,
        (network, side): (EntryId, Side),
        delay_ms: i64,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now());
        let delay = delay_ms.clamp(0, DELAY_MS_KEPT);
        let hour = now.as_microsecond().div_euclid(HOUR) * HOUR;
        let first = sqlx::query(
            "SELECT network AS id FROM surgery_probe
             WHERE tenant = $1 AND network = $2 AND side = $3 AND at >= $4
             LIMIT 1",
        )
        .bind(&tenant)
        .bind(network.to_string())
        .bind(side.as_str())
        .bind(hour)
        .fetch_optional(self.any())
        .await?
        .is_none();
        sqlx::query(
            "INSERT INTO surgery_probe (tenant, network, side, at, delay_ms)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, network, side, at) DO NOTHING",
        )
        .bind(tenant)
        .bind(network.to_string())
        .bind(side.as_str())
        .bind(now.as_microsecond())
        .bind(delay)
        .execute(self.any())
        .await?;
        if first {
            self.record(
                by.under(CONNECTED, "line.probed")
                    .field("network", network.to_string())
                    .field("side", side.as_str())
                    .field("delay_ms", delay),
            )
            .await?;
        }
        Ok(())
    }

    /// Keeps a try: what the media server counted, or a physician's own "good".
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_surgery_try(
        &mut self,
        by: &By,
        (joint, side, what): (JointId, Side, Try),
        (good, counted): (bool, Counted),
    ) -> Result<(), Fault> {
        let id = self.fresh_id()?.to_string();
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        sqlx::query(
            "INSERT INTO surgery_test (tenant, id, joint, side, what, good, video_seconds, audio_seconds, loss_permille, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant)
        .bind(id)
        .bind(joint.to_string())
        .bind(side.as_str())
        .bind(what.as_str())
        .bind(i64::from(good))
        .bind(i64::from(counted.video_seconds))
        .bind(i64::from(counted.audio_seconds))
        .bind(i64::from(counted.loss_permille))
        .bind(now)
        .execute(self.any())
        .await?;
        self.record(
            by.under(TESTED, "joint_test.tried")
                .object("joint", joint.to_string())
                .field("side", side.as_str())
                .field("what", what.as_str())
                .field("good", i64::from(good)),
        )
        .await?;
        Ok(())
    }

    /// Keeps that the line was lost for the time that was set: once for each loss.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn keep_surgery_loss(
        &mut self,
        by: &By,
        (joint, patient): (JointId, PatientId),
        lost: Lost,
    ) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "INSERT INTO surgery_loss (tenant, joint, since_at, prompted_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, joint, since_at) DO NOTHING",
        )
        .bind(tenant)
        .bind(joint.to_string())
        .bind(lost.since.as_microsecond())
        .bind(now)
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
        self.record(
            by.under(CONTINUES, "call.lost")
                .object("joint", joint.to_string())
                .object("patient", patient.to_string())
                .field("seconds", lost.seconds)
                .field("decision", "prompted"),
        )
        .await?;
        Ok(())
    }

    /// Keeps what the attending physician decided about a loss. Who waits can decide again; who took over has done so.
    ///
    /// # Errors
    ///
    /// `Conflict` when the physician took over before; or storage failed.
    pub async fn decide_surgery_loss(
        &mut self,
        by: &By,
        (joint, patient): (JointId, PatientId),
        lost: Lost,
        (person, decision): (PersonId, Decision),
    ) -> Result<(), Fault> {
        self.keep_surgery_loss(by, (joint, patient), lost).await?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE surgery_loss SET decision = $1, decided_by = $2, decided_at = $3
             WHERE tenant = $4 AND joint = $5 AND since_at = $6
                 AND (decision IS NULL OR decision = $7)",
        )
        .bind(decision.as_str())
        .bind(person.to_string())
        .bind(now)
        .bind(tenant)
        .bind(joint.to_string())
        .bind(lost.since.as_microsecond())
        .bind(Decision::Wait.as_str())
        .execute(self.any())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(CONTINUES, "call.lost")
                .object("joint", joint.to_string())
                .object("patient", patient.to_string())
                .field("seconds", lost.seconds)
                .field("decision", decision.as_str()),
        )
        .await?;
        Ok(())
    }
}
