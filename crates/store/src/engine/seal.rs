//! Sealing: what a person could be known by leaves this crate only as ciphertext bound to its row.

use super::conn::{Conn, Tx};
use super::fault::Fault;
use super::keys::{Key, patient_place};
use aws_lc_rs::hmac;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use unicode_normalization::UnicodeNormalization as _;

impl Conn {
    /// Seals bytes under the patient's key for one row of one table.
    ///
    /// # Errors
    ///
    /// The patient has no key, or it was shredded.
    pub async fn seal(
        &mut self,
        patient: &str,
        table: &'static str,
        row: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        self.patient_key(patient)
            .await?
            .seal(&place(table, row, patient), bytes)
    }

    /// Opens what [`Conn::seal`] sealed for the same row.
    ///
    /// # Errors
    ///
    /// The bytes were sealed for another row, table or patient, or changed; or the patient's key was shredded.
    pub async fn unseal(
        &mut self,
        patient: &str,
        table: &'static str,
        row: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let key = self.patient_key(patient).await?;
        key.open(&place(table, row, patient), sealed)
            .map_err(|_| not_opened(table, row))
    }

    /// Seals a value as JSON under the patient's key.
    ///
    /// # Errors
    ///
    /// As [`Conn::seal`]; or the value has no JSON form.
    pub async fn seal_json<T: Serialize + Sync>(
        &mut self,
        patient: &str,
        table: &'static str,
        row: &str,
        value: &T,
    ) -> Result<Vec<u8>, Fault> {
        let bytes = serde_json::to_vec(value)
            .map_err(|why| Fault::Unavailable(format!("no JSON for {table}: {why}")))?;
        self.seal(patient, table, row, &bytes).await
    }

    /// Opens what [`Conn::seal_json`] sealed.
    ///
    /// # Errors
    ///
    /// As [`Conn::unseal`]; or the JSON is not of this type.
    pub async fn unseal_json<T: DeserializeOwned>(
        &mut self,
        patient: &str,
        table: &'static str,
        row: &str,
        sealed: &[u8],
    ) -> Result<T, Fault> {
        let bytes = self.unseal(patient, table, row, sealed).await?;
        serde_json::from_slice(&bytes).map_err(|_| not_opened(table, row))
    }

    /// Seals a secret of the tenant itself, or of a person who works there.
    ///
    /// # Errors
    ///
    /// The system gives no randomness.
    pub fn seal_tenant(
        &self,
        table: &'static str,
        row: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        self.keys.key.seal(&place(table, row, ""), bytes)
    }

    /// Opens what [`Conn::seal_tenant`] sealed for the same row of the same tenant.
    ///
    /// # Errors
    ///
    /// The bytes were sealed for another row, table or tenant, or changed.
    pub fn unseal_tenant(
        &self,
        table: &'static str,
        row: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        self.keys
            .key
            .open(&place(table, row, ""), sealed)
            .map_err(|_| not_opened(table, row))
    }

    /// The exact-lookup hash (HMAC-SHA256 under the tenant's index key) of a value normalised by [`digits`] or [`normal`].
    pub fn lookup_hash(&self, kind: &'static str, normalised: &str) -> Vec<u8> {
        let mut mac = hmac::Context::with_key(&self.keys.index);
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(normalised.as_bytes());
        mac.sign().as_ref().to_vec()
    }

    async fn patient_key(&mut self, patient: &str) -> Result<Key, Fault> {
        let tenant = self.tenant();
        let fresh = self
            .fresh
            .iter()
            .rev()
            .find(|(of, name, _)| *of == tenant && name == patient);
        if let Some((_, _, key)) = fresh {
            return Ok(key.clone());
        }
        if self
            .shredded
            .iter()
            .any(|(of, name)| *of == tenant && name == patient)
        {
            return Err(Fault::Erased);
        }
        if let Some(key) = self.ring.patient(tenant, patient) {
            return Ok(key);
        }
        let corrupt = || Fault::Corrupt {
            table: "patient_key",
            column: "wrapped",
            id: patient.to_owned(),
        };
        let row = sqlx::query("SELECT wrapped FROM patient_key WHERE tenant = $1 AND patient = $2")
            .bind(tenant.to_string())
            .bind(patient)
            .fetch_optional(self.any())
            .await?
            .ok_or_else(corrupt)?;
        let wrapped: Vec<u8> = row
            .try_get::<Option<Vec<u8>>, _>("wrapped")?
            .ok_or(Fault::Erased)?;
        let bytes = self
            .keys
            .key
            .unwrap(&patient_place(tenant, patient), &wrapped)
            .map_err(|_| corrupt())?;
        let key = Key::from_bytes(&bytes)?;
        self.keep_patient_key(patient, &key);
        Ok(key)
    }
}

impl Tx {
    /// Makes the key of a new patient. Nothing can be sealed for the patient before.
    ///
    /// # Errors
    ///
    /// The patient has a key already, or had one.
    pub async fn new_patient_key(&mut self, patient: &str) -> Result<(), Fault> {
        let tenant = self.tenant();
        let (key, wrapped) = Key::new_under(&self.keys.key, &patient_place(tenant, patient))?;
        sqlx::query("INSERT INTO patient_key (tenant, patient, wrapped, shredded) VALUES ($1, $2, $3, NULL)")
            .bind(tenant.to_string())
            .bind(patient)
            .bind(wrapped)
            .execute(self.any())
            .await?;
        self.conn.fresh.push((tenant, patient.to_owned(), key));
        Ok(())
    }

    /// Destroys the patient's key: everything sealed under it is erased, every proof stays whole.
    ///
    /// # Errors
    ///
    /// The patient has no key, or it was shredded before.
    pub async fn shred_patient_key(&mut self, patient: &str) -> Result<(), Fault> {
        let tenant = self.tenant();
        let at = self.now.as_microsecond();
        let done = sqlx::query(
            "UPDATE patient_key
             SET wrapped = NULL, shredded = $3
             WHERE tenant = $1 AND patient = $2 AND wrapped IS NOT NULL",
        )
        .bind(tenant.to_string())
        .bind(patient)
        .bind(at)
        .execute(self.any())
        .await?;
        if done.rows_affected() != 1 {
            return Err(Fault::Erased);
        }
        self.conn
            .fresh
            .retain(|(of, name, _)| *of != tenant || name != patient);
        self.conn.shredded.push((tenant, patient.to_owned()));
        Ok(())
    }
}

/// The associated data: table, row and patient. None of them holds a colon.
fn place(table: &str, row: &str, patient: &str) -> String {
    format!("{table}:{row}:{patient}")
}

fn not_opened(table: &'static str, row: &str) -> Fault {
    Fault::Corrupt {
        table,
        column: "sealed",
        id: row.to_owned(),
    }
}

/// The digits of a number as it is looked up: full-width ones become plain, everything else falls away.
pub fn digits(text: &str) -> String {
    text.nfkc().filter(char::is_ascii_digit).collect()
}

/// A text as it is looked up: NFKC, without spaces, ASCII letters small.
pub fn normal(text: &str) -> String {
    text.nfkc()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// Text that every database can keep.
///
/// # Errors
///
/// It holds U+0000.
pub fn plain(text: &str) -> Result<&str, Fault> {
    if text.contains('\0') {
        Err(Fault::Text)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_looked_up_in_one_form() {
        for (text, number, word) in [
            ("０９０-1234-５６７８", "09012345678", "090-1234-5678"),
            ("ﾔﾏﾀﾞ　Taro", "", "ヤマダtaro"),
            ("㍻12", "12", "平成12"),
        ] {
            assert_eq!(
                (digits(text).as_str(), normal(text).as_str()),
                (number, word)
            );
        }
    }
}
