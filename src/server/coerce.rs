//! The text form that values are compared in: AwesomeStream's index text (Python 2 `unicode`),
//! so that `user="23"` finds `{"user": 23}`. A whole number is an integer however it is written,
//! because JavaScript cannot tell 23 from 23.0.

use serde_json::Value;

/// The index texts of an event's member: one for each element of a list, each once; none for
/// null, objects and what is missing.
pub fn index_texts(value: &Value) -> Vec<String> {
    let elements = match value {
        Value::Array(elements) => elements.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut texts: Vec<String> = elements.iter().filter_map(index_text).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// The text form of one plain value.
pub fn index_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(true) => Some(String::from("True")),
        Value::Bool(false) => Some(String::from("False")),
        Value::Number(number) => Some(match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                (float as i64).to_string()
            }
            _ => number.to_string(),
        }),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
