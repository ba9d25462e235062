//! One file per wire protocol: what may share a request, and what an answer means. The files in JavaScript
//! beside them make events and bodies, byte by byte.

/// Initial State's events API, client side.
pub mod initial_state;
/// JSON text: escaping and joining without a tree.
pub mod json;
/// RudderStack's event API, client side.
pub mod rudderstack;
/// Stride's collect endpoint, client side.
pub mod stride;
