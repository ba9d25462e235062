//! `GET /data/v1/events/latest[?key=a&key=b]`: the last event of each key of a bucket, which is what
//! Initial State's reading client asks for. The form of the original's answer is not known; ours is a
//! JSON array of events as they are kept, the newest first.

use super::http::{Request, Response};
use super::initial_state::{Caller, bucket_key, message};
use super::object::{Object, elements};
use super::plan::{Context, FAILED, Plan, Then};
use super::store::{Batch, Bucket, Command, Outcome, PAGE_MAX, Query};
use std::collections::BTreeSet;

/// Finds the bucket, then asks for its events.
pub fn plan<'a>(
    context: &mut Context,
    request: &'a Request<'a>,
    caller: &Caller,
) -> Result<Plan<'a>, Response> {
    let key = bucket_key(request)?;
    let is_indexed = context.indexed.iter().any(|key| key == "key");
    // A key that only reads has no buckets of its own: it sees the streams.
    let otherwise = if caller.may_write { "" } else { key.as_str() };
    let note = [if is_indexed { "+" } else { "-" }, otherwise, "\n", request.query].concat();
    let bucket = Bucket { owner: caller.owner.clone(), key, name: None };
    Ok(Plan::Ask(Command::Bucket(bucket), Then::plan(note, Batch::default(), ask)))
}

fn ask(outcome: Outcome, note: String, _: Batch<'static>) -> Plan<'static> {
    let (otherwise, query) = note.split_once('\n').unwrap_or_default();
    let is_indexed = otherwise.starts_with('+');
    let otherwise = otherwise.get(1..).filter(|stream| !stream.is_empty()).map(str::to_owned);
    let Outcome::Bucket { stream: found, .. } = outcome else {
        return message(503, FAILED).into();
    };
    let Some(stream) = found.or(otherwise) else {
        return message(404, "no bucket of that key").into();
    };
    let wanted: Vec<String> = keys(query).into_iter().collect();
    let most = match wanted.len() {
        1 if is_indexed => 1,
        _ => i64::try_from(PAGE_MAX).unwrap_or(i64::MAX),
    };
    let mut page = Query { stream: Some(stream), end: Some(most), ..Query::default() };
    if is_indexed && !wanted.is_empty() {
        page.filters.insert(String::from("key"), wanted);
    }
    Plan::Ask(Command::Items(page), Then::new(query, answer))
}

fn keys(query: &str) -> BTreeSet<String> {
    let request = Request { query, ..Request::default() };
    request.query_pairs().filter(|(name, _)| name == "key").map(|(_, key)| key).collect()
}

fn answer(outcome: Outcome, query: &str) -> Response {
    let wanted = keys(query);
    let Outcome::Page(page) = outcome else { return message(503, FAILED) };
    let mut seen = BTreeSet::new();
    let mut body = String::from("[");
    for event in elements(&page).unwrap_or_default() {
        let object = Object::parse(event).unwrap_or_default();
        let Some(key) = object.string("key") else { continue };
        if (wanted.is_empty() || wanted.contains(key.as_ref())) && seen.insert(key.into_owned()) {
            body.push_str(if body.len() > 1 { "," } else { "" });
            body.push_str(event);
        }
    }
    body.push(']');
    Response::json(200, body)
}
