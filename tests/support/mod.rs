//! What the spec and the simulation share: a tiny wire, the texts of its events, and the drain.

use flate2::read::GzDecoder;
use sluicebox::core::engine::Engine;
use sluicebox::core::event::{Event, Stream};
use sluicebox::core::io::{Output, Request, Why};
use sluicebox::core::time::Timestamp;
use sluicebox::core::wire::{Bodies, Wire};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;
use std::rc::Rc;

/// Every body ends so.
pub const END: &str = ".";

/// All events may travel together, and the status says it all.
pub struct TextWire;

impl Wire for TextWire {}

/// The text of each event that was offered or adopted, by its sequence. A body is the texts joined by
/// commas.
#[derive(Clone)]
pub struct Texts {
    known: Rc<RefCell<BTreeMap<u64, String>>>,
    /// Whether the far end takes bodies that are compressed.
    pub takes_packed: bool,
    packed: Rc<RefCell<Vec<Vec<u64>>>>,
}

impl Texts {
    /// None yet; whether the far end takes bodies that are compressed.
    pub fn new(takes_packed: bool) -> Self {
        Texts { known: Rc::default(), takes_packed, packed: Rc::default() }
    }

    /// The event of this text, which is noted.
    pub fn event(&self, sequence: u64, stream: Stream, text: &str) -> Event {
        self.known.borrow_mut().insert(sequence, text.to_owned());
        Event::new(stream, text.len())
    }

    /// The texts of these events, joined.
    pub fn of(&self, events: &[u64]) -> String {
        let known = self.known.borrow();
        let text = |sequence| known.get(sequence).expect("an event that was offered or adopted");
        events.iter().map(text).map(String::as_str).collect::<Vec<_>>().join(",")
    }

    /// Of which events a body to pack was asked for since the last call.
    pub fn packed(&self) -> Vec<Vec<u64>> {
        self.packed.take()
    }

    /// The body of the request, without its end.
    pub fn body(&self, request: &Request) -> String {
        self.of(&request.events)
    }
}

impl Bodies for Texts {
    fn to_pack(&self, events: &[u64]) -> String {
        self.packed.borrow_mut().push(events.to_vec());
        if self.takes_packed { self.of(events) } else { String::new() }
    }

    fn end(&self) -> String {
        END.to_owned()
    }
}

/// The body as the far end finds it in its packed form.
pub fn unpacked(request: &Request) -> String {
    let mut body = String::new();
    let read = GzDecoder::new(&request.packed[..]).read_to_string(&mut body);
    assert_eq!(read.ok(), Some(body.len()));
    body
}

/// Polls until `Sleep`: what came before it, and the sleep. A sleep that changes when polled again,
/// or never comes, is a failure.
pub fn drain(engine: &mut Engine) -> (Vec<Output>, (Option<Timestamp>, Why)) {
    let mut outputs = Vec::new();
    loop {
        match engine.poll() {
            Output::Sleep(until, why) => {
                for _ in 0..2 {
                    let again = engine.poll();
                    assert!(
                        matches!(again, Output::Sleep(u, w) if (u, w) == (until, why)),
                        "slept until {until:?} ({why:?}), but polled again: {again:?}"
                    );
                }
                return (outputs, (until, why));
            }
            output => outputs.push(output),
        }
        assert!(outputs.len() < 100_000, "poll never sleeps");
    }
}
