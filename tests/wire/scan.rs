//! The scanner against `serde_json`: the same texts are JSON, the same strings mean the same.

use super::dice::Dice;
use serde_json::value::RawValue;
use sluicebox::server::object::{Object, elements, is_json, string};

/// Pieces that break a text in most places.
const ODD: [&str; 9] = ["\"", "\\", "{", "}", "]", ",", " ", "\n", "e"];

/// Nearly always close to JSON, seldom JSON.
fn text(dice: &mut Dice, depth: u32) -> String {
    let pieces: &[&str] = &[
        "null",
        "true",
        "false",
        "0",
        "-0",
        "12",
        "-1.5e+3",
        "1e999",
        "\"\"",
        "\"a\"",
        "\"\\n\\u00e9\"",
        "\"plain text of more than eight bytes\"",
        "\"\\ud83e\\udd84 \u{1f984}\"",
        "01",
        "1.",
        "-",
        "+1",
        "\"\\x\"",
        "\"\u{1}\"",
        "\"open",
        "nul",
        "\"tab\tin the middle\"",
        "\"twelve bytes\\\\\"",
    ];
    match dice.below(if depth > 4 { 6 } else { 10 }) {
        6..=7 => {
            let members: Vec<String> = (0..dice.below(4))
                .map(|_| {
                    format!(
                        "{}{}{}",
                        *dice.pick(&["\"k\"", "\"\\u006b\"", "k", "7"]),
                        ":",
                        text(dice, depth + 1)
                    )
                })
                .collect();
            format!("{{{}}}", members.join(*dice.pick(&[",", " , ", "\n,"])))
        }
        8..=9 => {
            let items: Vec<String> = (0..dice.below(4)).map(|_| text(dice, depth + 1)).collect();
            format!("[{}]", items.join(*dice.pick(&[",", ", ", ";"])))
        }
        _ => (*dice.pick(pieces)).to_owned(),
    }
}

#[test]
fn the_same_texts_are_json() {
    let mut dice = Dice::new(1);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..60_000 {
        let mut text = text(&mut dice, 0);
        if dice.below(3) == 0 && !text.is_empty() {
            // Cut it, or put a mark somewhere.
            let at = dice.below(text.len() as u32) as usize;
            if text.is_char_boundary(at) {
                match dice.below(2) {
                    0 => text.truncate(at),
                    _ => text.insert_str(at, ODD[dice.below(ODD.len() as u32) as usize]),
                }
            }
        }
        let wanted = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        assert_eq!(is_json(&text), wanted, "{text}");
        good += u32::from(wanted);
        bad += u32::from(!wanted);
        let theirs = serde_json::from_str::<Vec<&RawValue>>(&text).ok();
        let theirs: Option<Vec<&str>> =
            theirs.map(|list| list.into_iter().map(RawValue::get).collect());
        assert_eq!(elements(&text), theirs, "{text}");
        if let Some(object) = Object::parse(&text) {
            assert!(wanted);
            for member in &object.members {
                assert!(is_json(member.value));
            }
        }
    }
    assert!(good > 5000 && bad > 5000, "{good} {bad}");
}

#[test]
fn strings_mean_what_serde_says() {
    for raw in [
        r#""""#,
        r#""plain""#,
        r#""\"\\\/\b\f\n\r\t""#,
        r#""\u00e9\u0041""#,
        r#""\ud83e\udd84""#,
        r#""é🦄\u0020é""#,
    ] {
        let wanted: String = serde_json::from_str(raw).unwrap();
        assert_eq!(string(raw).unwrap(), wanted);
    }
    // JavaScript allows half a surrogate; serde does not.
    assert_eq!(string(r#""a\ud83eb""#).unwrap(), "a\u{fffd}b");
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(is_json(&deep(200)));
    for depth in [201, 100_000] {
        assert!(!is_json(&deep(depth)));
        assert!(!is_json(&"{\"a\":".repeat(depth)));
    }
}

#[test]
fn the_last_of_several_members_counts() {
    let object = Object::parse(r#"{"a":1,"\u0061":2}"#).unwrap();
    assert_eq!(object.raw("a"), Some("2"));
    assert_eq!(object.rewritten(&["a"], ",\"b\":3"), r#"{"b":3}"#);
}
