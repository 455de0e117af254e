//! A code to be read by a camera (QR), drawn as one inline path: attributes only, so that the strictest policy takes it.

use fast_qr::{ECL, QRBuilder};
use std::fmt::Write as _;

/// Longest text that is drawn, in bytes: an authenticator's address has about a hundred and fifty.
const TEXT_BYTES_MAX: usize = 500;
/// White squares around the code, as the standard asks.
const QUIET: usize = 4;

/// A code of some hundred squares.
pub struct Qr {
    /// Squares on one side, the white rim included.
    pub side: usize,
    /// The black squares, as an SVG path: one stroke a run.
    pub path: String,
}

impl Qr {
    /// Draws a text. `None` if it is too long; it stands beside the code in letters in any case.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for row in 0..code.size {
            let squares = code[row].iter().take(code.size);
            let mut run = 0;
            // A white square past the end closes the last run.
            let line = squares.map(|square| square.value()).chain([false]);
            for (column, black) in line.enumerate() {
                if black {
                    run += 1;
                } else if run > 0 {
                    let (x, y) = (column - run + QUIET, row + QUIET);
                    write!(path, "M{x} {y}h{run}v1h-{run}z").ok()?;
                    run = 0;
                }
            }
        }
        Some(Self {
            side: code.size + 2 * QUIET,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Qr;

    /// Paints the path as a browser would, in squares of so many points.
    fn painted(qr: &Qr, scale: usize) -> Vec<Vec<bool>> {
        let mut squares = vec![vec![false; qr.side]; qr.side];
        for stroke in qr.path.split('M').filter(|stroke| !stroke.is_empty()) {
            let (at, rest) = stroke.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let run: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            squares[y][x..x + run].fill(true);
        }
        (0..qr.side * scale)
            .map(|y| {
                (0..qr.side * scale)
                    .map(|x| squares[y / scale][x / scale])
                    .collect()
            })
            .collect()
    }

    #[test]
    fn a_reader_that_is_not_ours_reads_what_was_drawn() {
        let text = crate::totp::uri(&[7; crate::totp::SECRET_BYTES], "tanaka");
        let qr = Qr::of(&text).unwrap();
        let dots = painted(&qr, 4);
        let side = dots.len();
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
            if dots[y][x] { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, text);
    }

    #[test]
    fn a_rim_stays_white_and_a_long_text_is_not_drawn() {
        let qr = Qr::of("otpauth://totp/a").unwrap();
        let dots = painted(&qr, 1);
        assert!(dots[..4].iter().flatten().all(|black| !black));
        assert!(Qr::of(&"a".repeat(501)).is_none());
    }
}
