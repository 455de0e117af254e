//! What is never taken as a picture, whatever it calls itself: programs, and files that hold a signature of malicious software.
//!
//! A picture that passes is drawn anew from its points all the same (`picture`): that, and not this list, is what keeps a file
//! from another browser. A scanner of the institution's choice joins with sec-x1.iv-e.

use store::aid::Danger;

/// The first bytes of programs: Windows, Linux, macOS, WebAssembly, shell.
const PROGRAMS: [&[u8]; 6] = [
    b"MZ",
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"#!",
];
/// The test file that every scanner knows (EICAR), without its beginning.
const TEST_SIGNATURE: &[u8] = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE";

/// What is dangerous in bytes from outside; none where nothing known is.
pub(crate) fn scan(bytes: &[u8]) -> Option<Danger> {
    if PROGRAMS.iter().any(|mark| bytes.starts_with(mark)) {
        return Some(Danger::Program);
    }
    bytes
        .windows(TEST_SIGNATURE.len())
        .any(|window| window == TEST_SIGNATURE)
        .then_some(Danger::Signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_found_wherever_it_lies_and_a_picture_is_clean() {
        let mut picture = b"\xff\xd8\xff\xe0 JFIF".to_vec();
        assert_eq!(scan(&picture), None);
        assert_eq!(scan(b""), None);
        picture.extend(TEST_SIGNATURE);
        picture.extend(b"!$H+H*");
        assert_eq!(scan(&picture), Some(Danger::Signature));
        assert_eq!(scan(b"MZ\x90\0"), Some(Danger::Program));
    }
}
