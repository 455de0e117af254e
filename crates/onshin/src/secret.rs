//! Passwords, codes and links made by chance, in forms that people can read out.

use crate::outcome::Outcome;

/// Letters that are hard to mistake for one another.
const LETTERS: &[u8; 32] = b"123456789abcdefghjkmnpqrstuvwxyz";
/// Letters a group.
const GROUP: usize = 4;

/// Random bytes from the system.
///
/// # Errors
///
/// The system gives none.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Outcome> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Outcome::machine)?;
    Ok(bytes)
}

/// A secret as text: groups of four letters, five bits each.
///
/// # Errors
///
/// The system gives no chance.
pub(crate) fn readable<const N: usize>() -> Result<String, Outcome> {
    Ok(grouped(&bytes::<N>()?))
}

/// Bytes as letters in groups, the same for the same bytes.
pub(crate) fn grouped(bytes: &[u8]) -> String {
    let letters: Vec<char> = bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect();
    letters
        .chunks(GROUP)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-")
}
