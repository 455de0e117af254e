//! Lines of a CSV file of the ministry, bounded, each with its number.

use super::{Fault, Why};
use csv::ByteRecord;

/// Longest file, in bytes: the real master has some 8 MB.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most lines: the real master has some 20,000.
pub const ROWS_MAX: usize = 100_000;

/// Calls `take` with each line and its number, from 1; a field may go over several lines.
///
/// # Errors
///
/// The file is longer than one can be, or what `take` says.
pub(crate) fn each(
    bytes: &[u8],
    mut take: impl FnMut(u64, &ByteRecord) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if bytes.len() > BYTES_MAX {
        return Err(Fault::of_line(1, Why::TooLong));
    }
    // With one byte at the end of each line, a line's number is known where it begins. No letter has a CR in it.
    let bytes: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| *byte != b'\r')
        .collect();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(bytes.as_slice());
    let mut record = ByteRecord::new();
    let mut rows = 0;
    loop {
        let number = reader.position().line();
        let is_there = reader.read_byte_record(&mut record);
        // Reading from memory finds no fault of its own: every run of bytes is some record.
        if !is_there.map_err(|_| Fault::of_line(number, Why::TooLong))? {
            return Ok(());
        }
        let number = record.position().map_or(number, csv::Position::line);
        if rows == ROWS_MAX {
            return Err(Fault::of_line(number, Why::TooLong));
        }
        rows += 1;
        take(number, &record)?;
    }
}
