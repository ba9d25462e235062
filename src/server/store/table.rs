//! Numbers found by a text: a hash table beside the things themselves, which keep their texts. It
//! is never walked, so its order can show nowhere.

use hashbrown::HashTable;

/// The table.
#[derive(Debug)]
pub struct Table {
    /// A part of each hash is kept, so that growing reads no text.
    entries: HashTable<(u32, u32)>,
    seed: u64,
}

/// What a text is found by.
#[derive(Debug, Clone, Copy)]
pub struct Hash(u32);

impl Table {
    /// An empty table. With a secret seed nobody can send texts that all collide.
    pub fn new(seed: u64) -> Self {
        Table { entries: HashTable::new(), seed }
    }

    /// The hash of a text in the space of this number (a key's, a stream's).
    pub fn hash(&self, space: u32, text: &str) -> Hash {
        let mut hash = fold(self.seed ^ u64::from(space), text.len() as u64);
        let mut rest = text.as_bytes();
        while let Some((eight, after)) = rest.split_first_chunk::<8>() {
            hash = fold(hash, u64::from_le_bytes(*eight));
            rest = after;
        }
        let tail = rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte));
        hash = fold(hash, tail);
        Hash((hash ^ (hash >> 32)) as u32)
    }

    /// The number of this hash for which `is_it` holds.
    pub fn find(&self, hash: Hash, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let same = |(known, number): &(u32, u32)| *known == hash.0 && is_it(*number);
        self.entries.find(spread(hash.0), same).map(|(_, number)| *number)
    }

    /// Adds a number that is not there.
    pub fn add(&mut self, hash: Hash, number: u32) {
        self.entries.insert_unique(spread(hash.0), (hash.0, number), |(hash, _)| spread(*hash));
    }

    /// Takes a number out.
    pub fn remove(&mut self, hash: Hash, number: u32) {
        if let Ok(entry) = self.entries.find_entry(spread(hash.0), |entry| entry.1 == number) {
            entry.remove();
        }
    }
}

/// The two halves of a product, mixed: every bit of both goes into every bit of the result.
fn fold(a: u64, b: u64) -> u64 {
    let product =
        u128::from(a ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(u128::from(b ^ 0xd1b5_4a32_d192_ed03));
    (product as u64) ^ ((product >> 64) as u64)
}

/// The table looks at both ends of 64 bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
