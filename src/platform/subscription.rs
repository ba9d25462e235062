//! A live stream of events: whole frames out of a fetch stream, a bounded buffer that stops
//! reading when the reader is slow, and reconnection after the last event that came.

use super::fetch::{Deadline, Outgoing, Transport};
use super::{clock, host};
use crate::core::error::{Code, Error};
use crate::core::retry::Backoff;
use crate::core::time::Millis;
use crate::core::wire::Framing;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, ReadableStreamDefaultReader, Response};

/// Reading from the network stops while this many events wait to be read.
const BUFFER_EVENTS_MAX: usize = 1024;

/// What to subscribe to.
pub struct Source {
    /// The server.
    pub transport: Transport,
    /// With the query, without `after`.
    pub path: String,
    /// Continue after this event id.
    pub after: Option<String>,
    /// Connect again when the stream ends or breaks.
    pub reconnect: bool,
    /// Time for the answer's head to come, in milliseconds; 0: no limit.
    pub timeout: u32,
    /// The protocol's framing, new for each connection.
    pub framing: fn() -> Box<dyn Framing>,
    /// Makes the JavaScript error.
    pub to_js_error: fn(&Error) -> JsValue,
}

/// Where a subscription is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The request has no answer yet.
    Connecting,
    /// Events may come.
    Open,
    /// It will connect again.
    Waiting,
    /// Over.
    Closed,
}

/// A subscription. Cloning shares it.
#[derive(Clone)]
pub struct Feed(Rc<Inner>);

struct Inner {
    source: Source,
    state: Cell<State>,
    /// Parsed chunks, oldest first; the first `handed` events of the first are gone.
    chunks: RefCell<VecDeque<Array>>,
    handed: Cell<u32>,
    buffered: Cell<usize>,
    last_seen: RefCell<JsValue>,
    last_handed: RefCell<JsValue>,
    /// Readers that wait for an event: resolve and reject.
    readers: RefCell<VecDeque<(Function, Function)>>,
    /// Ends the pause of a full buffer.
    resume: RefCell<Option<Function>>,
    request: RefCell<Deadline>,
    failure: RefCell<Option<JsValue>>,
}

/// The first answer: a feed, or what the server said instead.
pub enum Opened {
    /// Status 200.
    Feed(Feed),
    /// Another status, and the body.
    Refused(u16, String),
}

impl Feed {
    /// Connects. Fails only when there is no answer at all.
    pub async fn open(source: Source, signal: Option<AbortSignal>) -> Result<Opened, JsValue> {
        let feed = Feed(Rc::new(Inner {
            last_seen: RefCell::new(source.after.as_deref().into()),
            last_handed: RefCell::new(source.after.as_deref().into()),
            source,
            state: Cell::new(State::Connecting),
            chunks: RefCell::default(),
            handed: Cell::new(0),
            buffered: Cell::new(0),
            readers: RefCell::default(),
            resume: RefCell::default(),
            request: RefCell::new(Deadline::new(0)),
            failure: RefCell::default(),
        }));
        if let Some(signal) = &signal {
            feed.close_on(signal)?;
        }
        let response = match feed.connect().await {
            Ok(response) => response,
            Err(error) => {
                let aborted = signal.filter(AbortSignal::aborted);
                return Err(aborted.map_or(error, |signal| signal.reason()));
            }
        };
        if response.status() != 200 {
            let body = JsFuture::from(response.text()?).await?;
            return Ok(Opened::Refused(response.status(), body.as_string().unwrap_or_default()));
        }
        let running = feed.clone();
        spawn_local(async move { running.run(response).await });
        Ok(Opened::Feed(feed))
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.0.state.get()
    }

    /// The id of the last event handed out, or null.
    pub fn last_event_id(&self) -> JsValue {
        event_id(&self.0.last_handed.borrow()).into()
    }

    /// The next event, as an iterator result.
    pub fn next(&self) -> Promise {
        if let Some(event) = self.pop() {
            return Promise::resolve(&host::result(&event, false));
        }
        if let Some(failure) = self.0.failure.take() {
            return Promise::reject(&failure);
        }
        if self.state() == State::Closed {
            return Promise::resolve(&host::result(&JsValue::UNDEFINED, true));
        }
        Promise::new(&mut |resolve, reject| {
            self.0.readers.borrow_mut().push_back((resolve, reject));
        })
    }

    /// Ends the request at once; what was not read is let go.
    pub fn close(&self) {
        self.0.chunks.borrow_mut().clear();
        self.0.buffered.set(0);
        self.finish(None);
    }

    fn finish(&self, failure: Option<JsValue>) {
        if self.0.state.replace(State::Closed) == State::Closed {
            return;
        }
        self.0.request.borrow().abort();
        let readers = self.0.readers.take();
        match failure {
            Some(failure) if readers.is_empty() => *self.0.failure.borrow_mut() = Some(failure),
            Some(failure) => {
                for (_, reject) in readers {
                    host::call_quietly_1(&reject, &failure);
                }
            }
            None => {
                for (resolve, _) in readers {
                    host::call_quietly_1(&resolve, &host::result(&JsValue::UNDEFINED, true));
                }
            }
        }
        self.wake();
    }

    fn close_on(&self, signal: &AbortSignal) -> Result<(), JsValue> {
        if signal.aborted() {
            return Err(signal.reason());
        }
        let feed = self.clone();
        let abort = Closure::once_into_js(move || feed.close());
        signal.add_event_listener_with_callback("abort", abort.unchecked_ref())
    }

    async fn connect(&self) -> Result<Response, JsValue> {
        let source = &self.0.source;
        let mut path = source.path.clone();
        if let Some(after) = event_id(&self.0.last_seen.borrow()) {
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str("after=");
            path.push_str(&String::from(js_sys::encode_uri_component(&after)));
        }
        let deadline = Deadline::new(source.timeout);
        let signal = deadline.signal();
        *self.0.request.borrow_mut() = deadline;
        let outgoing =
            Outgoing { method: "GET", path: &path, body: None, headers: &[], keepalive: false };
        let started = source.transport.start(&outgoing, signal.as_ref());
        let answer = match started {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
        let mut request = self.0.request.borrow_mut();
        request.met();
        answer
            .map(JsValue::unchecked_into)
            .map_err(|_| (source.to_js_error)(&request.error(&source.transport.endpoint)))
    }

    async fn run(&self, first: Response) {
        let mut backoff = Backoff::default();
        let mut rng = host::rng();
        let mut response = Some(first);
        loop {
            if let Some(response) = response.take()
                && self.read(&response).await
            {
                backoff.succeeded();
            }
            if self.state() == State::Closed {
                return;
            }
            if !self.0.source.reconnect {
                return self.finish(None);
            }
            self.0.state.set(State::Waiting);
            backoff.failed(clock::now(), None, &mut rng);
            sleep(backoff.until().since(clock::now())).await;
            if self.state() == State::Closed {
                return;
            }
            self.0.state.set(State::Connecting);
            match self.connect().await {
                Ok(answer) if answer.status() == 200 => response = Some(answer),
                Ok(answer) if is_final(answer.status()) => {
                    let mut error =
                        Error::new(Code::Rejected, "the server refused to resume the subscription");
                    error.status = Some(answer.status());
                    return self.finish(Some((self.0.source.to_js_error)(&error)));
                }
                _ => {}
            }
        }
    }

    /// Reads until the stream ends or breaks; whether anything came.
    async fn read(&self, response: &Response) -> bool {
        if self.state() == State::Closed {
            return false;
        }
        let Some(body) = response.body() else { return false };
        let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        self.0.state.set(State::Open);
        let mut framing = (self.0.source.framing)();
        let mut alive = false;
        while let Ok(read) = JsFuture::from(reader.read()).await {
            let value = Reflect::get(&read, &"value".into()).unwrap_or_default();
            if value.is_undefined() || self.state() == State::Closed {
                break;
            }
            alive = true;
            let frames = framing.push(&Uint8Array::unchecked_from_js(value).to_vec());
            if frames.count > 0 {
                self.push(host::parse_frames(&frames.array));
            }
            while self.0.buffered.get() > BUFFER_EVENTS_MAX {
                let (room, resume) = host::deferred();
                *self.0.resume.borrow_mut() = Some(resume);
                let _ = JsFuture::from(room).await;
            }
        }
        alive
    }

    fn push(&self, events: Array) {
        if events.length() == 0 {
            return;
        }
        *self.0.last_seen.borrow_mut() = events.get(events.length().saturating_sub(1));
        self.0.buffered.set(self.0.buffered.get().saturating_add(events.length() as usize));
        self.0.chunks.borrow_mut().push_back(events);
        loop {
            let reader = match self.0.buffered.get() {
                0 => None,
                _ => self.0.readers.borrow_mut().pop_front(),
            };
            let Some((resolve, _)) = reader else { return };
            let event = self.pop().unwrap_or_default();
            host::call_quietly_1(&resolve, &host::result(&event, false));
        }
    }

    fn pop(&self) -> Option<JsValue> {
        let mut chunks = self.0.chunks.borrow_mut();
        let chunk = chunks.front()?;
        let index = self.0.handed.get();
        let event = chunk.get(index);
        let next = index.saturating_add(1);
        if next == chunk.length() {
            chunks.pop_front();
            self.0.handed.set(0);
        } else {
            self.0.handed.set(next);
        }
        drop(chunks);
        *self.0.last_handed.borrow_mut() = event.clone();
        self.0.buffered.set(self.0.buffered.get().saturating_sub(1));
        if self.0.buffered.get() <= BUFFER_EVENTS_MAX / 2 {
            self.wake();
        }
        Some(event)
    }

    fn wake(&self) {
        if let Some(resume) = self.0.resume.take() {
            host::call_quietly_1(&resume, &JsValue::UNDEFINED);
        }
    }
}

/// A wrong key or a dropped stream will not get better by waiting.
fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 408 | 425 | 429)
}

/// An event's `$id`, or a text that is an id itself.
fn event_id(event: &JsValue) -> Option<String> {
    let id = match event.is_object() {
        true => Reflect::get(event, &"$id".into()).ok()?,
        false => event.clone(),
    };
    id.as_string().or_else(|| id.as_f64().map(|_| String::from(js_sys::JsString::from(id))))
}

async fn sleep(span: Millis) {
    let millis = u32::try_from(span).unwrap_or(u32::MAX);
    gloo_timers::future::TimeoutFuture::new(millis).await;
}
