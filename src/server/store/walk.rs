//! From sorted lists to a page: what is in all of them, newest first.

use super::sorted::{Cursor, Position, Sorted};
use super::{Query, slice};
use crate::server::when::Micros;

/// The positions of the page: each source is lists any of which a position may be in, and all
/// sources must have it.
pub fn positions(sources: &[Vec<&Sorted>], query: &Query) -> Vec<Position> {
    let from_end = query.start < 0 || query.end.is_none_or(|end| end < 0);
    // A list alone knows its length and can be entered anywhere.
    let alone = match sources {
        [any] => match any.as_slice() {
            [list] => Some(*list),
            _ => None,
        },
        _ => None,
    };
    let length = match (alone, from_end) {
        (Some(list), _) => list.len(),
        (None, true) => walk(cursors(sources)).count(),
        (None, false) => usize::MAX,
    };
    let range = slice(length, query.start, query.end);
    match alone {
        Some(list) => walk(vec![vec![list.cursor_past(range.start)]]).take(range.len()).collect(),
        None => walk(cursors(sources)).skip(range.start).take(range.len()).collect(),
    }
}

fn cursors<'a>(sources: &[Vec<&'a Sorted>]) -> Vec<Vec<Cursor<'a>>> {
    sources.iter().map(|any| any.iter().map(|list| list.cursor()).collect()).collect()
}

/// The positions that are in some list of each source, greatest first. Leapfrog: the least of the
/// sources' next positions is the greatest that can still match, so everything above is skipped.
fn walk<'a>(mut sources: Vec<Vec<Cursor<'a>>>) -> impl Iterator<Item = Position> + 'a {
    let mut bound: Option<Position> = Some((Micros::MAX, u32::MAX));
    std::iter::from_fn(move || {
        let mut candidate = bound?;
        loop {
            let mut lowest = candidate;
            for any in &mut sources {
                lowest = any.iter_mut().filter_map(|list| list.seek(lowest)).max()?;
            }
            if lowest == candidate {
                break;
            }
            candidate = lowest;
        }
        bound = before(candidate);
        Some(candidate)
    })
}

fn before((date, sequence): Position) -> Option<Position> {
    match sequence.checked_sub(1) {
        Some(sequence) => Some((date, sequence)),
        None => Some((date.checked_sub(1)?, u32::MAX)),
    }
}
