//! Events in an SQL database: SQLite in all its forms, and PostgreSQL.
//!
//! Five tables, `events` standing for the configured name: `events` itself by sequence,
//! `events_terms` with the places of each term's events (what makes a query cost its page),
//! `events_streams` with the names, and `events_meta` with the last sequence, the origin and the
//! version. Each command is one transaction and one round trip. A batch is one JSON parameter,
//! because some engines allow only a hundred parameters. Writers take turns, so that sequences
//! become visible in order and who follows them misses none.

use super::remote::*;
use super::{Batch, Command, Following, Kept, Outcome, Summary};
use crate::protocol::json;
use crate::server::coerce;
use crate::server::object::{Object, elements};
use query::Texts;
use std::collections::BTreeMap;

mod query;
mod schema;

/// How much JSON one statement is given: engines cap a parameter at 2 MB or more.
const CHUNK_BYTES: usize = 1_000_000;

/// Events that a live body is given at once, and about how many bytes of them.
const FOLLOW_EVENTS: i64 = 256;
const FOLLOW_BYTES: i64 = 1 << 20;

/// Buckets whose stream is remembered.
const BUCKETS_MAX: usize = 10_000;

/// Which SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite from 3.38 on, libSQL, D1, Durable Objects.
    Sqlite,
    /// PostgreSQL from 12 on.
    Postgres,
}

/// What the store is made with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which SQL is spoken.
    pub dialect: Dialect,
    /// The name of the table of events, and what the names of the others begin with.
    pub table: String,
    /// Event members that can be filtered by.
    pub keys: Vec<String>,
    /// Events whose id came within it are stored once.
    pub dedupe_window_ms: u64,
    /// Most bytes of one event.
    pub event_bytes_max: usize,
}

/// The store.
#[derive(Debug)]
pub struct Sql {
    terms: Terms,
    texts: Texts,
    dedupe_window_ms: u64,
    event_bytes_max: usize,
    /// By owner and key: what was found before need not be looked for again.
    buckets: BTreeMap<(String, String), String>,
    /// What a store that is made now begins its positions with.
    new_origin: String,
}

impl Sql {
    /// A store that must be opened. `origin` is 32 hexadecimal digits that nobody can guess.
    pub fn new(options: Options, origin: String) -> Self {
        Sql {
            terms: Terms { keys: options.keys, origin: String::new() },
            texts: Texts::new(options.dialect, &options.table),
            dedupe_window_ms: options.dedupe_window_ms,
            event_bytes_max: options.event_bytes_max,
            buckets: BTreeMap::new(),
            new_origin: origin,
        }
    }

    fn work(&self, statements: Vec<(impl AsRef<str>, Vec<Param>)>) -> Work {
        let statement =
            |(sql, params): (_, _)| Statement { sql: self.texts.of(AsRef::as_ref(&sql)), params };
        Work::Sql(statements.into_iter().map(statement).collect())
    }

    /// Terms cannot be made before the store told its secret.
    fn is_open(&self) -> Result<(), Outcome> {
        if self.terms.origin.is_empty() { Err(Outcome::Failed) } else { Ok(()) }
    }

    fn follow(&self, following: &Following) -> Result<(Work, Job), Outcome> {
        let Following { from, stream, filters } = following;
        let groups = self.terms.of_query(None, filters)?.unwrap_or_else(|| vec![Vec::new()]);
        let mut params = vec![Param::Int(*from as i64), Param::Int(FOLLOW_EVENTS)];
        params.push(Param::Int(FOLLOW_BYTES));
        params.extend(stream.map(|name| number(self.terms.of_stream(name))));
        let sql = if stream.is_some() { query::FOLLOW_STREAM } else { query::FOLLOW };
        // The end is read first: what is not in the events then came after it.
        Ok((self.work(vec![(query::END_IN_ORDER, vec![]), (sql, params)]), Job::Follow(groups)))
    }
}

/// A number too large for JavaScript's.
fn number(term: i64) -> Param {
    Param::Text(term.to_string())
}

impl Remote for Sql {
    fn keys(&self) -> &[String] {
        &self.terms.keys
    }

    fn open(&self) -> Work {
        let mut statements: Vec<(&str, Vec<Param>)> =
            schema::statements(self.texts.dialect).iter().map(|sql| (*sql, vec![])).collect();
        statements.push((schema::ORIGIN, vec![Param::Text(self.new_origin.clone())]));
        statements.push((schema::READ, vec![]));
        self.work(statements)
    }

    fn opened(&mut self, text: &str) -> Result<(), String> {
        let replies = replies(text);
        let mut origin = None;
        for row in rows(replies.last().copied().unwrap_or("[]")) {
            match member(&row, "name").as_str() {
                "origin" => origin = Some(member(&row, "content")),
                "version" if int(&row, "value") != Some(schema::VERSION) => {
                    return Err(String::from("the tables were made by a later version"));
                }
                _ => {}
            }
        }
        self.terms.origin = origin.ok_or("the tables have no origin")?;
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
            insertion.streams.entry(stream).or_insert_with(|| escaped(&event.stream));
            let flags = i64::from(event.shows_id) | i64::from(event.shows_timestamp) << 1;
            let mut row = String::from("[");
            let numbers = [stream, self.terms.of_id(&event.id), event.date, flags];
            json::push_joined(&mut row, numbers.map(|it| it.to_string()).iter().map(|it| &**it));
            let terms = terms_json(&self.terms.of_event(event, values));
            for text in [&date_text(event.date), &escaped(&event.id), &*event.text, &terms] {
                row.push(',');
                json::push_string(&mut row, text);
            }
            row.push(']');
            insertion.rows.push(row);
        }
        Ok(insertion)
    }

    fn commit(&self, now_ms: u64, insertions: &[&Insertion]) -> Work {
        let mut streams = BTreeMap::new();
        let mut chunks = vec![String::from("[")];
        for insertion in insertions {
            streams.extend(&insertion.streams);
            for row in &insertion.rows {
                let Some(chunk) = chunks.last_mut() else { continue };
                if chunk.len() > 1 && chunk.len().saturating_add(row.len()) > CHUNK_BYTES {
                    chunk.push(']');
                    chunks.push(["[", row].concat());
                    continue;
                }
                chunk.push_str(if chunk.len() > 1 { "," } else { "" });
                chunk.push_str(row);
            }
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(']');
        }
        let mut names = String::from("[");
        for (number, name) in &streams {
            names.push_str(if names.len() > 1 { ",[" } else { "[" });
            names.push_str(&number.to_string());
            names.push(',');
            json::push_string(&mut names, name);
            names.push(']');
        }
        names.push(']');
        let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
        let oldest = now.saturating_sub(i64::try_from(self.dedupe_window_ms).unwrap_or(i64::MAX));
        let mut statements =
            vec![(query::LOCK, vec![]), (query::INSERT_STREAMS, vec![Param::Text(names)])];
        for chunk in chunks {
            let params = vec![Param::Text(chunk), Param::Int(now), Param::Int(oldest.max(0))];
            statements.push((query::INSERT, params));
            statements.push((query::INSERT_TERMS, vec![]));
            statements.push((query::ADVANCE, vec![]));
        }
        if self.texts.dialect == Dialect::Postgres {
            statements.push((query::NOTIFY, vec![]));
        }
        self.work(statements)
    }

    fn ask(&mut self, command: &Command) -> Result<(Work, Job), Outcome> {
        self.is_open()?;
        match command {
            Command::Insert(_) => Err(Outcome::Failed),
            Command::Items(query) => {
                let groups = self.terms.of_query(query.stream.as_deref(), &query.filters)?;
                let groups = groups.ok_or_else(|| Outcome::Page(String::from("[]")))?;
                let walk = Walk::of(query);
                let work = self.work(vec![query::items(&groups, walk)]);
                Ok((work, Job::Items(matches!(walk, Walk::Up(_)))))
            }
            Command::Streams => Ok((self.work(vec![(query::STREAMS, vec![])]), Job::Streams)),
            Command::Stream(name) => {
                let params = vec![number(self.terms.of_stream(name))];
                Ok((self.work(vec![(query::STREAM, params)]), Job::Stream))
            }
            Command::Drop(name) => {
                let stream = || vec![number(self.terms.of_stream(name))];
                let work = vec![
                    (query::LOCK, vec![]),
                    (query::HAS_EVENTS, stream()),
                    (query::HAS_BUCKET, vec![Param::Text(escaped(name))]),
                    (query::DROP_TERMS, stream()),
                    (query::DROP_EVENTS, stream()),
                    (query::DROP_STREAM, stream()),
                    (query::DROP_BUCKET, vec![Param::Text(escaped(name))]),
                ];
                let work = self.work(work);
                self.buckets.retain(|_, stream| stream != name);
                Ok((work, Job::Drop))
            }
            Command::Bucket(bucket) => {
                if let Some(stream) = self.buckets.get(&(bucket.owner.clone(), bucket.key.clone()))
                {
                    return Err(Outcome::Bucket { created: false, stream: Some(stream.clone()) });
                }
                let texts = [&bucket.owner, &bucket.key, &bucket.second_stream()];
                let whose: Vec<Param> =
                    texts.into_iter().map(|text| Param::Text(escaped(text))).collect();
                let mut work = vec![];
                if let Some(name) = &bucket.name {
                    let mut params = whose.clone();
                    params.push(Param::Text(escaped(name)));
                    work.push((query::LOCK, vec![]));
                    work.push((query::FIND_BUCKET, whose.clone()));
                    work.push((query::MAKE_BUCKET, params));
                }
                work.push((query::FIND_BUCKET, whose));
                Ok((self.work(work), Job::Bucket(bucket.clone())))
            }
            Command::Locate { after, stream } => {
                let mut work = vec![(query::END, vec![])];
                if let Some(after) = after {
                    if let Some(sequence) = self.terms.sequence_of(after) {
                        let origin = self.terms.origin.clone();
                        return Err(Outcome::At { sequence, origin });
                    }
                    let mut params = vec![number(self.terms.of_id(after))];
                    params.push(Param::Text(escaped(after)));
                    params.extend(stream.map(|name| number(self.terms.of_stream(name))));
                    let in_stream = stream.is_some();
                    let sql = if in_stream { query::LOCATE_IN_STREAM } else { query::LOCATE };
                    work.push((sql, params));
                }
                Ok((self.work(work), Job::Locate))
            }
            Command::Follow(following) => self.follow(following),
        }
    }

    fn outcome(&mut self, job: &Job, text: &str) -> Outcome {
        let replies = replies(text);
        let reply = |index: usize| replies.get(index).copied().unwrap_or("[]");
        let end = || rows(reply(0)).next().and_then(|row| int(&row, "value")).unwrap_or(0);
        match job {
            Job::Open | Job::Insert => Outcome::Stored,
            Job::Items(upwards) => {
                let mut texts: Vec<String> =
                    rows(reply(0)).map(|row| member(&row, "body")).collect();
                if *upwards {
                    texts.reverse();
                }
                Outcome::Page(["[", &texts.join(","), "]"].concat())
            }
            Job::Streams => {
                let names = rows(reply(0)).map(|row| plain(&member(&row, "name")));
                let mut names: Vec<String> = names.collect();
                names.sort();
                Outcome::Streams(names)
            }
            Job::Stream => Outcome::Stream(rows(reply(0)).next().and_then(|row| {
                Some(Summary {
                    count: usize::try_from(int(&row, "count")?).ok().filter(|count| *count > 0)?,
                    first: int(&row, "earliest")?,
                    last: int(&row, "latest")?,
                })
            })),
            Job::Drop => {
                Outcome::Dropped([1, 2].iter().any(|at| rows(reply(*at)).next().is_some()))
            }
            Job::Bucket(bucket) => {
                let found = |reply| Some(plain(&member(&rows(reply).next()?, "stream")));
                let stream = found(replies.last().copied().unwrap_or("[]"));
                if self.buckets.len() >= BUCKETS_MAX {
                    self.buckets.clear();
                }
                if let Some(stream) = &stream {
                    let key = (bucket.owner.clone(), bucket.key.clone());
                    self.buckets.insert(key, stream.clone());
                }
                let created = bucket.name.is_some() && found(reply(1)).is_none();
                Outcome::Bucket { created, stream }
            }
            Job::Locate => {
                let sequence = match replies.len() {
                    // What nobody knows begins at the start: a gap is worse than a repeat.
                    2.. => rows(reply(1)).next().and_then(|row| int(&row, "seq")).unwrap_or(0),
                    _ => end(),
                };
                let sequence = u64::try_from(sequence.saturating_add(1)).unwrap_or(0);
                Outcome::At { sequence, origin: self.terms.origin.clone() }
            }
            Job::Follow(groups) => {
                let mut events = Vec::new();
                let mut last = None;
                for row in rows(reply(1)) {
                    last = int(&row, "seq");
                    if is_in(groups, &member(&row, "terms")) {
                        events.push(kept(&row));
                    }
                }
                let next = last.unwrap_or_else(end).saturating_add(1);
                let more = last.is_some_and(|last| last < end());
                Outcome::Events { events, next: u64::try_from(next).unwrap_or(0), more }
            }
            Job::Walk { .. } | Job::Dropping { .. } => Outcome::Failed,
        }
    }
}

fn member(row: &Object, name: &str) -> String {
    text(row, name).unwrap_or_default().into_owned()
}

fn kept(row: &Object) -> Kept {
    let flags = int(row, "flags").unwrap_or(0);
    Kept {
        date: int(row, "at").unwrap_or(0),
        received_ms: int(row, "received").and_then(|it| u64::try_from(it).ok()).unwrap_or(0),
        id: plain(&member(row, "id")),
        text: member(row, "body"),
        shows_id: flags & 1 != 0,
        shows_timestamp: flags & 2 != 0,
    }
}

/// Whether an event with these terms has one of each group.
fn is_in(groups: &[Vec<i64>], terms: &str) -> bool {
    let terms: Vec<i64> = elements(terms)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|raw| coerce::index_text(raw)?.parse().ok())
        .collect();
    groups.iter().all(|group| group.iter().any(|term| terms.contains(term)))
}
