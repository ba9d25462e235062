//! Frames of a streamed answer, for `subscription.js`.

use crate::core::wire::Framing;
use crate::protocol::framing;
use wasm_bindgen::prelude::*;

/// The push parser of newline-delimited JSON.
#[wasm_bindgen]
#[derive(Default)]
pub struct Lines(framing::Lines);

#[wasm_bindgen]
impl Lines {
    /// A parser that has seen nothing.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Lines {
        Lines::default()
    }

    /// The text of a JSON array of what the chunk completed; empty when that is nothing.
    pub fn push(&mut self, chunk: &[u8]) -> Vec<u8> {
        self.0.push(chunk).array
    }
}
