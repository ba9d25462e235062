//! The network and the server behind it, with a knob for each thing that goes wrong.

use crate::dice::Dice;
use sluicebox::core::io::{Answer, RequestId};
use std::collections::BTreeSet;

/// An event's number: its place among all that were ever offered.
pub type EventId = usize;

/// A request among those of all pages: which page, and what that calls it.
pub type Ticket = (usize, RequestId);

/// Chances in percent of each fault, and the slowness.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// The request does not reach the server.
    pub fails: u64,
    /// The server answers, but the answer does not reach us.
    pub loses_answer: u64,
    /// There is never an answer.
    pub never_answers: u64,
    /// The request reaches the server twice.
    pub duplicates: u64,
    /// 500, 502, 503; now and then after having stored everything, now and then with Retry-After.
    pub unavailable: u64,
    /// 429, mostly with Retry-After.
    pub limits_rate: u64,
    /// 401 or 404, for all events of the request.
    pub denies: u64,
    /// A request takes up to this long in each direction, so requests overtake each other.
    pub latency_ms_max: u64,
}

impl Weather {
    /// A random one: mostly some faults, sometimes a storm, sometimes none.
    pub fn new(dice: &mut Dice) -> Self {
        let most = dice.pick(&[0, 3, 10, 25, 60]);
        let mut knob = || if dice.percent(60) { dice.between(0, most) } else { 0 };
        Weather {
            fails: knob(),
            loses_answer: knob(),
            never_answers: knob(),
            duplicates: knob(),
            unavailable: knob(),
            limits_rate: knob(),
            denies: knob() / 5,
            latency_ms_max: dice.pick(&[0, 30, 400, 8_000]),
        }
    }

    /// All is well.
    pub const FINE: Weather = Weather {
        fails: 0,
        loses_answer: 0,
        never_answers: 0,
        duplicates: 0,
        unavailable: 0,
        limits_rate: 0,
        denies: 0,
        latency_ms_max: 20,
    };
}

/// What the network will do, and when.
#[derive(Debug, Clone)]
pub struct Packet {
    pub at: u64,
    pub what: What,
}

#[derive(Debug, Clone)]
pub enum What {
    /// The request reaches the server; `answers` is false for a duplicate.
    Arrives { request: Ticket, body: String, answers: bool },
    /// The answer reaches us.
    Answers(Ticket, Answer),
    /// The host reports that the request failed.
    Fails(Ticket),
}

pub struct Network {
    pub weather: Weather,
    /// Larger bodies get a 413.
    pub body_bytes_max: usize,
    pub packets: Vec<Packet>,
    pub received: BTreeSet<EventId>,
    pub faults: u64,
    /// Events of requests that did not arrive, or that the server did not store.
    pub refused: BTreeSet<EventId>,
    /// The newest event received of each stream.
    newest: Vec<Option<EventId>>,
}

impl Network {
    pub fn new(weather: Weather, body_bytes_max: usize, streams: usize) -> Self {
        Network {
            weather,
            body_bytes_max,
            packets: Vec::new(),
            received: BTreeSet::new(),
            faults: 0,
            refused: BTreeSet::new(),
            newest: vec![None; streams],
        }
    }

    /// Takes a request on its way.
    pub fn send(&mut self, now: u64, request: Ticket, body: &str, dice: &mut Dice) {
        let weather = self.weather;
        if self.fault(weather.fails, dice) {
            self.refuses(body);
            return self.later(now, What::Fails(request), dice);
        }
        let arrives = |answers| What::Arrives { request, body: body.to_owned(), answers };
        self.later(now, arrives(true), dice);
        if self.fault(weather.duplicates, dice) {
            self.later(now + 100, arrives(false), dice);
        }
    }

    /// The packet that comes next; of two at once, the one that was sent first.
    pub fn next_at(&self) -> Option<u64> {
        self.packets.iter().map(|packet| packet.at).min()
    }

    pub fn take_next(&mut self) -> Option<Packet> {
        let next = self.packets.iter().enumerate().min_by_key(|(_, packet)| packet.at)?.0;
        Some(self.packets.remove(next))
    }

    /// The server takes a request in. Gives back the events it sees for the first time although it
    /// has newer ones of their stream.
    pub fn arrives(
        &mut self,
        now: u64,
        request: Ticket,
        body: &str,
        answers: bool,
        dice: &mut Dice,
    ) -> Vec<EventId> {
        let weather = self.weather;
        let (answer, stores) = self.answer(body, dice);
        let late = if stores { self.store(body) } else { Vec::new() };
        if !stores {
            self.refuses(body);
        }
        if !answers || self.fault(weather.never_answers, dice) {
        } else if self.fault(weather.loses_answer, dice) {
            self.later(now, What::Fails(request), dice);
        } else {
            self.later(now, What::Answers(request, answer), dice);
        }
        late
    }

    fn answer(&mut self, body: &str, dice: &mut Dice) -> (Answer, bool) {
        let weather = self.weather;
        let status = |status, retry_after| Answer { retry_after, ..Answer::status(status) };
        if body.len() > self.body_bytes_max {
            return (Answer::status(413), false);
        }
        if self.fault(weather.limits_rate, dice) {
            let span = dice.pick(&[None, Some(0), Some(700), Some(5_000), Some(45_000)]);
            return (status(429, span), false);
        }
        if self.fault(weather.unavailable, dice) {
            let span = dice.pick(&[None, None, None, Some(2_000)]);
            return (status(dice.pick(&[500, 502, 503, 408]), span), dice.percent(30));
        }
        if self.fault(weather.denies, dice) {
            return (Answer::status(dice.pick(&[401, 404])), false);
        }
        if body.split(',').any(|text| parse(text).poison) {
            return (Answer::status(dice.pick(&[400, 422])), false);
        }
        (Answer::status(dice.pick(&[200, 202, 204])), true)
    }

    /// Takes back what did not arrive yet: its body.
    pub fn drops(&mut self, ticket: Ticket) -> Option<String> {
        let index = self.packets.iter().position(
            |packet| matches!(&packet.what, What::Arrives { request, .. } if *request == ticket),
        )?;
        match self.packets.remove(index).what {
            What::Arrives { body, .. } => Some(body),
            What::Answers(..) | What::Fails(_) => None,
        }
    }

    pub fn refuses(&mut self, body: &str) {
        self.refused.extend(body.split(',').map(|text| parse(text).id));
    }

    fn store(&mut self, body: &str) -> Vec<EventId> {
        let mut late = Vec::new();
        for event in body.split(',').map(parse) {
            if self.received.insert(event.id) {
                let newest = &mut self.newest[event.stream];
                if newest.is_some_and(|newest| event.id < newest) {
                    late.push(event.id);
                }
                *newest = (*newest).max(Some(event.id));
            }
        }
        late
    }

    fn later(&mut self, now: u64, what: What, dice: &mut Dice) {
        let at = now + dice.between(0, self.weather.latency_ms_max);
        self.packets.push(Packet { at, what });
    }

    fn fault(&mut self, chance: u64, dice: &mut Dice) -> bool {
        let strikes = dice.percent(chance);
        self.faults += u64::from(strikes);
        strikes
    }
}

/// What an event's text says about it.
pub struct Parsed {
    pub id: EventId,
    pub stream: usize,
    poison: bool,
}

/// `<id>.<stream>.<ok or poison>.<padding>`
pub fn text(id: EventId, stream: usize, poison: bool, padding: usize) -> String {
    let kind = if poison { "poison" } else { "ok" };
    format!("{id}.{stream}.{kind}.{}", "x".repeat(padding))
}

pub fn parse(text: &str) -> Parsed {
    let mut parts = text.split('.');
    let mut number = || parts.next().and_then(|part| part.parse().ok()).expect("an event's text");
    let (id, stream) = (number(), number());
    Parsed { id, stream, poison: parts.next() == Some("poison") }
}
