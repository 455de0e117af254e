//! One-time codes by the clock (TOTP, RFC 6238): six digits, thirty seconds, one step of tolerance, each used once.

use access::credential;
use jiff::Timestamp;
use totp_rs::{Algorithm, Secret, TOTP};

/// Digits of a code.
const DIGITS: usize = 6;
/// Bytes of a secret: 160 bits, as RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;

/// The time step whose code this is, if it is good now and was not used before.
///
/// All three codes are compared, in time that does not depend on them.
pub fn matching_step(
    secret: &[u8],
    code: &str,
    last_used: Option<i64>,
    now: Timestamp,
) -> Option<i64> {
    let totp = totp(secret)?;
    let code: String = code
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(half_width)
        .collect();
    let mut found = None;
    for step in credential::steps(now) {
        let right = at_step(&totp, step)?;
        if same(right.as_bytes(), code.as_bytes()) && credential::is_fresh(step, last_used) {
            found = Some(step);
        }
    }
    found
}

/// The code of now, for demonstrations and tests.
pub fn code(secret: &[u8], now: Timestamp) -> Option<String> {
    let [_, step, _] = credential::steps(now);
    at_step(&totp(secret)?, step)
}

/// The secret as people type it into an authenticator (base32).
pub fn secret_text(secret: &[u8]) -> String {
    Secret::Raw(secret.to_vec()).to_encoded().to_string()
}

/// The secret that [`secret_text`] wrote, if it is one of ours.
pub fn read_secret(text: &str) -> Option<Vec<u8>> {
    let bytes = Secret::Encoded(text.to_owned()).to_bytes().ok()?;
    (bytes.len() == SECRET_BYTES).then_some(bytes)
}

/// The address an authenticator understands.
pub fn uri(secret: &[u8], login_name: &str) -> String {
    let account: String = login_name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    let secret = secret_text(secret);
    format!(
        "otpauth://totp/onshin:{account}?secret={secret}&issuer=onshin&algorithm=SHA1&digits=6&period=30"
    )
}

fn totp(secret: &[u8]) -> Option<TOTP> {
    let step = u64::try_from(credential::STEP_SECONDS).ok()?;
    TOTP::new(Algorithm::SHA1, DIGITS, 0, step, secret.to_vec()).ok()
}

fn at_step(totp: &TOTP, step: i64) -> Option<String> {
    let seconds = u64::try_from(step.checked_mul(credential::STEP_SECONDS)?).ok()?;
    Some(totp.generate(seconds))
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => {
            char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c)
        }
        other => other,
    }
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            let at = Timestamp::from_second(seconds).unwrap();
            assert_eq!(code(SECRET, at).unwrap(), expected);
        }
    }

    #[test]
    fn a_code_is_taken_once_one_step_late_and_no_later() {
        let made = Timestamp::from_second(59).unwrap();
        let late = Timestamp::from_second(89).unwrap();
        let later = Timestamp::from_second(119).unwrap();
        assert_eq!(matching_step(SECRET, "287082", None, made), Some(1));
        assert_eq!(matching_step(SECRET, "２８７ ０８２", None, late), Some(1));
        assert_eq!(matching_step(SECRET, "287082", Some(1), late), None);
        assert_eq!(matching_step(SECRET, "287082", None, later), None);
        assert_eq!(matching_step(SECRET, "000000", None, made), None);
        assert_eq!(matching_step(SECRET, "", None, made), None);
    }
}
