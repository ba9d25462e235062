//! Events in Redis, 6.2 or newer.
//!
//! All keys begin with one prefix, whose braces keep them in one slot of a cluster: `:log`, a stream
//! of all events by sequence; `:t:<term>`, a sorted set of the places of a term's events, all of one
//! score, so in order of their bytes; `:i:<stream>`, a hash from each id to its sequence and when it
//! came; `:streams` and `:buckets`, hashes of names; `:meta`. Each command is one script, which no
//! other command gets between. Scripts that could run long stop after some ten milliseconds and say
//! where to go on. Texts are kept as they are.

use super::remote::*;
use super::{Batch, Command, Following, Kept, Outcome, PAGE_MAX, Summary};
use crate::server::object::{elements, string};
use crate::server::when::Micros;
use std::borrow::Cow;

const OPEN: &str = include_str!("redis/open.lua");
const INSERT: &str = include_str!("redis/insert.lua");
const ITEMS: &str = include_str!("redis/items.lua");
const FOLLOW: &str = include_str!("redis/follow.lua");
const STREAMS: &str = "return redis.call('HVALS', KEYS[1] .. ':streams')";
const STREAM: &str = include_str!("redis/stream.lua");
const DROP: &str = include_str!("redis/drop.lua");
const BUCKET: &str = include_str!("redis/bucket.lua");
const LOCATE: &str = include_str!("redis/locate.lua");
const END: &str = "return redis.call('HGET', KEYS[1] .. ':meta', 'sequence')";

/// Of the keys' form. A store refuses keys of another one.
const VERSION: &str = "1";

/// What the store is made with.
#[derive(Debug, Clone)]
pub struct Options {
    /// What all keys begin with.
    pub prefix: String,
    /// Event members that can be filtered by.
    pub keys: Vec<String>,
    /// Events whose id came within it are stored once.
    pub dedupe_window_ms: u64,
    /// Most bytes of one event.
    pub event_bytes_max: usize,
}

/// The store.
#[derive(Debug)]
pub struct Redis {
    terms: Terms,
    prefix: String,
    dedupe_window_ms: u64,
    event_bytes_max: usize,
    /// What a store that is made now begins its positions with.
    new_origin: String,
}

impl Redis {
    /// A store that must be opened. `origin` is 32 hexadecimal digits that nobody can guess.
    pub fn new(options: Options, origin: String) -> Self {
        Redis {
            terms: Terms { keys: options.keys, origin: String::new() },
            prefix: options.prefix,
            dedupe_window_ms: options.dedupe_window_ms,
            event_bytes_max: options.event_bytes_max,
            new_origin: origin,
        }
    }

    fn script(&self, text: &str, arguments: Vec<String>) -> Work {
        let head = ["EVAL", text, "1", &self.prefix];
        Work::Redis(vec![head.into_iter().map(str::to_owned).chain(arguments).collect()])
    }

    fn is_open(&self) -> Result<(), Outcome> {
        if self.terms.origin.is_empty() { Err(Outcome::Failed) } else { Ok(()) }
    }

    fn stream_term(&self, name: Option<&str>) -> String {
        name.map(|name| self.terms.of_stream(name).to_string()).unwrap_or_default()
    }

    fn follow(&self, following: &Following) -> Result<(Work, Job), Outcome> {
        let mut arguments = vec![following.from.to_string(), self.stream_term(following.stream)];
        if !following.filters.is_empty() {
            let groups = self.terms.of_query(None, following.filters)?;
            arguments.extend(groups.map_or_else(|| vec![String::new()], |it| texts_of(&it)));
        }
        Ok((self.script(FOLLOW, arguments), Job::Follow(Vec::new())))
    }
}

impl Remote for Redis {
    fn keys(&self) -> &[String] {
        &self.terms.keys
    }

    fn open(&self) -> Work {
        self.script(OPEN, vec![self.new_origin.clone(), VERSION.to_owned()])
    }

    fn opened(&mut self, text: &str) -> Result<(), String> {
        let [origin, version] = members(replies(text).first().copied().unwrap_or_default());
        if version != VERSION {
            return Err(String::from("the keys were made by another version"));
        }
        self.terms.origin = origin.into_owned();
        // A store that is made anew has other positions, and who follows this one must not miss it.
        self.new_origin.clear();
        Ok(())
    }

    fn prepare(&self, batch: &Batch) -> Result<Insertion, Outcome> {
        self.is_open()?;
        let mut insertion = Insertion::default();
        for (event, values) in batch.iter() {
            if event.text.len().saturating_add(event.id.len()) > self.event_bytes_max {
                return Err(Outcome::TooLarge);
            }
            let stream = self.terms.of_stream(&event.stream);
            insertion.streams.entry(stream).or_insert_with(|| event.stream.clone().into_owned());
            let flags = i64::from(event.shows_id) | i64::from(event.shows_timestamp) << 1;
            let terms = text_of(&self.terms.of_event(event, values));
            let (date, day) = (event.date, day(event.date));
            insertion.rows.push(format!("{stream} {date} {flags} {day} {terms} {}", event.id));
            insertion.rows.push(event.text.clone().into_owned());
        }
        Ok(insertion)
    }

    fn commit(&self, now_ms: u64, insertions: &[&Insertion]) -> Work {
        let mut streams: Vec<(&i64, &String)> =
            insertions.iter().flat_map(|insertion| &insertion.streams).collect();
        streams.sort_unstable();
        streams.dedup();
        let oldest = now_ms.saturating_sub(self.dedupe_window_ms);
        let mut arguments = vec![self.terms.origin.clone()];
        arguments.extend([now_ms, oldest, streams.len() as u64].map(|number| number.to_string()));
        for (term, name) in streams {
            arguments.extend([term.to_string(), name.clone()]);
        }
        arguments.extend(insertions.iter().flat_map(|insertion| insertion.rows.iter().cloned()));
        self.script(INSERT, arguments)
    }

    fn ask(&mut self, command: &Command) -> Result<(Work, Job), Outcome> {
        self.is_open()?;
        Ok(match command {
            Command::Insert(_) => return Err(Outcome::Failed),
            Command::Items(query) => {
                let groups = self.terms.of_query(query.stream.as_deref(), &query.filters)?;
                let groups = groups.ok_or_else(|| Outcome::Page(String::from("[]")))?;
                let groups = texts_of(&groups);
                let walk = Walk::of(query);
                let (mode, skip, take) = match walk {
                    Walk::Down(skip, take) => ("down", skip, Some(take)),
                    Walk::Up(take) => ("up", 0, Some(take)),
                    Walk::Counted(start, end) => ("count", start, end),
                };
                let take = take.map_or_else(String::new, |take| take.to_string());
                let state = [mode.to_owned(), String::new(), skip.to_string(), take, "0".into()];
                let work = self.script(ITEMS, state.iter().chain(&groups).cloned().collect());
                let up = matches!(walk, Walk::Up(_));
                (work, Job::Walk { groups, texts: Vec::new(), up })
            }
            Command::Streams => (self.script(STREAMS, vec![]), Job::Streams),
            Command::Stream(name) => {
                (self.script(STREAM, vec![self.stream_term(Some(name))]), Job::Stream)
            }
            Command::Drop(name) => {
                let job = Job::Dropping { stream: (*name).to_owned(), any: false };
                (self.drop_some(name), job)
            }
            Command::Bucket(bucket) => {
                let texts = [&bucket.owner, &bucket.key, &bucket.second_stream()];
                let arguments = texts.into_iter().chain(&bucket.name).cloned().collect();
                (self.script(BUCKET, arguments), Job::Bucket(bucket.clone()))
            }
            Command::Locate { after: None, .. } => (self.script(END, vec![]), Job::Locate),
            Command::Locate { after: Some(after), stream } => {
                if let Some(sequence) = self.terms.sequence_of(after) {
                    let origin = self.terms.origin.clone();
                    return Err(Outcome::At { sequence, origin });
                }
                let arguments = vec![after.clone(), self.stream_term(*stream)];
                (self.script(LOCATE, arguments), Job::Locate)
            }
            Command::Follow(following) => return self.follow(following),
        })
    }

    fn more(&mut self, job: &mut Job, text: &str) -> Option<Work> {
        let replies = replies(text);
        let reply = elements(replies.first()?)?;
        match job {
            Job::Walk { groups, texts, .. } => {
                let (state, found) = reply.split_first()?;
                texts.extend(found.iter().map(|raw| member(raw).into_owned()));
                let state = elements(state)?;
                let state = state.into_iter().map(|raw| member(raw).into_owned());
                let arguments: Vec<String> = state.chain(groups.iter().cloned()).collect();
                let goes_on = arguments.len() > groups.len() && texts.len() < PAGE_MAX;
                goes_on.then(|| self.script(ITEMS, arguments))
            }
            Job::Dropping { stream, any } => {
                let [more, some] = [0, 1].map(|at| reply.get(at).is_some_and(|it| is_one(it)));
                *any |= some;
                more.then(|| self.drop_some(stream))
            }
            _ => None,
        }
    }

    fn outcome(&mut self, job: &Job, text: &str) -> Outcome {
        let replies = replies(text);
        let reply = replies.first().copied().unwrap_or_default();
        match job {
            Job::Open | Job::Insert => Outcome::Stored,
            Job::Walk { texts, up, .. } => {
                let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                if *up {
                    texts.reverse();
                }
                Outcome::Page(["[", &texts.join(","), "]"].concat())
            }
            Job::Streams => {
                let names = elements(reply).unwrap_or_default();
                let mut names: Vec<String> =
                    names.into_iter().map(|raw| member(raw).into_owned()).collect();
                names.sort();
                Outcome::Streams(names)
            }
            Job::Stream => {
                let [count, first, last] = members(reply);
                let date = |head: &str| Some(Head::parse(head)?.date);
                Outcome::Stream((|| {
                    let count = count.parse().ok().filter(|count| *count > 0)?;
                    Some(Summary { count, first: date(&first)?, last: date(&last)? })
                })())
            }
            Job::Dropping { any, .. } => Outcome::Dropped(*any),
            Job::Bucket(_) => {
                let [stream, created] = members(reply);
                let stream = Some(stream.into_owned()).filter(|name| !name.is_empty());
                Outcome::Bucket { created: created == "1", stream }
            }
            Job::Locate => {
                let last: u64 = member(reply).parse().unwrap_or(0);
                let origin = self.terms.origin.clone();
                Outcome::At { sequence: last.saturating_add(1), origin }
            }
            Job::Follow(_) => followed(reply).unwrap_or(Outcome::Failed),
            Job::Items(_) | Job::Drop => Outcome::Failed,
        }
    }
}

impl Redis {
    fn drop_some(&self, name: &str) -> Work {
        self.script(DROP, vec![self.stream_term(Some(name)), name.to_owned()])
    }
}

/// `[next, last, [head, text, …]]`
fn followed(reply: &str) -> Option<Outcome> {
    let reply = elements(reply)?;
    let number = |at: usize| member(reply.get(at)?).parse::<u64>().ok();
    let (next, last) = (number(0)?, number(1)?);
    let mut events = Vec::new();
    let mut pairs = elements(reply.get(2)?)?.into_iter();
    while let (Some(head), Some(text)) = (pairs.next(), pairs.next()) {
        let head = member(head);
        let Head { received_ms, date, flags, id } = Head::parse(&head)?;
        events.push(Kept {
            date,
            received_ms,
            id: id.to_owned(),
            text: member(text).into_owned(),
            shows_id: flags & 1 != 0,
            shows_timestamp: flags & 2 != 0,
        });
    }
    Some(Outcome::Events { events, next, more: next <= last })
}

/// What is kept of an event beside its text: `received stream date flags day terms id`.
struct Head<'a> {
    received_ms: u64,
    date: Micros,
    flags: u8,
    id: &'a str,
}

impl<'a> Head<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(7, ' ');
        let received_ms = parts.next()?.parse().ok()?;
        let date = parts.nth(1)?.parse().ok()?;
        let flags = parts.next()?.parse().ok()?;
        Some(Head { received_ms, date, flags, id: parts.nth(2)? })
    }
}

/// A date as 20 digits in the order of the dates. Digits alone: Lua compares texts by locale.
fn day(date: Micros) -> String {
    format!("{:020}", (date as u64) ^ (1 << 63))
}

fn text_of(terms: &[i64]) -> String {
    let terms: Vec<String> = terms.iter().map(i64::to_string).collect();
    terms.join(",")
}

fn texts_of(groups: &[Vec<i64>]) -> Vec<String> {
    groups.iter().map(|group| text_of(group)).collect()
}

/// A text of a reply.
fn member(raw: &str) -> Cow<'_, str> {
    string(raw).unwrap_or_default()
}

/// So many texts of a list; what is missing is empty.
fn members<const N: usize>(reply: &str) -> [Cow<'_, str>; N] {
    let mut all = elements(reply).unwrap_or_default().into_iter();
    std::array::from_fn(|_| all.next().map(member).unwrap_or_default())
}

fn is_one(raw: &str) -> bool {
    member(raw) == "1"
}
