//! `items` against a list that is filtered and sorted the obvious way.

use super::{Host, post};
use sluicebox::core::rng::Rng;
use std::collections::BTreeMap;

const KEYS: [&str; 3] = ["kind", "user", "repo"];

struct Known {
    date: i64,
    sequence: usize,
    stream: String,
    keys: Vec<Vec<String>>,
    text: String,
}

#[derive(Debug, Default)]
struct Query {
    stream: Option<String>,
    filters: BTreeMap<String, Vec<String>>,
    start: i64,
    end: Option<i64>,
}

impl Query {
    fn kwargs(&self) -> String {
        let end = self.end.map_or("null".into(), |end| end.to_string());
        let mut text = format!("{{\"start\":{},\"end\":{end}", self.start);
        if let Some(stream) = &self.stream {
            text += &format!(",\"$stream\":\"{stream}\"");
        }
        for (key, texts) in &self.filters {
            text += &format!(",\"{key}\":{texts:?}");
        }
        text + "}"
    }
}

fn pick(rng: &mut Rng, from: u32) -> String {
    format!("v{}", rng.up_to(from))
}

fn expected(known: &[Known], query: &Query) -> Vec<String> {
    let mut all: Vec<&Known> = known
        .iter()
        .filter(|event| query.stream.as_ref().is_none_or(|stream| *stream == event.stream))
        .filter(|event| {
            query.filters.iter().all(|(key, texts)| {
                let index = KEYS.iter().position(|known| known == key).unwrap();
                event.keys[index].iter().any(|value| texts.contains(value))
            })
        })
        .collect();
    all.sort_by_key(|event| std::cmp::Reverse((event.date, event.sequence)));
    let length = all.len() as i64;
    let place = |at: i64| if at < 0 { (length + at).max(0) } else { at.min(length) };
    let (start, end) = (place(query.start), query.end.map_or(length, place));
    let page = all.into_iter().skip(start as usize).take((end - start).max(0) as usize);
    page.map(|event| event.text.clone()).collect()
}

#[test]
fn items_agrees_with_the_model_for_random_events_and_queries() {
    for seed in 1..=30 {
        let mut rng = Rng::new([seed, 2, 3, 4]);
        let mut host = Host::new(&KEYS);
        let mut known = Vec::new();
        for sequence in 0..300 {
            let keys: Vec<Vec<String>> = KEYS
                .iter()
                .map(|_| {
                    let mut values: Vec<String> =
                        (0..rng.up_to(2)).map(|_| pick(&mut rng, 4)).collect();
                    values.sort();
                    values.dedup();
                    values
                })
                .collect();
            // Dates tie often, and many are older than what is there.
            let date = i64::from(rng.up_to(20));
            let stream = format!("s{}", rng.up_to(2));
            let members: String = KEYS
                .iter()
                .zip(&keys)
                .map(|(key, values)| format!(",\"{key}\":{values:?}"))
                .collect();
            let text = format!("{{\"n\":{sequence},\"$timestamp\":{date}{members}}}");
            assert_eq!(host.send(&post(&format!("/v1/collect/{stream}"), &text)).status, 200);
            known.push(Known { date, sequence, stream, keys, text });
        }
        for _ in 0..200 {
            let mut filters = BTreeMap::new();
            for key in KEYS {
                if rng.up_to(2) == 0 {
                    let texts = (0..rng.up_to(3)).map(|_| pick(&mut rng, 5)).collect();
                    filters.insert(key.to_owned(), texts);
                }
            }
            let edge = |rng: &mut Rng| i64::from(rng.up_to(60)) - 20;
            let query = Query {
                stream: (rng.up_to(3) == 0).then(|| format!("s{}", rng.up_to(3))),
                filters,
                start: edge(&mut rng),
                end: (rng.up_to(5) > 0).then(|| edge(&mut rng)),
            };
            let expected = format!("[{}]", expected(&known, &query).join(","));
            assert_eq!(host.items(&query.kwargs()), expected, "seed {seed}, {query:?}");
        }
    }
}
