//! Signed checkpoints (C2SP tlog-checkpoint over signed-note, Ed25519): the size and root of a ledger at one moment,
//! in a form that other people's programs read.

use crate::tree::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use signed_note::{Note, StandardSigner, StandardVerifier, Verifier as _, VerifierList};
use std::fmt;

/// The mark of Ed25519 before a key in the signed-note format.
const ED25519: u8 = 1;

/// Longest checkpoint read, in bytes: three short lines and a few signatures.
const NOTE_BYTES_MAX: usize = 16 * 1024;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Whose ledger: also the name of the key.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Why a checkpoint or key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// Not a checkpoint in the C2SP form.
    Malformed,
    /// The key or its name is unusable.
    Key,
    /// Signed by another key, or not at all.
    UnknownKey,
    /// The signature is false.
    Signature,
    /// It speaks for another ledger.
    Origin,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a checkpoint",
            Self::Key => "the key or its name is unusable",
            Self::UnknownKey => "not signed by this ledger's key",
            Self::Signature => "the signature is false",
            Self::Origin => "it speaks for another ledger",
        })
    }
}

impl std::error::Error for CheckpointError {}

/// Signs a ledger's checkpoints. Not printable: it holds the private key.
pub struct Signer {
    origin: String,
    key: StandardSigner,
    public: String,
}

impl Signer {
    /// The signer of the ledger `origin` with a 32-byte Ed25519 seed.
    ///
    /// # Errors
    ///
    /// The origin is empty or holds spaces or a plus sign.
    pub fn from_seed(origin: &str, seed: &[u8; 32]) -> Result<Self, CheckpointError> {
        if !signed_note::is_key_name_valid(origin) {
            return Err(CheckpointError::Key);
        }
        let public_key = SigningKey::from_bytes(seed).verifying_key();
        let id = signed_note::key_id(
            origin,
            &[&[ED25519], public_key.as_bytes().as_slice()].concat(),
        );
        let private = STANDARD.encode([&[ED25519], seed.as_slice()].concat());
        let key = StandardSigner::new(&format!("PRIVATE+KEY+{origin}+{id:08x}+{private}"))
            .map_err(|_| CheckpointError::Key)?;
        Ok(Self {
            origin: origin.to_owned(),
            key,
            public: signed_note::new_ed25519_verifier_key(origin, &public_key),
        })
    }

    /// The public key in the signed-note form (`origin+id+key`), for [`Verifier::new`] and for people outside.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The signed checkpoint of a tree.
    ///
    /// # Errors
    ///
    /// The note could not be made; with a signer made by [`Signer::from_seed`] it always can.
    pub fn sign(&self, size: u64, root: Hash) -> Result<String, CheckpointError> {
        let text = tlog_tiles::Checkpoint::new(&self.origin, size, root, "")
            .map_err(|_| CheckpointError::Malformed)?
            .to_bytes();
        let mut note = Note::new(&text, &[]).map_err(|_| CheckpointError::Malformed)?;
        note.add_sigs(&[&self.key])
            .map_err(|_| CheckpointError::Key)?;
        String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::Malformed)
    }
}

/// Checks the checkpoints of one ledger.
#[derive(Clone)]
pub struct Verifier {
    verifier: StandardVerifier,
}

impl Verifier {
    /// The verifier for a public key in the signed-note form.
    ///
    /// # Errors
    ///
    /// The text is no such key.
    pub fn new(public: &str) -> Result<Self, CheckpointError> {
        let verifier = StandardVerifier::new(public).map_err(|_| CheckpointError::Key)?;
        Ok(Self { verifier })
    }

    /// The ledger it speaks for.
    pub fn origin(&self) -> &str {
        self.verifier.name()
    }

    /// What a checkpoint of this ledger says, its signature checked.
    ///
    /// # Errors
    ///
    /// It is malformed, speaks for another ledger, or is not truly signed by this key.
    pub fn open(&self, note: &str) -> Result<Checkpoint, CheckpointError> {
        let said = read(note)?;
        if said.origin != self.origin() {
            return Err(CheckpointError::Origin);
        }
        let note = Note::from_bytes(note.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
        let known = VerifierList::new(vec![Box::new(self.verifier.clone())]);
        match note.verify(&known) {
            Ok(_) => Ok(said),
            Err(signed_note::NoteError::UnverifiedNote) => Err(CheckpointError::UnknownKey),
            Err(_) => Err(CheckpointError::Signature),
        }
    }
}

/// What a checkpoint says, whoever signed it.
///
/// # Errors
///
/// It is not a checkpoint.
pub fn read(note: &str) -> Result<Checkpoint, CheckpointError> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(CheckpointError::Malformed);
    }
    let note = Note::from_bytes(note.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
    let said =
        tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Malformed)?;
    Ok(Checkpoint {
        origin: said.origin().to_owned(),
        size: said.size(),
        root: *said.hash(),
    })
}

/// The notes of an anchor file (`checkpoints.log`): each note followed by an empty line. One note alone also reads.
///
/// A last note cut short by a crash is left out.
pub fn split(anchor: &str) -> Vec<&str> {
    let mut notes = Vec::new();
    let mut start = 0;
    let mut signed = false;
    let mut at = 0;
    for line in anchor.split_inclusive('\n') {
        let signature = line.starts_with("— ") && line.ends_with('\n');
        if signed && !signature {
            notes.extend(
                anchor
                    .get(start..at)
                    .map(|note| note.trim_start_matches('\n')),
            );
            start = at;
        }
        signed = signature;
        at += line.len();
    }
    if signed {
        notes.extend(
            anchor
                .get(start..at)
                .map(|note| note.trim_start_matches('\n')),
        );
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::leaf_hash;

    #[test]
    fn a_checkpoint_opens_only_for_its_key_and_unchanged() {
        let signer = Signer::from_seed("onshin.example/ledger/1", &[7; 32]).unwrap();
        let note = signer.sign(42, leaf_hash(b"x")).unwrap();
        let verifier = Verifier::new(signer.public()).unwrap();
        let other = Verifier::new(
            Signer::from_seed("onshin.example/ledger/1", &[8; 32])
                .unwrap()
                .public(),
        )
        .unwrap();
        let elsewhere =
            Verifier::new(Signer::from_seed("other", &[7; 32]).unwrap().public()).unwrap();
        assert_eq!(verifier.open(&note).unwrap().size, 42);
        assert_eq!(
            verifier.open(&note.replace("\n42\n", "\n43\n")),
            Err(CheckpointError::Signature)
        );
        assert_eq!(other.open(&note), Err(CheckpointError::UnknownKey));
        assert_eq!(elsewhere.open(&note), Err(CheckpointError::Origin));
        assert_eq!(verifier.open("nonsense"), Err(CheckpointError::Malformed));
    }

    #[test]
    fn an_anchor_file_splits_into_its_notes() {
        let signer = Signer::from_seed("onshin.example/ledger/1", &[7; 32]).unwrap();
        let notes: Vec<String> = (1..4)
            .map(|size| signer.sign(size, leaf_hash(b"x")).unwrap())
            .collect();
        let file = format!("{}\n{}\n{}\n", notes[0], notes[1], notes[2]);
        assert_eq!(split(&file), notes);
        assert_eq!(split(&file[..file.len() - 20]), notes[..2]);
        assert_eq!(split(&notes.concat()), notes);
        assert_eq!(split(&notes[0]), notes[..1]);
        assert!(split("").is_empty());
    }
}
