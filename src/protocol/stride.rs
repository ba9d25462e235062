//! Stride, client side. Paths and bodies are made in `stride.js`.

use crate::core::wire::Wire;

/// The Collector's wire: events of all streams may share a request, and the status says it all.
#[derive(Debug, Default)]
pub struct CollectWire;

impl Wire for CollectWire {}
