//! JSON objects as text. The stored event is what was sent; only its top-level members are looked
//! at, and what the server adds is spliced in behind them.

use super::coerce;
use super::scan::{Member, Scanner, inside, unescaped};
use crate::protocol::json;
use serde_json::Value;
use std::borrow::Cow;

/// An object that was checked to be one.
#[derive(Debug, Clone, Default)]
pub struct Object<'a> {
    /// As it was sent, without white space around it.
    pub text: &'a str,
    /// Its members in order; a repeated name counts with its last value.
    pub members: Vec<Member<'a>>,
    has_line_breaks: bool,
}

impl<'a> Object<'a> {
    /// None when the text is not a JSON object.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut scanner = Scanner::new(text);
        let mut object = Object::default();
        (object.read(&mut scanner) && scanner.is_at_end()).then_some(object)
    }

    /// Becomes the next object of a text; whether there was one. Its memory is used again.
    pub fn read(&mut self, scanner: &mut Scanner<'a>) -> bool {
        scanner.peek();
        scanner.saw_line_break = false;
        let text = scanner.object(&mut self.members);
        self.text = text.unwrap_or_default();
        self.has_line_breaks = scanner.saw_line_break;
        text.is_some()
    }

    /// The JSON text of a member.
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.members.iter().rev().find(|member| member.name == name).map(|member| member.value)
    }

    /// The JSON text of a member; null counts as missing.
    pub fn given(&self, name: &str) -> Option<&'a str> {
        self.raw(name).filter(|raw| *raw != "null")
    }

    /// A member that is a string, decoded.
    pub fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name).and_then(string)
    }

    /// Its `$id` as a text, the one to go on after where the event is kept under it; null is none.
    pub fn own_id(&self) -> Option<Cow<'a, str>> {
        self.given("$id").map(|raw| coerce::index_text(raw).unwrap_or(Cow::Borrowed(raw)))
    }

    /// A member as a value; null counts as missing.
    pub fn value(&self, name: &str) -> Option<Value> {
        self.given(name).and_then(|raw| serde_json::from_str(raw).ok())
    }

    /// A member's index text, of plain values only.
    pub fn plain_text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name).and_then(coerce::index_text)
    }

    /// Its text on one line, as frames need it. Line breaks can only stand between tokens.
    pub fn one_line(&self) -> Cow<'a, str> {
        match self.has_line_breaks {
            true => Cow::Owned(self.text.replace(['\n', '\r'], " ")),
            false => Cow::Borrowed(self.text),
        }
    }

    /// Its text on one line, without the members named, with `added` (which begins with a comma,
    /// or is empty) behind the others.
    pub fn rewritten(&self, without: &[&str], added: &str) -> String {
        let mut out = String::with_capacity(self.text.len().saturating_add(added.len()));
        if !self.members.iter().any(|member| without.contains(&member.name.as_ref())) {
            push_spliced(&mut out, &self.one_line(), added);
            return out;
        }
        out.push('{');
        for member in &self.members {
            if !without.contains(&member.name.as_ref()) {
                out.push_str(if out.len() > 1 { "," } else { "" });
                json::push_string(&mut out, &member.name);
                out.push(':');
                out.push_str(member.value);
            }
        }
        out.push_str(if out.len() > 1 { added } else { added.strip_prefix(',').unwrap_or(added) });
        out.push('}');
        match self.has_line_breaks {
            true => out.replace(['\n', '\r'], " "),
            false => out,
        }
    }
}

/// A JSON text that is a string, decoded.
pub fn string(raw: &str) -> Option<Cow<'_, str>> {
    raw.starts_with('"').then(|| match raw.contains('\\') {
        true => Cow::Owned(unescaped(raw)),
        false => Cow::Borrowed(inside(raw)),
    })
}

/// The elements of a JSON array; none when the text is not one.
pub fn elements(text: &str) -> Option<Vec<&str>> {
    let mut scanner = Scanner::new(text);
    let mut elements = Vec::new();
    if !scanner.take(b'[') {
        return None;
    }
    if !scanner.take(b']') {
        loop {
            elements.push(scanner.value()?);
            if scanner.take(b']') {
                break;
            }
            if !scanner.take(b',') {
                return None;
            }
        }
    }
    scanner.is_at_end().then_some(elements)
}

/// Whether a text is JSON.
pub fn is_json(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.value().is_some() && scanner.is_at_end()
}

/// An object's text with further members behind its own; `added` begins with a comma.
pub fn push_spliced(out: &mut String, object: &str, added: &str) {
    if added.is_empty() {
        return out.push_str(object);
    }
    out.push_str(object.strip_suffix('}').unwrap_or_default());
    let empty = json::is_empty_object(object);
    out.push_str(if empty { added.strip_prefix(',').unwrap_or_default() } else { added });
    out.push('}');
}
