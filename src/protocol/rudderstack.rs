//! RudderStack's event API, client side. Events and bodies are made in `rudderstack.js`.

use crate::core::wire::Wire;

/// `POST /v1/batch`: events of all users may share a request, and the status says it all.
#[derive(Debug, Default)]
pub struct BatchWire;

impl Wire for BatchWire {}
