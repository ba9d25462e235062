//! One file per wire protocol: what goes on the wire, byte by byte, and what may be asked of it.

/// JSON text: escaping and splicing without a tree.
pub mod initial_state;
pub mod json;
/// RudderStack's event API, client side.
pub mod rudderstack;
/// Stride's collect endpoint, client side.
pub mod stride;
