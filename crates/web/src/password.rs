//! Passwords as argon2id hashes (RFC 9106), a few at a time, off the request threads.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Memory of one hash in KiB: above the OWASP minimum of 19 MiB.
const MEMORY_KIB: u32 = 32 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// What a password is checked against where nobody has that name: the same work, and no password fits it.
const NOBODY: &str = "$argon2id$v=19$m=32768,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Hashes at one time: each holds a core and the memory above.
const AT_ONCE: usize = 2;
/// Longest wait for a turn.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// No hash could be made or checked now: too many at once, or the machine gave no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

impl std::fmt::Display for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no password can be checked now")
    }
}

impl std::error::Error for Busy {}

pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
}

impl Hasher {
    pub(crate) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Whether the password belongs to the hash. With no hash it works as long and says no.
    pub(crate) async fn matches(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Busy> {
        self.work(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let hash = PasswordHash::new(&hash).map_err(|_| Busy)?;
            let argon = argon().ok_or(Busy)?;
            Ok(argon.verify_password(password.as_bytes(), &hash).is_ok() && known)
        })
        .await
    }

    /// The hash to store for a new password.
    pub(crate) async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String, Busy> {
        self.work(move || hash_password(&password, &salt).ok_or(Busy))
            .await
    }

    async fn work<T: Send + 'static>(
        &self,
        act: impl FnOnce() -> Result<T, Busy> + Send + 'static,
    ) -> Result<T, Busy> {
        let turn = tokio::time::timeout(WAIT_MAX, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| Busy)?.map_err(|_| Busy)?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            act()
        })
        .await
        .map_err(|_| Busy)?
    }
}

/// An argon2id hash in PHC form, for `init`, `demo` and `recover-admin`. Takes some 50 ms.
pub fn hash_password(password: &str, salt: &[u8; 16]) -> Option<String> {
    let salt = SaltString::encode_b64(salt).ok()?;
    let hash = argon()?.hash_password(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

fn argon() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hasher = Hasher::new();
        let hash = hasher
            .hash("correct horse battery".into(), [7; 16])
            .await
            .unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=32768,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            hasher
                .matches("correct horse battery".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .matches("correct horse batterz".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!hasher.matches(String::new(), None).await.unwrap());
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let real = PasswordHash::new(&hash).unwrap();
        assert_eq!(nobody.params, real.params);
    }
}
