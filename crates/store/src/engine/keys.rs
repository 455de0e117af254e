//! Keys: the master key wraps each tenant's key, which wraps its patients' keys and its own secrets.
//!
//! AES-256-GCM everywhere; what is sealed is bound to its place by the associated data. No key can be printed.

use super::fault::{Fault, OpenError};
use super::hex::hex;
use access::TenantId;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::{HashMap, VecDeque};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::{Zeroize as _, Zeroizing};

/// Patients' keys kept unwrapped: the patients of some busy days, about 2 MB.
const PATIENT_KEYS_MAX: usize = 8192;
/// Tenants' keys kept unwrapped: more than the tenants one installation is made for.
const TENANT_KEYS_MAX: usize = 16_384;
/// First byte of what is sealed, so that the method can change one day.
const FORM: u8 = 1;

/// The key of the whole installation. It lies in a file of its own, outside the data folder and its backup.
pub struct MasterKey([u8; 32]);

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl MasterKey {
    /// A new random key.
    ///
    /// # Errors
    ///
    /// The system gives no randomness.
    pub fn generate() -> Result<Self, Fault> {
        let mut bytes = [0; 32];
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads the key from its file: 64 hexadecimal letters, or base64.
    ///
    /// # Errors
    ///
    /// The file cannot be read, others can read it, or it holds no key.
    pub fn load(path: &Path) -> Result<Self, OpenError> {
        let file = |why| OpenError::File(path.to_owned(), why);
        if std::fs::metadata(path).map_err(file)?.permissions().mode() & 0o077 != 0 {
            return Err(OpenError::KeyIsOpen(path.to_owned()));
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(file)?);
        let text = text.trim();
        from_hex(text)
            .or_else(|| STANDARD.decode(text).ok()?.try_into().ok())
            .map(Self)
            .ok_or_else(|| OpenError::NotAKey(path.to_owned()))
    }

    /// Writes the key to a new file that only its owner can read. An existing file is never overwritten.
    ///
    /// # Errors
    ///
    /// The file exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), OpenError> {
        let file = |why| OpenError::File(path.to_owned(), why);
        let mut out = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(file)?;
        let text = Zeroizing::new(hex(&self.0));
        writeln!(out, "{}", *text)
            .and_then(|()| out.sync_all())
            .map_err(file)
    }

    pub(super) fn key(&self) -> Result<Key, Fault> {
        Key::from_bytes(&self.0)
    }

    /// A second hold on the same key, for the store to keep.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(self.0)
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Fills with randomness from the system.
///
/// # Errors
///
/// The system gives none.
pub(super) fn fill(bytes: &mut [u8]) -> Result<(), Fault> {
    rand::fill(bytes).map_err(|_| Fault::Unavailable("no randomness".to_owned()))
}

/// One AES-256-GCM key.
#[derive(Clone)]
pub(super) struct Key(Arc<LessSafeKey>);

/// What was sealed does not open: another key, another place, or changed bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Unopened;

impl Key {
    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Fault> {
        UnboundKey::new(&AES_256_GCM, bytes)
            .map(|key| Self(Arc::new(LessSafeKey::new(key))))
            .map_err(|_| Fault::Unavailable("no such key".to_owned()))
    }

    /// A new key, and its wrapped form for the place `aad`.
    pub(super) fn new_under(wrapping: &Self, aad: &str) -> Result<(Self, Vec<u8>), Fault> {
        let mut bytes = Zeroizing::new([0; 32]);
        fill(&mut *bytes)?;
        Ok((Self::from_bytes(&bytes)?, wrapping.seal(aad, &*bytes)?))
    }

    pub(super) fn unwrap(
        &self,
        aad: &str,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, Unopened> {
        let bytes = Zeroizing::new(self.open(aad, wrapped)?);
        bytes
            .as_slice()
            .try_into()
            .map(Zeroizing::new)
            .map_err(|_| Unopened)
    }

    /// Seals bytes for one place: form, nonce, ciphertext and tag.
    pub(super) fn seal(&self, aad: &str, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce)?;
        let mut out = Vec::with_capacity(1 + NONCE_LEN + bytes.len() + AES_256_GCM.tag_len());
        out.push(FORM);
        out.extend_from_slice(&nonce);
        let mut body = bytes.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad),
                &mut body,
            )
            .map_err(|_| Fault::Unavailable("sealing failed".to_owned()))?;
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// Opens what was sealed for the same place.
    pub(super) fn open(&self, aad: &str, sealed: &[u8]) -> Result<Vec<u8>, Unopened> {
        let (&form, rest) = sealed.split_first().ok_or(Unopened)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unopened)?;
        if form != FORM {
            return Err(Unopened);
        }
        let mut body = body.to_vec();
        let length = self
            .0
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(aad),
                &mut body,
            )
            .map_err(|_| Unopened)?
            .len();
        body.truncate(length);
        Ok(body)
    }
}

/// One tenant's keys, unwrapped.
pub(super) struct TenantKeys {
    pub(super) key: Key,
    pub(super) index: hmac::Key,
    pub(super) signer: ledger::Signer,
}

/// What is kept of one tenant's keys in the database: all under the tenant key, which is under the master key.
pub(super) struct Wrapped {
    pub(super) tenant: Vec<u8>,
    pub(super) index: Vec<u8>,
    pub(super) ledger: Vec<u8>,
    pub(super) public: String,
}

/// Place of the tenant key.
pub(super) fn tenant_place(tenant: TenantId) -> String {
    format!("tenant:{tenant}")
}

/// Place of one of the tenant's other keys.
pub(super) fn key_place(tenant: TenantId, kind: &str) -> String {
    format!("tenant_key:{tenant}:{kind}")
}

/// Place of a patient's key.
pub(super) fn patient_place(tenant: TenantId, patient: &str) -> String {
    format!("patient_key:{tenant}:{patient}")
}

/// Name of a tenant's ledger in its checkpoints, and of the key that signs them.
pub(super) fn origin(tenant: TenantId) -> String {
    format!("onshin/ledger/{tenant}")
}

/// New keys for a new tenant.
pub(super) fn new_tenant(master: &MasterKey, tenant: TenantId) -> Result<Wrapped, Fault> {
    let (key, wrapped) = Key::new_under(&master.key()?, &tenant_place(tenant))?;
    let mut index = Zeroizing::new([0; 32]);
    fill(&mut *index)?;
    let mut seed = Zeroizing::new([0; 32]);
    fill(&mut *seed)?;
    Ok(Wrapped {
        tenant: wrapped,
        index: key.seal(&key_place(tenant, "index"), &*index)?,
        ledger: key.seal(&key_place(tenant, "ledger"), &*seed)?,
        public: signer(tenant, &seed)?.public().to_owned(),
    })
}

/// Unwraps a tenant's keys. `None` if the master key does not open the tenant key.
pub(super) fn open_tenant(
    master: &MasterKey,
    tenant: TenantId,
    wrapped: &Wrapped,
) -> Result<Option<TenantKeys>, Fault> {
    let Ok(bytes) = master.key()?.unwrap(&tenant_place(tenant), &wrapped.tenant) else {
        return Ok(None);
    };
    let key = Key::from_bytes(&bytes)?;
    let corrupt = |_| Fault::Corrupt {
        table: "tenant_key",
        column: "wrapped",
        id: tenant.to_string(),
    };
    let index = key
        .unwrap(&key_place(tenant, "index"), &wrapped.index)
        .map_err(corrupt)?;
    let seed = key
        .unwrap(&key_place(tenant, "ledger"), &wrapped.ledger)
        .map_err(corrupt)?;
    let signer = signer(tenant, &seed)?;
    if signer.public() != wrapped.public {
        return Err(Fault::Corrupt {
            table: "tenant_key",
            column: "public",
            id: tenant.to_string(),
        });
    }
    Ok(Some(TenantKeys {
        key,
        index: hmac::Key::new(hmac::HMAC_SHA256, &*index),
        signer,
    }))
}

fn signer(tenant: TenantId, seed: &[u8; 32]) -> Result<ledger::Signer, Fault> {
    ledger::Signer::from_seed(&origin(tenant), seed)
        .map_err(|why| Fault::Unavailable(why.to_string()))
}

/// The master key, and the unwrapped keys that were used last.
pub(super) struct Keyring {
    pub(super) master: MasterKey,
    tenants: Mutex<HashMap<TenantId, Arc<TenantKeys>>>,
    patients: Mutex<PatientKeys>,
}

#[derive(Default)]
struct PatientKeys {
    keys: HashMap<(TenantId, String), Key>,
    oldest: VecDeque<(TenantId, String)>,
}

impl Keyring {
    pub(super) fn new(master: MasterKey) -> Self {
        Self {
            master,
            tenants: Mutex::default(),
            patients: Mutex::default(),
        }
    }

    pub(super) fn tenant(&self, tenant: TenantId) -> Option<Arc<TenantKeys>> {
        self.tenants
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&tenant)
            .cloned()
    }

    pub(super) fn keep_tenant(&self, tenant: TenantId, keys: TenantKeys) -> Arc<TenantKeys> {
        let keys = Arc::new(keys);
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() >= TENANT_KEYS_MAX {
            tenants.clear();
        }
        tenants.insert(tenant, Arc::clone(&keys));
        keys
    }

    pub(super) fn forget_tenants(&self) {
        self.tenants
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(super) fn patient(&self, tenant: TenantId, patient: &str) -> Option<Key> {
        let patients = self.patients.lock().unwrap_or_else(PoisonError::into_inner);
        patients.keys.get(&(tenant, patient.to_owned())).cloned()
    }

    pub(super) fn keep_patient(&self, tenant: TenantId, patient: &str, key: Key) {
        let mut patients = self.patients.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (tenant, patient.to_owned());
        if patients.keys.insert(name.clone(), key).is_none() {
            patients.oldest.push_back(name);
        }
        while patients.oldest.len() > PATIENT_KEYS_MAX {
            if let Some(name) = patients.oldest.pop_front() {
                patients.keys.remove(&name);
            }
        }
    }

    pub(super) fn forget_patient(&self, tenant: TenantId, patient: &str) {
        let mut patients = self.patients.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (tenant, patient.to_owned());
        if patients.keys.remove(&name).is_some() {
            patients.oldest.retain(|kept| *kept != name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_survives_its_file_and_an_open_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let key = MasterKey::generate().unwrap();
        key.save(&path).unwrap();
        assert!(MasterKey::load(&path).unwrap().0 == key.0);
        assert!(matches!(key.save(&path), Err(OpenError::File(..))));
        std::fs::write(&path, STANDARD.encode(key.0)).unwrap();
        assert!(MasterKey::load(&path).unwrap().0 == key.0);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            MasterKey::load(&path),
            Err(OpenError::KeyIsOpen(_))
        ));
    }

    #[test]
    fn what_is_sealed_opens_only_in_its_place() {
        let key = MasterKey::generate().unwrap().key().unwrap();
        let other = MasterKey::generate().unwrap().key().unwrap();
        let sealed = key.seal("chart:1:p", "渡邊".as_bytes()).unwrap();
        assert!(
            key.open("chart:1:p", &sealed)
                .is_ok_and(|text| text == "渡邊".as_bytes())
        );
        assert!(key.open("chart:2:p", &sealed).is_err());
        assert!(other.open("chart:1:p", &sealed).is_err());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(key.open("chart:1:p", &changed).is_err(), "byte {place}");
        }
    }

    #[test]
    fn the_patients_keys_in_memory_are_bounded() {
        let ring = Keyring::new(MasterKey::generate().unwrap());
        let key = ring.master.key().unwrap();
        for n in 0..=PATIENT_KEYS_MAX {
            ring.keep_patient(TenantId::INSTALLATION, &n.to_string(), key.clone());
        }
        assert!(ring.patient(TenantId::INSTALLATION, "0").is_none());
        assert!(ring.patient(TenantId::INSTALLATION, "1").is_some());
    }
}
