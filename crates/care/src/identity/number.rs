//! The twelve digits that no clinic may keep (個人番号, My Number): found in any text that somebody types.

/// How many digits such a number has.
const DIGITS: usize = 12;

/// Whether a text holds a number that can only be an individual number: twelve digits, alone, whose last one checks the rest.
///
/// Spaces and hyphens between the digits are looked through, full-width digits are digits. A number after a plus sign is a
/// telephone's.
#[must_use]
pub fn holds_individual_number(text: &str) -> bool {
    let mut run: Vec<u32> = Vec::new();
    let mut telephone = false;
    for c in text.chars().chain(['\n']) {
        if let Some(digit) = digit(c) {
            run.push(digit);
        } else if !(run.is_empty() || matches!(c, ' ' | '-' | '－' | '\u{3000}')) {
            if !telephone && checks(&run) {
                return true;
            }
            run.clear();
            telephone = false;
        }
        if run.is_empty() && matches!(c, '+' | '＋') {
            telephone = true;
        }
    }
    false
}

/// A digit in half or full width.
fn digit(c: char) -> Option<u32> {
    c.to_digit(10).or_else(|| match c {
        '０'..='９' => u32::from(c).checked_sub(u32::from('０')),
        _ => None,
    })
}

/// The check digit of the law: the weighted sum of the eleven before it, from the right 2 to 7 and again 2 to 6.
fn checks(run: &[u32]) -> bool {
    let Some((check, digits)) = run.split_last().filter(|_| run.len() == DIGITS) else {
        return false;
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6])
        .map(|(digit, weight)| digit * weight)
        .sum();
    let rest = sum % 11;
    *check == if rest <= 1 { 0 } else { 11 - rest }
}
