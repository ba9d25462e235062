//! One page: an engine with its model, the book of its log, and what it knows of the log's place, as
//! `src/platform/tabs.js` has it.

use crate::model::{Model, Sequence};
use crate::path::book::{Book, Write};
use crate::path::disk::PageId;
use crate::support::{TextWire, Texts};
use sluicebox::core::engine::Engine;
use sluicebox::core::io::{Input, Why};
use sluicebox::core::policy::Policy;
use sluicebox::core::rng::Rng;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The first sequence: what is adopted counts down from here.
const FIRST: Sequence = 1 << 40;
/// Streams of one page; those of different pages differ, so that each has its order.
pub const STREAMS: usize = 3;
/// Pages that one world may open before it heals.
pub const PAGES_MAX: usize = 12;

/// How a page lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    Seen,
    Hidden,
    Frozen,
    Gone,
}

pub struct Tab {
    pub engine: Engine,
    pub texts: Texts,
    pub model: Model,
    pub book: Book,
    pub sleep: (Option<u64>, Why),
    pub life: Life,
    /// Numbers of the records that are there, oldest first, and that of the next one.
    pub numbers: Vec<u64>,
    pub next_number: u64,
    /// It was granted its own lock, and may write.
    pub is_ready: bool,
    /// Since when.
    pub ready_at: u64,
    /// It goes on as soon as it has its lock again.
    pub is_thawing: bool,
    /// Writes that wait until the log is ready, and all that are not done.
    pub waiting: Vec<Write>,
    pub writes: VecDeque<Write>,
    /// Pages that said that they freeze while it was not ready.
    pub told_of: BTreeSet<PageId>,
    /// Logs that it took over, and that are still there.
    pub sources: BTreeSet<PageId>,
    /// Writes that were begun and not told to the book, oldest first, and what became of them.
    pub begun: VecDeque<u64>,
    pub done: BTreeMap<u64, (bool, Vec<PageId>)>,
    /// What a page that stands still hears when it goes on.
    pub heard: Vec<Input>,
    /// Whether a write failed since it was opened.
    pub was_in_trouble: bool,
    newest: Sequence,
    oldest: Sequence,
}

impl Tab {
    pub fn new(policy: &Policy, seed: [u32; 4]) -> Self {
        let texts = Texts::new(true);
        let (bodies, rng) = (Box::new(texts.clone()), Rng::new(seed));
        Tab {
            engine: Engine::new(Box::new(TextWire), bodies, policy.clone(), rng),
            model: Model::new(policy.clone(), texts.clone(), STREAMS * (PAGES_MAX + 1)),
            texts,
            book: Book::default(),
            sleep: (None, Why::Nothing),
            life: Life::Seen,
            numbers: Vec::new(),
            next_number: 0,
            is_ready: false,
            ready_at: 0,
            is_thawing: false,
            waiting: Vec::new(),
            writes: VecDeque::new(),
            told_of: BTreeSet::new(),
            sources: BTreeSet::new(),
            begun: VecDeque::new(),
            done: BTreeMap::new(),
            heard: Vec::new(),
            was_in_trouble: false,
            newest: FIRST,
            oldest: FIRST,
        }
    }

    /// Whether it is there and moves.
    pub fn runs(&self) -> bool {
        matches!(self.life, Life::Seen | Life::Hidden)
    }

    pub fn is_gone(&self) -> bool {
        self.life == Life::Gone
    }

    /// The sequence of the next event.
    pub fn next_sequence(&mut self) -> Sequence {
        self.newest += 1;
        self.newest
    }

    /// The first of the sequences of so many events that are adopted.
    pub fn older_sequences(&mut self, count: usize) -> Sequence {
        self.oldest -= count as u64;
        self.oldest
    }
}
