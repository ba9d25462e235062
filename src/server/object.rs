//! JSON objects as text. The stored event is what was sent; only its top-level members are looked
//! at, and what the server adds is spliced in behind them.

use super::coerce::index_texts;
use crate::protocol::json;
use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// An object that was checked to be one.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    /// As it was sent.
    pub text: &'a str,
    /// Its members in order; a repeated name counts with its last value.
    pub members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Object<'a> {
    /// None when the text is not a JSON object.
    pub fn parse(text: &'a str) -> Option<Self> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    members.push((name.0, value));
                }
                Ok(members)
            }
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let members = deserializer.deserialize_map(Members).ok()?;
        deserializer.end().ok()?;
        Some(Object { text, members })
    }

    /// The JSON text of a member.
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.members.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.get())
    }

    /// A member as a value; null counts as missing.
    pub fn value(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.raw(name)?).ok().filter(|value: &Value| !value.is_null())
    }

    /// For each key, the index texts of its member.
    pub fn index_texts(&self, keys: &[String]) -> Vec<Vec<String>> {
        let texts = |key: &String| self.value(key).map(|value| index_texts(&value));
        keys.iter().map(|key| texts(key).unwrap_or_default()).collect()
    }

    /// Its text on one line, without the members named, with `added` behind the others.
    pub fn rewrite(&self, without: &[&str], added: &str) -> String {
        let mut out = String::with_capacity(self.text.len().saturating_add(added.len()));
        if self.members.iter().any(|(name, _)| without.contains(&name.as_ref())) {
            let mut rest = String::from("{");
            for (name, value) in &self.members {
                if !without.contains(&name.as_ref()) {
                    rest.push_str(if rest.len() > 1 { "," } else { "" });
                    json::push_string(&mut rest, name);
                    rest.push(':');
                    rest.push_str(value.get());
                }
            }
            rest.push('}');
            push_spliced(&mut out, &rest, added);
        } else {
            push_spliced(&mut out, self.text, added);
        }
        one_line(out)
    }
}

/// A member's name: borrowed unless it has escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

/// The elements of a JSON array; none when the text is not one.
pub fn elements(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

/// An object's text with further members behind its own; `added` begins with a comma.
pub fn push_spliced(out: &mut String, object: &str, added: &str) {
    let object = object.trim();
    let body = object.strip_suffix('}').unwrap_or_default();
    out.push_str(body);
    let empty = json::is_empty_object(object);
    out.push_str(if empty { added.strip_prefix(',').unwrap_or_default() } else { added });
    out.push('}');
}

/// Line breaks stand between tokens only, and would end a frame.
pub fn one_line(text: String) -> String {
    match text.contains(['\n', '\r']) {
        true => text.replace(['\n', '\r'], " "),
        false => text,
    }
}
