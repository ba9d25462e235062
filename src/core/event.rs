//! An event as the engine knows it: where it belongs, and how large it is.

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

/// One accepted event, as far as it matters here: its text is with whoever offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where it belongs.
    pub stream: Stream,
    /// Bytes of its text as it goes on the wire, in UTF-8.
    pub bytes: usize,
    /// Not the user's: the protocol needs it done before the events that follow in its stream. It
    /// is sent and retried like them, but never counted.
    pub control: bool,
}

impl Event {
    /// An event of the user's.
    pub fn new(stream: Stream, bytes: usize) -> Self {
        Event { stream, bytes, control: false }
    }
}
