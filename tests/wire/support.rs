//! A server with a clock in hand, and requests that read as one line.

use sluicebox::core::rng::Rng;
use sluicebox::server::auth::{Keys, Role};
use sluicebox::server::http::{Body, Reply, Request, Response};
use sluicebox::server::route::Server;
use sluicebox::server::store::memory::{Memory, Options};

/// 2026-11-21T12:00:06.000Z
pub const NOON: u64 = 1_795_262_406_000;

pub struct Host {
    pub server: Server,
    pub now: u64,
}

#[derive(Default, Clone)]
pub struct Ask<'a> {
    pub authorization: Option<&'a str>,
    pub accept: Option<&'a str>,
    pub last_event_id: Option<&'a str>,
    pub body: Option<Body<'a>>,
}

/// `Basic` of a key and an empty password.
pub fn basic(key: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::from("Basic ");
    for three in format!("{key}:").as_bytes().chunks(3) {
        let word = three.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
        let word = word << (8 * (3 - three.len()));
        for digit in 0..4 {
            let shift = 18 - 6 * digit;
            let is_padding = digit > three.len();
            out.push(if is_padding { '=' } else { DIGITS[(word >> shift) as usize & 63].into() });
        }
    }
    out
}

impl Host {
    /// Keys that are indexed; no authentication.
    pub fn new(keys: &[&str]) -> Self {
        Self::with(keys, &[], usize::MAX)
    }

    pub fn with(keys: &[&str], api_keys: &[(&str, Role)], bytes_max: usize) -> Self {
        let mut rng = Rng::new([7, 7, 7, 7]);
        let options = Options {
            keys: keys.iter().map(|key| String::from(*key)).collect(),
            dedupe_window_ms: 3_600_000,
            bytes_max,
        };
        let auth = match api_keys {
            [] => Keys::default(),
            some => Keys::new(some.iter().map(|(key, role)| ((*key).into(), *role)).collect()),
        };
        Host { server: Server::new(Memory::new(options, &mut rng), auth, rng), now: NOON }
    }

    pub fn reply(&mut self, method: &str, target: &str, ask: Ask) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request {
            method,
            path,
            query,
            authorization: ask.authorization,
            accept: ask.accept,
            last_event_id: ask.last_event_id,
            remote_ip: Some("203.0.113.9"),
            body: ask.body.unwrap_or_default(),
        };
        self.server.handle(self.now, &request)
    }

    pub fn ask(&mut self, method: &str, target: &str, ask: Ask) -> Response {
        match self.reply(method, target, ask) {
            Reply::Whole(response) => response,
            Reply::Live(..) => panic!("{method} {target} became live"),
        }
    }

    pub fn get(&mut self, target: &str) -> (u16, String) {
        parts(self.ask("GET", target, Ask::default()))
    }

    pub fn post(&mut self, target: &str, body: &str) -> (u16, String) {
        let body = Some(Body::Bytes(body.as_bytes()));
        parts(self.ask("POST", target, Ask { body, ..Ask::default() }))
    }

    pub fn post_as(&mut self, key: &str, target: &str, body: &str) -> (u16, String) {
        let (authorization, body) = (basic(key), Some(Body::Bytes(body.as_bytes())));
        let ask = Ask { authorization: Some(&authorization), body, ..Ask::default() };
        parts(self.ask("POST", target, ask))
    }

    /// What `items` gives for these arguments, as compact JSON.
    pub fn items(&mut self, args: &str, kwargs: &str) -> String {
        let (status, body) = self.rpc("items", args, kwargs);
        assert_eq!(status, 200);
        body["result"].to_string()
    }

    pub fn rpc(&mut self, method: &str, args: &str, kwargs: &str) -> (u16, serde_json::Value) {
        let call = format!(r#"{{"id":1,"method":"{method}","args":{args},"kwargs":{kwargs}}}"#);
        let (status, body) = self.post("/", &call);
        (status, serde_json::from_str(&body).unwrap())
    }

    pub fn follow(&mut self, target: &str, ask: Ask) -> u32 {
        match self.reply("GET", target, ask) {
            Reply::Live(_, id) => id,
            Reply::Whole(response) => panic!("{target} was answered {:?}", parts(response)),
        }
    }

    pub fn take(&mut self, id: u32) -> String {
        String::from_utf8(self.server.take(id)).unwrap()
    }
}

pub fn parts(response: Response) -> (u16, String) {
    (response.status, String::from_utf8(response.body).unwrap())
}

/// The answer of a status and a body.
pub fn is(status: u16, body: &str) -> (u16, String) {
    (status, body.into())
}

/// Reproducible randomness for models.
pub struct Dice(pub Rng);

impl Dice {
    pub fn new(seed: u32) -> Self {
        Dice(Rng::new([seed, 1, 2, 3]))
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        self.0.up_to(limit - 1)
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u32) as usize]
    }
}
