//! One schedule of the whole path: the pages of one origin with their engines and logs, what they are
//! stored in, the network, and a server that knows what it has. What must be so of one engine is judged
//! after each step; what must be so of all, at the end.

use crate::dice::Dice;
use crate::network::{self, Network, Weather, What, parse};
use crate::path::book::Entry;
use crate::path::disk::{Disk, PageId, Wear};
use crate::path::story::{Story, Summary};
use crate::path::tab::{Life, PAGES_MAX, STREAMS, Tab};
use crate::support::drain;
use crate::world::{Voice, policy};
use sluicebox::core::event::Stream;
use sluicebox::core::io::{Input, Output};
use sluicebox::core::policy::{Overflow, Policy};
use sluicebox::core::time::Timestamp;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

pub struct Path {
    pub dice: Dice,
    pub policy: Policy,
    pub tabs: Vec<Tab>,
    pub disk: Disk,
    pub network: Network,
    /// Who holds the lock of each log; those that were just freed.
    pub locks: BTreeMap<PageId, PageId>,
    pub frees: Vec<PageId>,
    /// On their way from page to page: when, to whom, until when the server is in trouble.
    words: Vec<(u64, PageId, Option<Timestamp>)>,
    pub time: u64,
    skew: i64,
    pub stories: Vec<Story>,
    /// What makes it right that something is sent twice or lost.
    pub forced: Option<&'static str>,
    /// No page hid, froze or ended yet.
    pub is_orderly: bool,
    /// What may happen in this schedule, in percent.
    kills: u64,
    freezes: u64,
    pub poison: u64,
    pub padding_max: u64,
    pub summary: Summary,
    hasher: DefaultHasher,
    voice: Voice,
}

impl Path {
    pub fn new(seed: u64, voice: Voice) -> Self {
        let mut dice = Dice::new(seed ^ 0x0070_6174_6800);
        let mut policy = policy(&mut dice);
        // Full of what was left, and for what is oldest: then nothing new could ever ask about it.
        if policy.queue_count_max.min(policy.queue_bytes_max) < 1_000 {
            policy.overflow = Overflow::DropOldest;
        }
        policy.queue_bytes_max = policy.queue_bytes_max.max(600);
        let mut weather = Weather::new(&mut dice);
        let wear = dice.pick(&[0, 0, 5, 30]);
        let wear = Wear {
            fails: wear,
            tears: dice.pick(&[0, 0, wear / 3]),
            latency_ms_max: dice.pick(&[0, 5, 60, 1_000]),
        };
        let is_calm = dice.percent(40);
        if is_calm {
            weather = Weather { latency_ms_max: dice.pick(&[0, 30, 400]), ..Weather::FINE };
            policy.timeout_ms = 5_000;
        }
        let body_bytes_max = if is_calm { usize::MAX } else { dice.pick(&[60, 400, usize::MAX]) };
        let mut path = Path {
            policy,
            tabs: Vec::new(),
            disk: Disk::new(if is_calm { Wear { fails: 0, tears: 0, ..wear } } else { wear }),
            network: Network::new(weather, body_bytes_max, STREAMS * (PAGES_MAX + 1)),
            locks: BTreeMap::new(),
            frees: Vec::new(),
            words: Vec::new(),
            time: 1_000_000,
            skew: 0,
            stories: Vec::new(),
            forced: None,
            is_orderly: true,
            kills: if is_calm { 0 } else { dice.pick(&[0, 0, 40, 100]) },
            freezes: dice.pick(&[0, 50, 100]),
            poison: if is_calm { 0 } else { dice.pick(&[0, 0, 2, 10]) },
            padding_max: 2_000,
            summary: Summary::default(),
            hasher: DefaultHasher::new(),
            voice,
            dice,
        };
        if voice == Voice::Loud {
            println!("{:#?}\n{weather:#?}\n{:#?}", path.policy, path.disk.wear);
        }
        path.opens();
        path
    }

    /// Plays the schedule to its end, heals the world and lets everything drain.
    pub fn play(mut self) -> Summary {
        for _ in 0..self.dice.between(20, 250) {
            self.act();
        }
        self.heals();
        if self.voice == Voice::Digest {
            self.summary.digest = self.hasher.finish();
        }
        self.summary.network_faults = self.network.faults;
        self.summary.disk_faults = self.disk.faults;
        self.summary
    }

    fn act(&mut self) {
        let may_open = self.tabs.len() < PAGES_MAX;
        let Some(page) = self.some(Tab::runs) else {
            if may_open {
                self.opens();
            }
            return;
        };
        match self.dice.between(1, 100) {
            1..=36 => (0..self.dice.between(1, 4)).for_each(|_| self.offers(page)),
            37..=80 => _ = self.goes_on(u64::MAX),
            81..=83 => {
                let until = self.time + self.dice.between(1, 900);
                while self.goes_on(until) {}
                self.time = until;
            }
            84 | 85 if may_open => self.opens(),
            86 | 87 => self.hides(page),
            88..=90 => self.shows(page),
            91 => self.closes(page),
            92 if self.dice.percent(self.kills) => self.dies(page),
            93 if self.dice.percent(self.kills) => {
                let with_power = self.dice.percent(30);
                self.browser_dies(with_power);
            }
            94 | 95 if self.dice.percent(self.freezes) => {
                self.summary.freezes += 1;
                self.freezes(page);
            }
            96 | 97 => {
                if let Some(page) = self.some(|tab| tab.life == Life::Frozen) {
                    if self.dice.percent(80) { self.thaws(page) } else { self.closes(page) }
                }
            }
            98 => self.happens(page, Input::Online),
            99 if self.kills > 0 => self.skew += self.dice.pick(&[2_000, 90_000, 3_600_000]),
            100 if self.kills > 0 => {
                self.skew -= self.dice.pick(&[2_000, 90_000]).min(self.skew + 900_000);
            }
            _ => {}
        }
    }

    pub fn some(&mut self, is: impl Fn(&Tab) -> bool) -> Option<PageId> {
        let pages: Vec<PageId> =
            (0..self.tabs.len()).filter(|page| is(&self.tabs[*page])).collect();
        (!pages.is_empty()).then(|| self.dice.pick(&pages))
    }

    pub fn offers(&mut self, page: PageId) {
        let id = self.stories.len();
        let stream = page * STREAMS + self.dice.next() as usize % STREAMS;
        let padding = self.dice.pick(&[5, 30, 30, 30, self.padding_max]);
        let padding = self.dice.between(0, padding) as usize;
        let text = network::text(id, stream, self.dice.percent(self.poison), padding);
        let stream = Stream::new(&format!("stream {stream}"));
        self.stories.push(Story { accepted_at: self.time, ..Story::default() });
        let at = self.clock();
        let tab = &mut self.tabs[page];
        let sequence = tab.next_sequence();
        let event = tab.texts.event(sequence, stream.clone(), &text);
        tab.book.push(Entry::new(sequence, stream, text, at));
        self.happens(page, Input::Offer(sequence, event));
    }

    /// Lets time pass until something happens by itself, if that is soon enough.
    pub fn goes_on(&mut self, latest: u64) -> bool {
        let mut next: Option<(u64, usize, PageId)> = None;
        let mut at = |at: Option<u64>, kind: usize, page: PageId| {
            next = at.map(|at| (at, kind, page)).into_iter().chain(next).min();
        };
        at(self.disk.next_at(), 0, 0);
        at(self.network.next_at(), 1, 0);
        at(self.words.iter().map(|word| word.0).min(), 2, 0);
        for (page, tab) in self.tabs.iter().enumerate().filter(|(_, tab)| tab.runs()) {
            let wakes = tab.sleep.0.map(|until| until.saturating_add_signed(-self.skew));
            at(wakes.map(|wakes| wakes.max(self.time)), 3, page);
        }
        let Some((at, kind, page)) = next.filter(|next| next.0 <= latest) else { return false };
        self.time = self.time.max(at);
        match kind {
            0 => self.transaction(),
            1 => self.packet(),
            2 => self.word(),
            _ => self.happens(page, Input::Tick),
        }
        true
    }

    fn word(&mut self) {
        let next = self.words.iter().enumerate().min_by_key(|(_, word)| word.0);
        let Some((index, _)) = next else { return };
        let (_, page, until) = self.words.remove(index);
        if self.tabs[page].runs() {
            self.happens(page, Input::Told(until));
        }
    }

    fn packet(&mut self) {
        let Some(packet) = self.network.take_next() else { return };
        self.say(&packet);
        match packet.what {
            What::Answers((page, id), answer) => {
                if !(200..300).contains(&answer.status) {
                    self.is_forced("the server refused a request");
                }
                self.hears(page, Input::Answered(id, answer));
            }
            What::Fails((page, id)) => {
                self.is_forced("a request failed");
                self.hears(page, Input::Failed(id));
            }
            What::Arrives { request, body, answers } => {
                let dice = &mut self.dice;
                let late = self.network.arrives(self.time, request, &body, answers, dice);
                for event in late.into_iter().filter(|_| self.is_orderly) {
                    let reports = self.stories[event].reports;
                    assert!(reports > 0, "event {event} came after newer ones of its stream");
                }
            }
        }
    }

    /// What is for a page that stands still waits; what is for one that is gone, nobody hears.
    fn hears(&mut self, page: PageId, input: Input) {
        match self.tabs[page].life {
            Life::Gone => {}
            Life::Frozen => self.tabs[page].heard.push(input),
            Life::Seen | Life::Hidden => self.happens(page, input),
        }
    }

    /// Tells the engine, does what it says, and writes what there is to write.
    pub fn happens(&mut self, page: PageId, input: Input) {
        self.reacts(page, input);
        self.write(page, false, false);
    }

    /// Tells the engine; whether something may follow.
    pub fn tell(&mut self, page: PageId, input: Input) -> bool {
        let now = self.clock();
        self.say(&(page, now, &input));
        let tab = &mut self.tabs[page];
        tab.model.input(now, &input);
        tab.engine.handle(Timestamp::from_millis(now), input)
    }

    pub fn reacts(&mut self, page: PageId, input: Input) {
        self.summary.steps += 1;
        self.delivers(page, &input);
        let outputs = if self.tell(page, input) {
            let (outputs, (until, why)) = drain(&mut self.tabs[page].engine);
            self.tabs[page].sleep = (until.map(Timestamp::as_millis), why);
            outputs
        } else {
            Vec::new()
        };
        for output in &outputs {
            self.say(&(page, output));
            self.tabs[page].model.output(output);
            match output {
                Output::Send(request) => {
                    let body = self.tabs[page].texts.body(request);
                    for text in body.split(',') {
                        self.stories[parse(text).id].sends += 1;
                    }
                    self.network.send(self.time, (page, request.id), &body, &mut self.dice);
                }
                Output::DeadLetter(_, events) => {
                    for text in events.iter().map(|event| self.tabs[page].texts.of(&[*event])) {
                        self.stories[parse(&text).id].reports += 1;
                    }
                    if self.tabs[page].model.frozen {
                        self.is_forced("a page gave up what another one may have taken over");
                    }
                }
                Output::Mark(mark, first, count) => {
                    self.tabs[page].book.mark(*mark, *first, *count);
                }
                Output::Tell(until) => self.tells(page, *until),
                Output::Abort(_) => self.is_forced("a request had no answer in time"),
                Output::Flushed(_) | Output::Sleep(..) => {}
            }
        }
        let tab = &mut self.tabs[page];
        tab.model.rests(&tab.engine, tab.sleep);
        assert_eq!(tab.book.held.len(), tab.model.all_held.len(), "what is kept is what is held");
    }

    /// What an answer settles was received, but for what others left.
    fn delivers(&mut self, page: PageId, input: &Input) {
        let Input::Answered(id, answer) = input else { return };
        let model = &self.tabs[page].model;
        let Some(flight) = model.flights.iter().find(|flight| flight.id == *id) else { return };
        if !(200..300).contains(&answer.status) {
            return;
        }
        for event in flight.events.iter().map(|event| model.events[event].id) {
            assert!(
                self.network.received.contains(&event),
                "{event} is acknowledged, but not there"
            );
        }
        let left = model.all_held.iter().filter(|event| model.events[event].waits_for_word);
        for event in left {
            self.stories[model.events[event].id].settles += 1;
        }
    }

    fn tells(&mut self, page: PageId, until: Option<Timestamp>) {
        for other in 0..self.tabs.len() {
            if other != page && self.tabs[other].runs() {
                let at = self.time + self.dice.between(0, 20);
                self.words.push((at, other, until));
            }
        }
    }

    pub fn is_forced(&mut self, why: &'static str) {
        self.forced.get_or_insert(why);
    }

    pub fn clock(&self) -> u64 {
        self.time.saturating_add_signed(self.skew)
    }

    pub fn say(&mut self, what: &impl std::fmt::Debug) {
        match self.voice {
            Voice::Quiet => {}
            Voice::Digest => format!("{what:?}").hash(&mut self.hasher),
            Voice::Loud => println!("{:>9} {what:?}", self.time),
        }
    }
}
