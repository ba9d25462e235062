//! Traps where a test says so, to show that a page goes on.

use crate::core::io::Input;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/trap.js")]
extern "C" {
    fn traps(what: &str, text: &str) -> bool;
}

/// As the standard library does when it has no memory left, or a bug in it is found.
pub fn where_told(input: &Input) {
    let (what, text) = match input {
        Input::Offer(_, event) | Input::Adopt(_, event, ..) => ("offer", event.text.as_str()),
        Input::Tick => ("timer", ""),
        Input::Answered(..) => ("answer", ""),
        Input::Hide(_) | Input::Show | Input::Online => ("page", ""),
        _ => ("other", ""),
    };
    if traps(what, text) {
        core::arch::wasm32::unreachable();
    }
}
