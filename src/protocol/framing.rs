//! Frames of a streamed answer: one JSON value a line, `\r\n` or `\n`; an empty line is a
//! keep-alive. Chunks may end anywhere, inside a character or between `\r` and `\n` too.

use crate::core::wire::{Frames, Framing};

/// Longest line kept while its end has not come: a server that never ends one cannot fill the
/// memory.
pub const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The push parser: bytes in, whole frames out.
#[derive(Debug, Default)]
pub struct Lines {
    partial: Vec<u8>,
    /// Inside a line that grew too long: it is skipped to its end.
    skipping: bool,
}

impl Framing for Lines {
    fn push(&mut self, chunk: &[u8]) -> Frames {
        let mut frames = Frames::default();
        let mut lines = chunk.split(|byte| *byte == b'\n');
        let Some(last) = lines.next_back() else { return frames };
        for line in lines {
            if self.skipping {
                self.skipping = false;
            } else if self.partial.is_empty() {
                add(&mut frames, line);
            } else {
                self.partial.extend_from_slice(line);
                add(&mut frames, &self.partial);
            }
            self.partial.clear();
        }
        self.partial.extend_from_slice(last);
        if self.partial.len() > LINE_BYTES_MAX {
            self.partial = Vec::new();
            self.skipping = true;
        }
        if frames.count > 0 {
            frames.array.push(b']');
        }
        frames
    }
}

fn add(frames: &mut Frames, line: &[u8]) {
    let line = line.trim_ascii();
    if !line.is_empty() {
        frames.array.extend_from_slice(if frames.count == 0 { b"[" } else { b",\n" });
        frames.array.extend_from_slice(line);
        frames.count = frames.count.saturating_add(1);
    }
}
