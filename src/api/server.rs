//! The stream server as `server.js` sees it: requests as plain arguments, responses read member
//! by member, and the JavaScript options through serde.

use crate::core::rng::Rng;
use crate::platform::memory::grow_ahead;
use crate::server::auth::{Keys, Role};
use crate::server::awesomestream::{self, DEFAULT_STREAM};
use crate::server::coerce::filter_texts;
use crate::server::dispatch::{Server, Step, Waiting};
use crate::server::http::{Body, Reply, Request, Response};
use crate::server::object::Object;
use crate::server::operation::Tally;
use crate::server::plan::{FAILED, Then};
use crate::server::rate::Limit;
use crate::server::route::protocol;
use crate::server::store::memory::{self, Memory};
use crate::server::store::redis::{self, Redis};
use crate::server::store::remote::{Insertion, Param, Statement, Work};
use crate::server::store::sql::{self, Dialect, Sql};
use crate::server::store::{Command, Outcome, Query, Store};
use js_sys::Array;
use serde::Deserialize;
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    /// `memory`, `sql` or `redis`.
    kind: String,
    keys: Vec<String>,
    /// Of the memory store.
    max_bytes: f64,
    /// Of an SQL store: `sqlite` or `postgres`.
    dialect: Option<String>,
    /// What the names of tables or keys begin with.
    name: Option<String>,
    /// Most bytes of an event.
    max_event_bytes: Option<f64>,
    api_keys: Option<BTreeMap<String, String>>,
    dedupe_window: f64,
    max_body_bytes: f64,
    rate_limit: Option<RateLimit>,
    /// Most live subscriptions at once.
    max_subscriptions: f64,
    seed: [u32; 4],
}

#[derive(Deserialize)]
struct RateLimit {
    calls: u32,
    seconds: u32,
}

/// One server; the events that answers wait to insert, by number; the last such number;
/// and the most bytes of a body.
#[wasm_bindgen]
pub struct StreamServer(Server, BTreeMap<u32, Insertion>, u32, usize);

/// One answer, or what has to be done for it.
#[wasm_bindgen]
#[derive(Default)]
pub struct Answer {
    response: Response,
    live: u32,
    work: Option<Work>,
    insertion: u32,
    waiting: Option<Waiting>,
    protocol: u8,
    tally: Tally,
}

#[wasm_bindgen]
impl StreamServer {
    /// The options were checked in JavaScript.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<StreamServer, JsValue> {
        let mut options: Options = serde_wasm_bindgen::from_value(options)?;
        let roles = |keys: BTreeMap<String, String>| {
            keys.into_iter().filter_map(|(key, role)| Some((key, Role::parse(&role)?))).collect()
        };
        let keys = options.api_keys.take().map(|keys| Keys::new(roles(keys))).unwrap_or_default();
        let mut rng = Rng::new(options.seed);
        let limit = options.rate_limit.as_ref();
        let limit =
            limit.map(|RateLimit { calls, seconds }| Limit { calls: *calls, seconds: *seconds });
        let subscriptions_max = options.max_subscriptions as usize;
        let max_body_bytes = options.max_body_bytes as usize;
        let store = store(options, &mut rng);
        let server = Server::new(store, keys, limit, rng).with_subscriptions_max(subscriptions_max);
        Ok(StreamServer(server, BTreeMap::new(), 0, max_body_bytes))
    }

    /// The work that makes the store ready, as `Answer.work`; none when it needs none.
    pub fn open(&self) -> Option<Array> {
        self.0.open().map(work_as_list)
    }

    /// Its replies, as JSON.
    pub fn opened(&mut self, replies: &str) -> Result<(), String> {
        self.0.opened(replies)
    }

    /// The work that keeps what these answers wait to insert.
    pub fn commit(&self, now_ms: f64, answers: Vec<u32>) -> Option<Array> {
        let held: Vec<&Insertion> = answers.iter().filter_map(|it| self.1.get(it)).collect();
        self.0.commit(now_ms as u64, &held).map(work_as_list)
    }

    /// An answer goes on with the replies to its work, as JSON; with none when the store failed.
    pub fn resume(&mut self, now_ms: f64, answer: Answer, replies: Option<String>) -> Answer {
        self.1.remove(&answer.insertion);
        match answer.waiting {
            Some(waiting) => {
                let step = self.0.resume(now_ms as u64, waiting, replies.as_deref());
                Answer { protocol: answer.protocol, ..self.answer(step) }
            }
            None => answer,
        }
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
                1 => Body::TooLarge(self.3),
                _ => Body::Broken,
            },
        };
        grow_ahead();
        let step = self.0.handle(now_ms as u64, &request);
        Answer { protocol: protocol(path) as u8, ..self.answer(step) }
    }

    /// The next frames of a live body.
    pub fn take(&mut self, live: u32) -> Vec<u8> {
        self.0.take(live)
    }

    /// The same where the store does not answer at once: the frames are the answer's body.
    pub fn follow(&mut self, live: u32) -> Answer {
        let step = self.0.follow(live);
        self.answer(step)
    }

    /// Whether it must be asked again.
    #[wasm_bindgen(js_name = isBehind)]
    pub fn is_behind(&self, live: u32) -> bool {
        self.0.is_behind(live)
    }

    /// The client of a live body is gone.
    pub fn close(&mut self, live: u32) {
        self.0.close(live);
    }

    /// Stores the JSON text of an object. The answer's body is its id, or why it was not stored.
    pub fn insert(
        &mut self,
        now_ms: f64,
        text: &str,
        stream: Option<String>,
        date_ms: Option<f64>,
        id: Option<String>,
    ) -> Result<Answer, String> {
        let object = Object::parse(text).ok_or("it is nested too deeply")?;
        let stream = stream.unwrap_or_else(|| DEFAULT_STREAM.into());
        let date = (date_ms.unwrap_or(now_ms) * 1000.0) as i64;
        let context = self.0.context(now_ms as u64);
        let id = id.unwrap_or_else(|| context.rng.uuid());
        let batch = awesomestream::one(&context, stream.into(), &object, date, id.as_str().into());
        grow_ahead();
        let then = Then::new(id.as_str(), |outcome, id| match outcome {
            Outcome::Stored => says(200, id),
            Outcome::Full => says(507, "the store is full: see \"maxBytes\""),
            Outcome::TooLarge => says(413, "it is larger than the store takes"),
            _ => says(503, FAILED),
        });
        let step = self.0.run(now_ms as u64, Command::Insert(batch), then);
        Ok(self.answer(step))
    }

    /// A page: the answer's body is the text of a JSON array, or why there is none. `filters` is
    /// the text of an object.
    pub fn items(
        &mut self,
        start: f64,
        end: Option<f64>,
        filters: &str,
        stream: Option<String>,
    ) -> Answer {
        let filters = Object::parse(filters).unwrap_or_default();
        let texts = filters.members.iter();
        let query = Query {
            stream,
            filters: texts.map(|it| (it.name.to_string(), filter_texts(it.value))).collect(),
            start: start as i64,
            end: end.map(|end| end as i64),
        };
        let then = Then::new("", |outcome, _| match outcome {
            Outcome::Page(page) => Response::json(200, page),
            Outcome::UnknownKey(sentence) => says(400, &sentence),
            _ => says(503, FAILED),
        });
        let step = self.0.run(0, Command::Items(query), then);
        self.answer(step)
    }
}

impl StreamServer {
    fn answer(&mut self, step: Step) -> Answer {
        let tally = self.0.take_tally();
        let answer = match step {
            Step::Done(Reply::Whole(response)) => Answer { response, ..Answer::default() },
            Step::Done(Reply::Live(response, live)) => {
                Answer { response, live, ..Answer::default() }
            }
            Step::Work(work, waiting) => {
                Answer { work: Some(work), waiting: Some(waiting), ..Answer::default() }
            }
            Step::Insert(insertion, waiting) => {
                self.2 = self.2.wrapping_add(1).max(1);
                self.1.insert(self.2, insertion);
                Answer { insertion: self.2, waiting: Some(waiting), ..Answer::default() }
            }
        };
        Answer { tally, ..answer }
    }
}

/// What a call outside of HTTP is told.
fn says(status: u16, text: &str) -> Response {
    Response { body: text.into(), ..Response::empty(status) }
}

fn store(options: Options, rng: &mut Rng) -> Store {
    let dedupe_window_ms = options.dedupe_window as u64;
    if options.kind == "memory" {
        let bytes_max = options.max_bytes as usize;
        let options = memory::Options { keys: options.keys, dedupe_window_ms, bytes_max };
        return Memory::new(options, rng).into();
    }
    let origin = rng.uuid().replace('-', "");
    let event_bytes_max = options.max_event_bytes.map_or(usize::MAX, |bytes| bytes as usize);
    if options.kind == "redis" {
        let prefix = options.name.unwrap_or_default();
        let options =
            redis::Options { prefix, keys: options.keys, dedupe_window_ms, event_bytes_max };
        return Store::Remote(Box::new(Redis::new(options, origin)));
    }
    let dialect = match options.dialect.as_deref() {
        Some("postgres") => Dialect::Postgres,
        _ => Dialect::Sqlite,
    };
    let options = sql::Options {
        dialect,
        table: options.name.unwrap_or_default(),
        keys: options.keys,
        dedupe_window_ms,
        event_bytes_max,
    };
    Store::Remote(Box::new(Sql::new(options, origin)))
}

/// SQL: text and parameters in turn. Redis: a list for each command.
fn work_as_list(work: Work) -> Array {
    let list = Array::new();
    match work {
        Work::Sql(statements) => {
            for Statement { sql, params } in statements {
                list.push(&sql.into());
                let params = params.into_iter().map(|param| match param {
                    Param::Text(text) => JsValue::from(text),
                    Param::Int(number) => JsValue::from(number as f64),
                });
                list.push(&params.collect::<Array>());
            }
        }
        Work::Redis(commands) => {
            for command in commands {
                list.push(&command.into_iter().map(JsValue::from).collect::<Array>());
            }
        }
    }
    list
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

    /// What the host has to do before `resume`; none: nothing, or an insertion.
    pub fn work(&mut self) -> Option<Array> {
        self.work.take().map(work_as_list)
    }

    /// The number of events that are to be inserted before `resume`; 0: none.
    #[wasm_bindgen(getter)]
    pub fn insertion(&self) -> u32 {
        self.insertion
    }

    /// 0: none, 1: Stride, 2: Initial State, 3: RudderStack, 4: AwesomeStream.
    #[wasm_bindgen(getter)]
    pub fn protocol(&self) -> u8 {
        self.protocol
    }

    /// Events that were stored.
    #[wasm_bindgen(getter)]
    pub fn stored(&self) -> u32 {
        self.tally.stored
    }

    /// Events that were read and not stored.
    #[wasm_bindgen(getter)]
    pub fn refused(&self) -> u32 {
        self.tally.refused
    }

    /// Pages that were given.
    #[wasm_bindgen(getter)]
    pub fn pages(&self) -> u32 {
        self.tally.pages
    }

    /// The live body's id, 0 for a whole answer.
    #[wasm_bindgen(getter)]
    pub fn live(&self) -> u32 {
        self.live
    }
}
