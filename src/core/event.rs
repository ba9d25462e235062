//! An event: text that was serialised once, at the call, and is only spliced from then on.

use super::text;
use std::rc::Rc;

/// Streams that share a lane keep their order among each other too, and wait for each other's
/// retries; 32 lanes fit one machine word.
pub const LANES: u32 = 32;

/// Where an event belongs: a Stride stream, an Initial State bucket, a user. Order within it is
/// kept. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    name: Rc<str>,
    lane: u32,
}

impl Stream {
    /// The stream of that name; its lane follows from the name alone.
    pub fn new(name: &str) -> Self {
        let hash = name
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Stream { name: name.into(), lane: (hash ^ (hash >> 16)) & LANES.saturating_sub(1) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn lane(&self) -> u32 {
        self.lane
    }
}

/// One accepted event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where it belongs.
    pub stream: Stream,
    /// One JSON value, as it goes on the wire.
    pub text: String,
    /// Bytes after the opening brace that we put there ourselves (an id, say). They are taken
    /// out again when the event goes back to the user.
    pub spliced: u32,
    /// Not the user's: the protocol needs it done before the events that follow in its stream. It
    /// is sent and retried like them, but never counted.
    pub control: bool,
}

impl Event {
    /// An event whose text is exactly what the user gave.
    pub fn new(stream: Stream, text: String) -> Self {
        Event { stream, text, spliced: 0, control: false }
    }

    /// The text exactly as it was accepted.
    pub fn accepted_text(&self) -> String {
        let cut = (self.spliced as usize).saturating_add(1);
        match (self.spliced, self.text.get(..1), self.text.get(cut..)) {
            (1.., Some(brace), Some(rest)) => text::concat(&[brace, rest]),
            _ => self.text.clone(),
        }
    }
}
