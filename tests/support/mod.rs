//! What the spec and the simulation share: a tiny wire, and the drain.

use sluicebox::core::engine::Engine;
use sluicebox::core::event::Event;
use sluicebox::core::io::{Output, Why};
use sluicebox::core::time::Timestamp;
use sluicebox::core::wire::{Attempt, Encoded, Wire};

/// A body is the texts joined by commas.
pub struct TextWire;

impl Wire for TextWire {
    fn encode(&self, events: &[&Event], _attempt: &Attempt) -> Encoded {
        let texts: Vec<&str> = events.iter().map(|event| event.text.as_str()).collect();
        Encoded {
            path: String::from("/texts"),
            body: texts.join(","),
            may_gzip: true,
            ..Encoded::default()
        }
    }
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
