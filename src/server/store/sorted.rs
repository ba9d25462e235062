//! A sorted list of positions that is made to be appended to and to be read from its end: blocks
//! of neighbours, so that an event in order costs a push, one out of order moves a block at most,
//! and a walk down the list reads memory in order.

use crate::server::when::Micros;

/// Newest first is greatest first.
pub type Position = (Micros, u32);

/// Most positions in a block (8 KiB).
const BLOCK: usize = 512;

/// The list. No block is empty.
#[derive(Debug, Default)]
pub struct Sorted {
    blocks: Vec<Vec<Position>>,
    length: usize,
}

impl Sorted {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// The least.
    pub fn first(&self) -> Option<Position> {
        self.blocks.first()?.first().copied()
    }

    /// The greatest.
    pub fn last(&self) -> Option<Position> {
        self.blocks.last()?.last().copied()
    }

    /// Adds a position that is not there yet.
    pub fn insert(&mut self, position: Position) {
        self.length = self.length.saturating_add(1);
        if self.last().is_none_or(|last| last < position) {
            return match self.blocks.last_mut().filter(|block| block.len() < BLOCK) {
                Some(block) => block.push(position),
                None => self.blocks.push(vec![position]),
            };
        }
        let at = self.block_of(position);
        let Some(block) = self.blocks.get_mut(at) else { return };
        let place = block.partition_point(|other| *other < position);
        block.insert(place, position);
        if block.len() > BLOCK {
            let upper = block.split_off(BLOCK >> 1);
            self.blocks.insert(at.saturating_add(1), upper);
        }
    }

    /// Takes a position out.
    pub fn remove(&mut self, position: Position) {
        let at = self.block_of(position);
        let Some(block) = self.blocks.get_mut(at) else { return };
        if let Ok(place) = block.binary_search(&position) {
            block.remove(place);
            self.length = self.length.saturating_sub(1);
            if block.is_empty() {
                self.blocks.remove(at);
            }
        }
    }

    /// All of them, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Position> {
        self.blocks.iter().flatten().copied()
    }

    /// A cursor that stands behind the greatest.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor { blocks: &self.blocks, block: &[] }
    }

    /// A cursor that has gone past this many of the greatest.
    pub fn cursor_past(&self, mut count: usize) -> Cursor<'_> {
        let mut blocks = self.blocks.as_slice();
        while let Some((last, rest)) = blocks.split_last() {
            blocks = rest;
            if let Some(left) = last.len().checked_sub(count) {
                return Cursor { blocks, block: last.get(..left).unwrap_or_default() };
            }
            count = count.saturating_sub(last.len());
        }
        Cursor { blocks: &[], block: &[] }
    }

    /// The block that has this position, or would.
    fn block_of(&self, position: Position) -> usize {
        let after = |block: &Vec<Position>| block.first().is_some_and(|first| *first <= position);
        self.blocks.partition_point(after).saturating_sub(1)
    }
}

/// Walks a list downwards. What is above the last answer is out of its sight.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    blocks: &'a [Vec<Position>],
    block: &'a [Position],
}

impl Cursor<'_> {
    /// The greatest position up to this bound; bounds must not grow from call to call.
    pub fn seek(&mut self, bound: Position) -> Option<Position> {
        if self.block.first().is_none_or(|first| *first > bound) {
            let starts_below =
                |block: &Vec<Position>| block.first().is_some_and(|first| *first <= bound);
            // Nearly always the next block is the one.
            let count = match self.blocks.last() {
                Some(last) if starts_below(last) => self.blocks.len(),
                _ => self.blocks.partition_point(starts_below),
            };
            let (last, rest) = self.blocks.get(..count)?.split_last()?;
            (self.blocks, self.block) = (rest, last);
        }
        // Gallop down: what is wanted is usually near.
        let mut step = 1_usize;
        loop {
            let below = self.block.len().checked_sub(step);
            match below.and_then(|at| self.block.get(at)) {
                Some(position) if *position > bound => step = step.saturating_mul(2),
                _ => break,
            }
        }
        let low = self.block.len().saturating_sub(step);
        let high = self.block.len().saturating_sub(step >> 1);
        let near = self.block.get(low..high).unwrap_or_default();
        let within = near.partition_point(|position| *position <= bound);
        self.block = self.block.get(..low.saturating_add(within)).unwrap_or_default();
        self.block.last().copied()
    }
}
