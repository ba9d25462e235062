//! The store against a list that is sorted and searched naively, in many small random worlds.

use super::dice::Dice;
use super::{Host, NOON, post, request};

#[derive(Clone)]
struct Event {
    stream: usize,
    id: u32,
    date: i64,
    sequence: usize,
    /// For each key, its values as text.
    values: [Vec<String>; 3],
    text: String,
}

const KEYS: [&str; 3] = ["a", "b", "c"];
const STREAMS: [&str; 2] = ["s", "t"];

fn event(dice: &mut Dice, sequence: usize) -> Event {
    // Often in order, sometimes on the same moment, sometimes far back.
    let back = match dice.below(4) {
        0 => i64::from(dice.below(2000)),
        _ => 0,
    };
    let date = sequence as i64 / 3 - back;
    let mut values: [Vec<String>; 3] = Default::default();
    let mut text = String::new();
    for (key, values) in KEYS.iter().zip(&mut values) {
        let number = dice.below(5);
        match dice.below(6) {
            0 => {}
            1 => text += &format!("\"{key}\":null,"),
            2 => {
                let other = dice.below(5);
                text += &format!("\"{key}\":[{number},\"{other}\",{number}],");
                *values = vec![number.to_string(), other.to_string()];
            }
            3 => {
                text += &format!("\"{key}\":\"{number}\",");
                values.push(number.to_string());
            }
            _ => {
                text += &format!("\"{key}\":{number},");
                values.push(number.to_string());
            }
        }
    }
    let id = if dice.below(10) == 0 { dice.below(sequence as u32 + 1) } else { sequence as u32 };
    let seconds = NOON as i64 / 1000 + date;
    text += &format!("\"$id\":{id},\"$timestamp\":{seconds},\"n\":{sequence}");
    Event {
        stream: dice.below(2) as usize,
        id,
        date,
        sequence,
        values,
        text: format!("{{{text}}}"),
    }
}

struct World {
    dice: Dice,
    host: Host,
    /// Newest first.
    model: Vec<Event>,
    sequence: usize,
}

impl World {
    fn insert(&mut self) {
        let mut bodies = [Vec::new(), Vec::new()];
        for _ in 0..=self.dice.below(20) {
            let event = event(&mut self.dice, self.sequence);
            self.sequence += 1;
            bodies[event.stream].push(event);
        }
        for (stream, events) in STREAMS.iter().zip(bodies) {
            let texts: Vec<&str> = events.iter().map(|event| event.text.as_str()).collect();
            let body = format!("[{}]", texts.join(","));
            assert_eq!(self.host.send(&post(&format!("/v1/collect/{stream}"), &body)).status, 200);
            // The server counts what it stores, in the order in which it comes.
            for event in events {
                if !self.model.iter().any(|e| e.stream == event.stream && e.id == event.id) {
                    let sequence = self.model.iter().map(|e| e.sequence).max().map_or(0, |s| s + 1);
                    self.model.push(Event { sequence, ..event });
                }
            }
        }
        self.model.sort_by_key(|event| std::cmp::Reverse((event.date, event.sequence)));
    }

    fn drop_stream(&mut self) {
        let stream = self.dice.below(2) as usize;
        let path = format!("/v1/collect/{}", STREAMS[stream]);
        let had = self.model.iter().any(|event| event.stream == stream);
        let status = self.host.send(&request("DELETE", &path)).status;
        assert_eq!(status, if had { 200 } else { 404 });
        self.model.retain(|event| event.stream != stream);
    }

    fn query(&mut self) {
        let mut kwargs = Vec::new();
        let mut wanted: Vec<&Event> = self.model.iter().collect();
        for (place, key) in KEYS.iter().enumerate() {
            let any: Vec<String> = match self.dice.below(5) {
                0 => vec![self.dice.below(6).to_string()],
                1 => (0..self.dice.below(4)).map(|_| self.dice.below(6).to_string()).collect(),
                _ => continue,
            };
            kwargs.push(format!("\"{key}\":[{}]", any.join(",")));
            wanted.retain(|event| event.values[place].iter().any(|value| any.contains(value)));
        }
        if self.dice.below(4) == 0 {
            let stream = self.dice.below(2) as usize;
            kwargs.push(format!("\"$stream\":\"{}\"", STREAMS[stream]));
            wanted.retain(|event| event.stream == stream);
        }
        let index = |dice: &mut Dice| i64::from(dice.below(80)) - 40;
        let (start, end) = match self.dice.below(3) {
            0 => (0, Some(20)),
            1 => (index(&mut self.dice), Some(index(&mut self.dice))),
            _ => (index(&mut self.dice), None),
        };
        let length = wanted.len() as i64;
        let place = |index: i64| (if index < 0 { index + length } else { index }).clamp(0, length);
        let (from, to) = (place(start) as usize, end.map_or(length, place) as usize);
        let texts: Vec<&str> = match from < to {
            true => wanted[from..to].iter().map(|event| event.text.as_str()).collect(),
            false => Vec::new(),
        };
        let end = end.map_or("null".into(), |end| end.to_string());
        let kwargs = kwargs.join(",");
        let call = format!(r#"{{"method":"items","args":[{start},{end}],"kwargs":{{{kwargs}}}}}"#);
        let (_, body) = self.host.answers(&post("/", &call));
        let page = format!(r#"{{"id":null,"result":[{}],"error":null}}"#, texts.join(","));
        assert_eq!(body, page, "{call}");
    }
}

fn play(seed: u32, steps: u32) {
    let dice = Dice::new(seed);
    let mut world = World { dice, host: Host::new(&KEYS), model: Vec::new(), sequence: 0 };
    for _ in 0..steps {
        match world.dice.below(40) {
            0 => world.drop_stream(),
            1..=14 => world.insert(),
            _ => world.query(),
        }
    }
}

#[test]
fn every_query_is_what_a_sorted_list_says() {
    for seed in 0..60 {
        let outcome = std::panic::catch_unwind(|| play(seed, 120));
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

#[test]
fn blocks_split_and_go_in_large_stores_too() {
    for seed in 1000..1002 {
        let outcome = std::panic::catch_unwind(|| play(seed, 1200));
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

#[test]
fn two_hundred_senders_make_two_hundred_events() {
    let mut host = Host::new(&["user"]);
    for user in 0..200 {
        host.send(&post("/v1/collect/s", &format!(r#"{{"user":{user}}}"#)));
    }
    for user in 0..200 {
        assert_eq!(host.items(&format!(r#"{{"user":{user}}}"#)), format!(r#"[{{"user":{user}}}]"#));
    }
}
