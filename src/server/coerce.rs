//! The text form that values are compared in: AwesomeStream's index text (Python 2 `unicode`),
//! so that `user="23"` finds `{"user": 23}`. A whole number is an integer however it is written,
//! because JavaScript cannot tell 23 from 23.0.

use super::object::{elements, string};
use std::borrow::Cow;

/// Calls back with each index text of an event's member: one for each element of a list, each
/// once; none for null, objects and lists in lists.
pub fn each_index_text<'a>(raw: &'a str, mut found: impl FnMut(Cow<'a, str>)) {
    if !raw.starts_with('[') {
        return index_text(raw).into_iter().for_each(found);
    }
    let elements = elements(raw).unwrap_or_default();
    let mut texts: Vec<Cow<str>> = elements.into_iter().filter_map(index_text).collect();
    texts.sort();
    texts.dedup();
    texts.into_iter().for_each(&mut found);
}

/// The texts of a filter's value: a list means any of them. The same as of an event's member.
pub fn filter_texts(raw: &str) -> Vec<String> {
    let mut texts = Vec::new();
    each_index_text(raw, |text| texts.push(text.into_owned()));
    texts
}

/// The text form of one plain value, given as JSON text.
pub fn index_text(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' => string(raw),
        b't' => Some(Cow::Borrowed("True")),
        b'f' => Some(Cow::Borrowed("False")),
        b'-' | b'0'..=b'9' => Some(number_text(raw)),
        _ => None,
    }
}

fn number_text(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') && raw != "-0" {
        return Cow::Borrowed(raw);
    }
    let number: f64 = raw.parse().unwrap_or(f64::NAN);
    Cow::Owned(match number.fract() == 0.0 && number.abs() < 1e21 {
        // JavaScript writes these without an exponent.
        true => (number as i128).to_string(),
        false => float_text(number),
    })
}

/// Python's shortest form: an exponent of two digits at least, below 1e-4 and from 1e16 on.
fn float_text(number: f64) -> String {
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match exponent {
        -4..16 => format!("{number}"),
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
        }
    }
}
