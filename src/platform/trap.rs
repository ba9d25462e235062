//! Traps where a test says so, to show that a page goes on.

use crate::core::io::Input;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/trap.js")]
extern "C" {
    fn traps(what: &str, bytes: usize) -> bool;
}

/// As the standard library does when it has no memory left, or a bug in it is found.
pub fn where_told(input: &Input) {
    let (what, bytes) = match input {
        Input::Offer(_, event) | Input::Adopt(_, event, ..) => ("offer", event.bytes),
        Input::Tick => ("timer", 0),
        Input::Answered(..) => ("answer", 0),
        Input::Hide(_) | Input::Show | Input::Online => ("page", 0),
        _ => ("other", 0),
    };
    if traps(what, bytes) {
        core::arch::wasm32::unreachable();
    }
}
