//! What every buffered client has: a driver made of its options, flush and ledger.

use super::{error, options};
use crate::core::engine::Engine;
use crate::core::policy::Policy;
use crate::core::time::Millis;
use crate::core::wire::Wire;
use crate::platform::driver::{Driver, Hooks};
use crate::platform::fetch::Transport;
use crate::platform::host;
use js_sys::Promise;
use wasm_bindgen::prelude::*;

/// `flush()` and `close()` wait this long unless told otherwise: one `Retry-After` of ten
/// seconds and a slow answer fit in.
const FLUSH_TIMEOUT_MS: Millis = 30_000;

/// A driver for this wire with the user's delivery options over the client's defaults.
pub fn driver(
    given: &JsValue,
    defaults: Policy,
    wire: Box<dyn Wire>,
    transport: Transport,
) -> Result<Driver, JsValue> {
    let engine = Engine::new(wire, options::policy(given, defaults)?, host::rng());
    let hooks = Hooks {
        transport,
        on_error: options::function(given, "onError")?,
        wait_until: options::function(given, "waitUntil")?,
        to_js_error: error::to_js,
    };
    Ok(Driver::new(engine, hooks))
}

/// Flush or close with the options `{ timeout }`.
pub fn flush(driver: &Driver, given: &JsValue, close: bool) -> Result<Promise, JsValue> {
    let timeout = options::millis(given, "timeout")?.unwrap_or(FLUSH_TIMEOUT_MS);
    Ok(driver.flush(timeout, close))
}
