//! The loop. The engine is borrowed only inside `handle` and `poll`, so that a user's callback
//! may call back in.

use super::fetch::Transport;
use super::host::{Function, Log};
use super::{clock, host};
use crate::core::engine::Engine;
use crate::core::error::Error;
use crate::core::event::Event;
use crate::core::io::{Input, Output, Request, RequestId, Token};
use crate::core::time::{Millis, Timestamp};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Longest delay a timer takes (2³¹ − 1 ms); a later wake-up is set again when this one fires.
const TIMER_MS_MAX: Millis = 0x7fff_ffff;

/// What a driver needs besides the engine.
pub struct Hooks {
    /// Where to send.
    pub transport: Transport,
    /// Called with code, fault, message, status and the events' texts.
    pub on_error: Option<Function>,
    /// `waitUntil(promise)` of an edge runtime.
    pub wait_until: Option<Function>,
    /// Where records are kept.
    pub log: Log,
}

/// Delivery for one client. Cloning shares it.
#[derive(Clone)]
pub struct Driver(Rc<Inner>);

struct Inner {
    engine: RefCell<Engine>,
    hooks: Hooks,
    timer: RefCell<Option<(Timestamp, JsValue)>>,
    in_flight: RefCell<Vec<(RequestId, JsValue)>>,
    waiting: RefCell<Vec<(Token, Function)>>,
    next_token: Cell<Token>,
    /// Whether a `waitUntil` covers the burst that is coming in.
    covered: Cell<bool>,
}

impl Driver {
    /// A driver that has done nothing yet: no timer, no listener, no clock read.
    pub fn new(engine: Engine, hooks: Hooks) -> Self {
        Driver(Rc::new(Inner {
            engine: RefCell::new(engine),
            hooks,
            timer: RefCell::default(),
            in_flight: RefCell::default(),
            waiting: RefCell::default(),
            next_token: Cell::new(0),
            covered: Cell::new(false),
        }))
    }

    /// Takes an event in.
    pub fn offer(&self, sequence: u64, event: Event) {
        self.handle(Input::Offer(sequence, event));
        self.cover();
    }

    /// The counts now, as a JavaScript object.
    pub fn ledger(&self) -> JsValue {
        let ledger = self.0.engine.borrow().ledger();
        host::ledger(
            ledger.accepted as f64,
            ledger.delivered as f64,
            ledger.rejected as f64,
            ledger.expired as f64,
            ledger.dropped as f64,
            ledger.pending as f64,
        )
    }

    /// The page hides: what is on its way first says whether it outlives the page. All bodies
    /// that do may have so many bytes.
    pub fn hide(&self, bytes: usize) {
        let mut index: usize = 0;
        while let Some((request, exchange)) = self.on_its_way(index) {
            match host::fate(&exchange) {
                0 => {
                    self.take_in_flight(request);
                    index = index.wrapping_sub(1);
                    host::abort(&exchange);
                    self.tell(Input::Unsent(request));
                }
                1 => self.tell(Input::Kept(request)),
                _ => {}
            }
            index = index.wrapping_add(1);
        }
        self.handle(Input::Hide(bytes));
    }

    /// What needs no more than to be handed on.
    pub fn tell(&self, input: Input) {
        self.0.engine.borrow_mut().handle(clock::now(), input);
    }

    /// Calls `done` with the ledger when what is held now is settled, or at the timeout. With
    /// `close`, nothing is sent after that.
    pub fn flush(&self, timeout: Millis, close: bool, done: Function) {
        let token = self.0.next_token.get();
        self.0.next_token.set(token.wrapping_add(1));
        self.0.waiting.borrow_mut().push((token, done));
        self.handle(match close {
            true => Input::Close(token, timeout),
            false => Input::Flush(token, timeout),
        });
    }

    /// Hands it on, and does what follows.
    pub fn handle(&self, input: Input) {
        #[cfg(feature = "trap")]
        super::trap::where_told(&input);
        if !self.0.engine.borrow_mut().handle(clock::now(), input) {
            return;
        }
        loop {
            let output = self.0.engine.borrow_mut().poll();
            match output {
                Output::Send(request) => self.send(request),
                Output::Abort(request) => {
                    if let Some(exchange) = self.take_in_flight(request) {
                        host::abort(&exchange);
                    }
                }
                Output::DeadLetter(error, events) => self.dead_letter(&error, &events),
                Output::Mark(mark, first, count) => {
                    self.0.hooks.log.mark(mark as u8, first as f64, count as f64);
                }
                Output::Tell(until) => {
                    self.0.hooks.log.tell(until.map_or(0.0, |until| until.as_millis() as f64));
                }
                Output::Flushed(token) => self.flushed(token),
                Output::Sleep(until, _why) => return self.sleep(until),
            }
        }
    }

    fn send(&self, request: Request) {
        let (driver, id) = (self.clone(), request.id);
        let exchange = self.0.hooks.transport.send(&request, move |answer| {
            driver.take_in_flight(id);
            driver.handle(match answer {
                Some(answer) => Input::Answered(id, answer),
                None => Input::Failed(id),
            });
        });
        self.0.in_flight.borrow_mut().push((id, exchange));
    }

    fn on_its_way(&self, index: usize) -> Option<(RequestId, JsValue)> {
        self.0.in_flight.borrow().get(index).cloned()
    }

    fn take_in_flight(&self, request: RequestId) -> Option<JsValue> {
        let mut in_flight = self.0.in_flight.borrow_mut();
        let index = in_flight.iter().position(|(id, _)| *id == request)?;
        Some(in_flight.swap_remove(index).1)
    }

    fn dead_letter(&self, error: &Error, events: &[Event]) {
        if let Some(on_error) = &self.0.hooks.on_error {
            let (mut list, mut streams) = (String::from("["), String::new());
            for event in events {
                if list.len() > 1 {
                    list.push(',');
                    streams.push('\n');
                }
                list.push_str(&event.accepted_text());
                streams.push_str(event.stream.name());
            }
            list.push(']');
            host::dead_letter(
                on_error,
                error.code.name(),
                error.code.fault().name(),
                &error.message,
                error.status.unwrap_or(0),
                &list,
                &streams,
            );
        }
    }

    fn flushed(&self, token: Token) {
        let mut waiting = self.0.waiting.borrow_mut();
        let Some(index) = waiting.iter().position(|(waits, _)| *waits == token) else { return };
        let (_, resolve) = waiting.swap_remove(index);
        drop(waiting);
        host::call_quietly(&resolve, &self.ledger());
    }

    /// Sets the timer unless one fires no later: waking too early costs less than a new timer
    /// for each event.
    fn sleep(&self, until: Option<Timestamp>) {
        let mut timer = self.0.timer.borrow_mut();
        if let (Some((at, _)), Some(until)) = (&*timer, until)
            && *at <= until
        {
            return;
        }
        if let Some((_, timer)) = timer.take() {
            host::cancel(&timer);
        }
        let Some(until) = until else { return };
        let delay = until.since(clock::now()).min(TIMER_MS_MAX);
        let driver = self.clone();
        let tick = host::function(move |_, _, _| {
            driver.0.timer.replace(None);
            driver.handle(Input::Tick);
            JsValue::UNDEFINED
        });
        *timer = Some((until, host::later(&tick, delay as f64)));
    }

    /// Edge runtimes end a request's work with its answer unless told to wait: one promise for
    /// each burst, as each has a cost.
    fn cover(&self) {
        let Some(wait_until) = &self.0.hooks.wait_until else { return };
        if self.0.covered.replace(true) {
            return;
        }
        let driver = self.clone();
        // It begins a moment later, so the whole burst is in before it is sent. What comes after
        // that may belong to another request, whose `waitUntil` is another.
        host::wait_for(
            wait_until,
            &host::function(move |_, _, _| {
                driver.0.covered.set(false);
                let done = host::resolver();
                driver.flush(WAIT_UNTIL_MS, false, done.clone());
                done.into()
            }),
        );
    }
}

/// Cloudflare Workers stop work 30 s after the answer.
const WAIT_UNTIL_MS: Millis = 25_000;
