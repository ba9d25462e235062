//! The stream server as `server.js` sees it: requests as plain arguments, responses read member
//! by member, and the JavaScript options through serde.

use crate::core::rng::Rng;
use crate::platform::memory::grow_ahead;
use crate::server::auth::{Keys, Role};
use crate::server::awesomestream::{self, DEFAULT_STREAM};
use crate::server::coerce::filter_texts;
use crate::server::http::{Body, Reply, Request, Response};
use crate::server::object::Object;
use crate::server::rate::Limit;
use crate::server::route::Server;
use crate::server::store::memory::{self, Memory};
use crate::server::store::{Command, Outcome, Query};
use serde::Deserialize;
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    keys: Vec<String>,
    api_keys: Option<BTreeMap<String, String>>,
    dedupe_window: f64,
    max_bytes: f64,
    rate_limit: Option<RateLimit>,
    seed: [u32; 4],
}

#[derive(Deserialize)]
struct RateLimit {
    calls: u32,
    seconds: u32,
}

/// One server.
#[wasm_bindgen]
pub struct StreamServer(Server);

/// One answer.
#[wasm_bindgen]
pub struct Answer {
    response: Response,
    live: u32,
}

#[wasm_bindgen]
impl StreamServer {
    /// The options were checked in JavaScript.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<StreamServer, JsValue> {
        let options: Options = serde_wasm_bindgen::from_value(options)?;
        let roles = |keys: BTreeMap<String, String>| {
            keys.into_iter().filter_map(|(key, role)| Some((key, Role::parse(&role)?))).collect()
        };
        let keys = options.api_keys.map(|keys| Keys::new(roles(keys))).unwrap_or_default();
        let mut rng = Rng::new(options.seed);
        let store = memory::Options {
            keys: options.keys,
            dedupe_window_ms: options.dedupe_window as u64,
            bytes_max: options.max_bytes as usize,
        };
        let limit = options.rate_limit;
        let limit = limit.map(|RateLimit { calls, seconds }| Limit { calls, seconds });
        Ok(StreamServer(Server::new(Memory::new(store, &mut rng), keys, limit, rng)))
    }

    /// Answers a request. `body` is the unpacked body; `body_state` 0: whole, 1: too large,
    /// 2: broken.
    #[allow(clippy::too_many_arguments, reason = "one crossing for one request")]
    pub fn handle(
        &mut self,
        now_ms: f64,
        method: &str,
        path: &str,
        query: &str,
        authorization: Option<String>,
        accept: Option<String>,
        last_event_id: Option<String>,
        remote_ip: Option<String>,
        access_key: Option<String>,
        bucket_key: Option<String>,
        accept_version: Option<String>,
        body: &[u8],
        body_state: u8,
    ) -> Answer {
        let request = Request {
            method,
            path,
            query,
            authorization: authorization.as_deref(),
            accept: accept.as_deref(),
            last_event_id: last_event_id.as_deref(),
            remote_ip: remote_ip.as_deref(),
            access_key: access_key.as_deref(),
            bucket_key: bucket_key.as_deref(),
            accept_version: accept_version.as_deref(),
            body: match body_state {
                0 => Body::Bytes(body),
                1 => Body::TooLarge,
                _ => Body::Broken,
            },
        };
        grow_ahead();
        match self.0.handle(now_ms as u64, &request) {
            Reply::Whole(response) => Answer { response, live: 0 },
            Reply::Live(response, live) => Answer { response, live },
        }
    }

    /// The next frames of a live body.
    pub fn take(&mut self, live: u32) -> Vec<u8> {
        self.0.take(live)
    }

    /// Whether `take` must be asked again.
    #[wasm_bindgen(js_name = isBehind)]
    pub fn is_behind(&self, live: u32) -> bool {
        self.0.is_behind(live)
    }

    /// The client of a live body is gone.
    pub fn close(&mut self, live: u32) {
        self.0.close(live);
    }

    /// Stores the JSON text of an object; its id, or none when the store is full.
    pub fn insert(
        &mut self,
        now_ms: f64,
        text: &str,
        stream: Option<String>,
        date_ms: Option<f64>,
        id: Option<String>,
    ) -> Result<Option<String>, String> {
        let object = Object::parse(text).ok_or("it is nested too deeply")?;
        let stream = stream.unwrap_or_else(|| DEFAULT_STREAM.into());
        let date = (date_ms.unwrap_or(now_ms) * 1000.0) as i64;
        let context = self.0.context(now_ms as u64);
        let id = id.unwrap_or_else(|| context.rng.uuid());
        let batch = awesomestream::one(&context, stream.into(), &object, date, id.as_str().into());
        grow_ahead();
        match self.0.run(now_ms as u64, Command::Insert(batch)) {
            Outcome::Full => Ok(None),
            _ => Ok(Some(id)),
        }
    }

    /// A page as the text of a JSON array. `filters` is the text of an object.
    pub fn items(
        &mut self,
        start: f64,
        end: Option<f64>,
        filters: &str,
        stream: Option<String>,
    ) -> Result<String, String> {
        let filters = Object::parse(filters).unwrap_or_default();
        let texts = filters.members.iter();
        let query = Query {
            stream,
            filters: texts.map(|it| (it.name.to_string(), filter_texts(it.value))).collect(),
            start: start as i64,
            end: end.map(|end| end as i64),
        };
        match self.0.run(0, Command::Items(query)) {
            Outcome::Page(page) => Ok(page),
            Outcome::UnknownKey(sentence) => Err(sentence),
            _ => Ok(String::from("[]")),
        }
    }
}

#[wasm_bindgen]
impl Answer {
    /// The HTTP status.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// Names and values in turn.
    #[wasm_bindgen(getter)]
    pub fn headers(&self) -> Vec<String> {
        let content_type = self.response.content_type.map(|value| ("content-type", value));
        let others = self.response.headers.iter().map(|(name, value)| (*name, value.as_str()));
        content_type
            .into_iter()
            .chain(others)
            .flat_map(|(name, value)| [name.to_owned(), value.to_owned()])
            .collect()
    }

    /// The body; empty when it was asked for before.
    pub fn body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.response.body)
    }

    /// The live body's id, 0 for a whole answer.
    #[wasm_bindgen(getter)]
    pub fn live(&self) -> u32 {
        self.live
    }
}
