//! Frames of a streamed answer: one JSON value a line, `\r\n` or `\n`; an empty line is a
//! keep-alive. Chunks may end anywhere, inside a character or between `\r` and `\n` too.

/// Longest line kept while its end has not come: a server that never ends one cannot fill the
/// memory.
pub const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a chunk completed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frames {
    /// The lines as one JSON array, `,\n` between them: one parse for all of them, and a text
    /// that can be cut apart again where one of them is malformed. Empty when there are none.
    pub array: Vec<u8>,
    /// How many lines it holds.
    pub count: usize,
}

/// The push parser: bytes in, whole frames out.
#[derive(Debug, Default)]
pub struct Lines {
    partial: Vec<u8>,
    /// Inside a line that grew too long: it is skipped to its end.
    skipping: bool,
}

impl Lines {
    /// Takes a chunk and gives what it completed.
    pub fn push(&mut self, chunk: &[u8]) -> Frames {
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
