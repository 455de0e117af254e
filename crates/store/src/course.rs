//! The training register (研修): certificates of the ministry's course, with the file that shows each (cl-3.1-i).
//!
//! A file is kept sealed under the institution's key, and its digest beside it in the clear.

use crate::{By, Conn, Fault, Tx, row::Cells};
use access::{
    PersonId,
    qualification::{COURSE, CourseCertificate},
};
use jiff::{Timestamp, civil::Date};
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;
use ulid::Ulid;

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Certificates of one institution at most.
const COURSES_MAX: i64 = 1000;

/// What a file is, by its first bytes. Nothing else is taken: neither of these runs where it is only handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// PDF
    Pdf,
    /// JPEG
    Jpeg,
    /// PNG
    Png,
}

impl FileKind {
    const ALL: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::Png];

    /// The kind by the first bytes, whatever name or type came with them.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| bytes.starts_with(kind.mark()))
    }

    const fn mark(self) -> &'static [u8] {
        match self {
            Self::Pdf => b"%PDF-",
            Self::Jpeg => b"\xff\xd8\xff",
            Self::Png => b"\x89PNG\r\n\x1a\n",
        }
    }

    /// Its media type, as stored and sent.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == word)
    }
}

/// One line of the register.
#[derive(Clone, Debug)]
pub struct Course {
    /// Its name.
    pub id: Ulid,
    /// The certificate.
    pub certificate: CourseCertificate,
    /// When it was verified, if it was.
    pub verified: Option<Timestamp>,
    /// What its file is, if one is kept.
    pub kind: Option<FileKind>,
}

impl Conn {
    /// The training register of the institution, as a judgement looks at it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn courses(&mut self) -> Result<Vec<CourseCertificate>, Fault> {
        let lines = self.course_register().await?;
        Ok(lines.into_iter().map(|line| line.certificate).collect())
    }

    /// The training register, in the order in which it was written.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn course_register(&mut self) -> Result<Vec<Course>, Fault> {
        let rows = sqlx::query(
            "SELECT id, person, number, completed_on, file_digest, file_type, verified_by, verified_at
             FROM course_certificate
             WHERE tenant = $1
             ORDER BY id
             LIMIT $2",
        )
        .bind(self.tenant().to_string())
        .bind(COURSES_MAX)
        .fetch_all(self.any())
        .await?;
        rows.iter().map(course).collect()
    }

    /// The file of one certificate.
    ///
    /// # Errors
    ///
    /// Storage failed, or the file is no longer the one of the digest.
    pub async fn course_file(&mut self, id: Ulid) -> Result<Option<(FileKind, Vec<u8>)>, Fault> {
        let row = sqlx::query(
            "SELECT id, file_digest, file_type, file
             FROM course_certificate
             WHERE tenant = $1 AND id = $2 AND file IS NOT NULL",
        )
        .bind(self.tenant().to_string())
        .bind(id.to_string())
        .fetch_optional(self.any())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let cells = Cells::of("course_certificate", &row);
        let kind = cells.word("file_type", FileKind::parse)?;
        let bytes =
            self.unseal_tenant("course_certificate", &id.to_string(), &cells.bytes("file")?)?;
        if digest(&bytes) != cells.text("file_digest")? {
            return Err(cells.corrupt("file_digest"));
        }
        Ok(Some((kind, bytes)))
    }
}

impl Tx {
    /// Enters a certificate whose file lies elsewhere; its digest is given.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn enter_course(
        &mut self,
        by: &By,
        certificate: &CourseCertificate,
    ) -> Result<(), Fault> {
        let id = self.put_course(by, certificate, None).await?;
        if let Some(verifier) = certificate.verified_by {
            self.verify_course(by, verifier, id).await?;
        }
        Ok(())
    }

    /// Enters a certificate with its file. It counts for nothing before a second person has verified it.
    ///
    /// # Errors
    ///
    /// Storage failed.
    pub async fn enter_course_file(
        &mut self,
        by: &By,
        person: PersonId,
        (number, completed_on): (String, Date),
        (kind, bytes): (FileKind, &[u8]),
    ) -> Result<Ulid, Fault> {
        let certificate = CourseCertificate {
            person,
            number,
            completed_on,
            file: digest(bytes),
            verified_by: None,
        };
        self.put_course(by, &certificate, Some((kind, bytes))).await
    }

    async fn put_course(
        &mut self,
        by: &By,
        certificate: &CourseCertificate,
        file: Option<(FileKind, &[u8])>,
    ) -> Result<Ulid, Fault> {
        let id = self.fresh_id()?;
        let sealed = file
            .map(|(_, bytes)| self.seal_tenant("course_certificate", &id.to_string(), bytes))
            .transpose()?;
        let tenant = self.tenant().to_string();
        sqlx::query(
            "INSERT INTO course_certificate (tenant, id, person, number, completed_on, file_digest, file_type, file)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant)
        .bind(id.to_string())
        .bind(certificate.person.to_string())
        .bind(&certificate.number)
        .bind(certificate.completed_on.to_string())
        .bind(&certificate.file)
        .bind(file.map(|(kind, _)| kind.media_type()))
        .bind(sealed)
        .execute(self.any())
        .await?;
        self.record(
            by.under(COURSE, "training.entered")
                .object("person", certificate.person.to_string())
                .field("file", certificate.file.clone()),
        )
        .await?;
        Ok(id)
    }

    /// Keeps that somebody compared a certificate with its original: once, and for good.
    ///
    /// # Errors
    ///
    /// It was verified before (`Conflict`), or storage failed.
    pub async fn verify_course(
        &mut self,
        by: &By,
        verifier: PersonId,
        id: Ulid,
    ) -> Result<(), Fault> {
        let register = self.course_register().await?;
        let line = register
            .into_iter()
            .find(|line| line.id == id)
            .ok_or(Fault::Conflict)?;
        let (tenant, now) = (self.tenant().to_string(), self.now().as_microsecond());
        let done = sqlx::query(
            "UPDATE course_certificate SET verified_by = $1, verified_at = $2
             WHERE tenant = $3 AND id = $4 AND verified_by IS NULL",
        )
        .bind(verifier.to_string())
        .bind(now)
        .bind(tenant)
        .bind(id.to_string())
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Conflict);
        }
        self.record(
            by.under(COURSE, "training.verified")
                .object("person", line.certificate.person.to_string())
                .field("file", line.certificate.file),
        )
        .await?;
        Ok(())
    }
}

/// SHA-256 of a file, in hexadecimal.
fn digest(bytes: &[u8]) -> String {
    crate::engine::hex(&Sha256::digest(bytes))
}

fn course(row: &AnyRow) -> Result<Course, Fault> {
    let cells = Cells::of("course_certificate", row);
    let kind = cells
        .maybe_text("file_type")?
        .map(|word| FileKind::parse(&word).ok_or_else(|| cells.corrupt("file_type")))
        .transpose()?;
    Ok(Course {
        id: cells.parsed("id")?,
        certificate: CourseCertificate {
            person: cells.parsed("person")?,
            number: cells.text("number")?,
            completed_on: cells.date("completed_on")?,
            file: cells.text("file_digest")?,
            verified_by: cells.maybe_parsed("verified_by")?,
        },
        verified: cells.maybe_instant("verified_at")?,
        kind,
    })
}

#[cfg(test)]
mod tests {
    use super::FileKind;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (bytes, kind) in [
            (b"%PDF-1.4 \n".as_slice(), Some(FileKind::Pdf)),
            (b"\xff\xd8\xff\xe0", Some(FileKind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(FileKind::Png)),
            (b"<svg xmlns=", None),
            (b"<html>", None),
            (b"MZ\x90", None),
            (b" %PDF-1.4", None),
            (b"%PDF", None),
            (b"", None),
        ] {
            assert_eq!(FileKind::of(bytes), kind);
        }
    }
}
