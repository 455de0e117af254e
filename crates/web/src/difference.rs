//! The difference between two wordings, line by line: each side is shown what changed, not only the whole (sec-0.b).

/// Longest text compared, in lines; what lies beyond is shown as it is.
const LINES_MAX: usize = 400;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It stands in both.
    Same,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

/// The lines of both wordings in order, each with what became of it.
pub(crate) fn lines(before: &str, after: &str) -> Vec<(Mark, String)> {
    let (old, new) = (split(before), split(after));
    let mut marked = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (at, to) in longest_common(&old, &new) {
        marked.extend(part(&old, i, at).map(|line| (Mark::Removed, line)));
        marked.extend(part(&new, j, to).map(|line| (Mark::Added, line)));
        marked.extend(part(&old, at, at + 1).map(|line| (Mark::Same, line)));
        (i, j) = (at + 1, to + 1);
    }
    marked.extend(part(&old, i, old.len()).map(|line| (Mark::Removed, line)));
    marked.extend(part(&new, j, new.len()).map(|line| (Mark::Added, line)));
    marked
}

fn part<'t>(lines: &'t [&str], from: usize, until: usize) -> impl Iterator<Item = String> + 't {
    lines
        .iter()
        .take(until)
        .skip(from)
        .map(|line| (*line).to_owned())
}

/// Sentences are lines here: a text on the patient's screen may be one long line of several.
fn split(text: &str) -> Vec<&str> {
    text.lines()
        .flat_map(|line| line.split_inclusive(['。', '.']))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(LINES_MAX)
        .collect()
}

/// Places of the lines that both have in common, as many as possible.
fn longest_common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    // Row i, column j: lines in common of what is left from i and from j on. The last row first, then turned round.
    let mut rows: Vec<Vec<usize>> = vec![vec![0; new.len() + 1]];
    for line in old.iter().rev() {
        let below = rows.last().cloned().unwrap_or_default();
        let mut row = vec![0];
        for (at, other) in new.iter().enumerate().rev() {
            let beside = row.last().copied().unwrap_or(0);
            let under = |at: usize| below.get(at).copied().unwrap_or(0);
            row.push(if line == other {
                under(at + 1) + 1
            } else {
                beside.max(under(at))
            });
        }
        row.reverse();
        rows.push(row);
    }
    rows.reverse();
    let left = |i: usize, j: usize| rows.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let (mut i, mut j, mut common) = (0, 0, Vec::new());
    while let (Some(line), Some(other)) = (old.get(i), new.get(j)) {
        if line == other {
            common.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if left(i + 1, j) >= left(i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_0_b_what_is_new_and_what_is_gone_stands_between_what_stayed() {
        let line = |mark, text: &str| (mark, text.to_owned());
        assert_eq!(
            lines("あ。い。う。", "あ。え。う。お。"),
            [
                line(Mark::Same, "あ。"),
                line(Mark::Removed, "い。"),
                line(Mark::Added, "え。"),
                line(Mark::Same, "う。"),
                line(Mark::Added, "お。"),
            ]
        );
        assert_eq!(lines("", "あ。"), [line(Mark::Added, "あ。")]);
        assert_eq!(lines("あ。", ""), [line(Mark::Removed, "あ。")]);
        assert_eq!(lines("あ。", "あ。"), [line(Mark::Same, "あ。")]);
    }
}
