//! Which protocol a request speaks: its path tells.

use super::auth::{Keys, Right};
use super::http::{Reply, Request, Response};
use super::live::Live;
use super::store::NewEvent;
use super::store::memory::Memory;
use super::{awesomestream, rudderstack, stride};
use crate::core::rng::Rng;

/// The server: a store, the keys, and who is listening.
#[derive(Debug)]
pub struct Server {
    /// Where events are.
    pub store: Memory,
    /// Who may do what.
    pub keys: Keys,
    /// Who is listening.
    pub live: Live,
    /// For ids.
    pub rng: Rng,
}

impl Server {
    /// An idle server.
    pub fn new(store: Memory, keys: Keys, rng: Rng) -> Self {
        Server { store, keys, live: Live::default(), rng }
    }

    /// Answers a request that came at this time (milliseconds since 1970).
    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Reply {
        let path = request.path.trim_end_matches('/');
        let mut parts = path.split('/').skip(1);
        match (parts.next(), parts.next()) {
            (Some("v1"), Some("collect" | "process" | "analyze")) => {
                stride::handle(self, now_ms, request)
            }
            (Some("v1" | "beacon" | "pixel"), _) => {
                rudderstack::handle(self, now_ms, request).into()
            }
            (Some("health" | "version" | "robots.txt"), None) => {
                rudderstack::handle(self, now_ms, request).into()
            }
            (Some("healthz"), None) => Response::text(200, "ok").into(),
            (Some("subscribe"), None) => awesomestream::subscribe(self, request),
            _ => awesomestream::handle(self, now_ms, request).into(),
        }
    }

    /// The next frames of a live body; none when there is nothing new.
    pub fn take(&mut self, subscription: u32) -> Vec<u8> {
        self.live.take(&self.store, subscription)
    }

    /// The client of a live body is gone.
    pub fn close(&mut self, subscription: u32) {
        self.live.close(subscription);
    }

    /// Whether the request's key has this right.
    pub fn may(&self, request: &Request, right: Right) -> Result<(), super::auth::Denied> {
        self.keys.check(request.key().as_deref(), right)
    }

    /// Stores events that are all fine.
    pub fn insert_all(&mut self, now_ms: u64, events: Vec<NewEvent>) {
        for event in events {
            self.store.insert(now_ms, event);
        }
    }
}
