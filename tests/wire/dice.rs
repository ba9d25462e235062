//! Reproducible randomness for models.

use sluicebox::core::rng::Rng;

/// Reproducible randomness for models.
pub struct Dice(pub Rng);

impl Dice {
    pub fn new(seed: u32) -> Self {
        Dice(Rng::new([seed, 1, 2, 3]))
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        self.0.up_to(limit - 1)
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u32) as usize]
    }
}
