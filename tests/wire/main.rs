//! The server's side of each protocol, request by request: the vectors of the originals and what
//! we answer to input that nobody should send.

mod awesomestream;
mod clients;
mod dice;
mod initial_state;
mod initial_state_events;
mod keys;
mod limits;
mod live;
mod rate;
mod rudderstack;
mod scan;
mod store;
mod stride;

use sluicebox::core::rng::Rng;
use sluicebox::server::auth::{Keys, Role};
use sluicebox::server::dispatch::{Server, Step};
use sluicebox::server::http::{Body, Reply, Request, Response};
use sluicebox::server::rate::Limit;
use sluicebox::server::store::memory::{Memory, Options};

/// 2026-11-20T12:00:00Z
pub const NOON: u64 = 1_795_176_000_000;

pub struct Host {
    pub server: Server,
    pub now: u64,
}

impl Host {
    /// With these indexed keys, and open to everybody.
    pub fn new(keys: &[&str]) -> Self {
        Host::build(keys, Keys::default())
    }

    /// Where each API key has its role.
    pub fn guarded(roles: &[(&str, Role)]) -> Self {
        let roles = roles.iter().map(|(key, role)| ((*key).to_owned(), *role)).collect();
        Host::build(&[], Keys::new(roles))
    }

    /// With so much room in the store.
    pub fn small(bytes_max: usize) -> Self {
        Host::make(&["k"], Keys::default(), bytes_max, None)
    }

    /// Where a key may make only so many write calls.
    pub fn limited(limit: Limit) -> Self {
        Host::make(&[], Keys::default(), 64 << 20, Some(limit))
    }

    fn build(keys: &[&str], roles: Keys) -> Self {
        Host::make(keys, roles, 64 << 20, None)
    }

    fn make(keys: &[&str], roles: Keys, bytes_max: usize, limit: Option<Limit>) -> Self {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let options = Options { keys, dedupe_window_ms: 86_400_000, bytes_max };
        let mut rng = Rng::new([1, 2, 3, 4]);
        let store = Memory::new(options, &mut rng);
        Host { server: Server::new(store, roles, limit, rng), now: NOON }
    }

    pub fn send(&mut self, request: &Request) -> Response {
        match self.server.handle(self.now, request) {
            Step::Done(Reply::Whole(response)) => response,
            step => panic!("no whole answer: {step:?}"),
        }
    }

    pub fn open(&mut self, request: &Request) -> u32 {
        match self.server.handle(self.now, request) {
            Step::Done(Reply::Live(_, id)) => id,
            step => panic!("no live answer: {step:?}"),
        }
    }

    pub fn take(&mut self, id: u32) -> String {
        String::from_utf8(self.server.take(id)).unwrap()
    }

    /// Status and body.
    pub fn answers(&mut self, request: &Request) -> (u16, String) {
        let response = self.send(request);
        (response.status, text(&response))
    }

    /// The newest-first list, as JSON texts.
    pub fn items(&mut self, kwargs: &str) -> String {
        let body = format!("{{\"method\":\"items\",\"kwargs\":{kwargs}}}");
        let (_, text) = self.answers(&post("/", &body));
        let rest = text.strip_prefix("{\"id\":null,\"result\":").expect(&text).to_owned();
        rest.strip_suffix(",\"error\":null}").expect(&text).to_owned()
    }
}

pub fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

pub fn request<'a>(method: &'a str, target: &'a str) -> Request<'a> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request { method, path, query, ..Request::default() }
}

pub fn get(target: &str) -> Request<'_> {
    request("GET", target)
}

pub fn post<'a>(target: &'a str, body: &'a str) -> Request<'a> {
    Request { body: Body::Bytes(body.as_bytes()), ..request("POST", target) }
}

/// With `Basic base64(key:)`; these are the keys `key`, `wk`, `xx`.
pub fn with_key<'a>(key: &str, request: Request<'a>) -> Request<'a> {
    let authorization = match key {
        "key" => "Basic a2V5Og==",
        "wk" => "Basic d2s6",
        "xx" => "Basic eHg6",
        other => panic!("no header for {other}"),
    };
    Request { authorization: Some(authorization), ..request }
}
