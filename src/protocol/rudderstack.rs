//! RudderStack's event API, client side. Sources: the RudderStack HTTP API and event
//! specification, and the official SDKs (Python 2.1.9, Node 3.0.13, browser 3.34.1).

use super::json;
use crate::core::event::Event;
use crate::core::time::{Timestamp, iso8601};
use crate::core::wire::{Encoded, Wire};

/// The six kinds of call of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What a user did.
    Track,
    /// A page was seen.
    Page,
    /// A screen was seen.
    Screen,
}

impl Kind {
    /// The `type` member.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Track => "track",
            Kind::Page => "page",
            Kind::Screen => "screen",
        }
    }
}

/// The context of an event that has nothing more to say; every other context has this in it.
pub const CONTEXT: &str = concat!(
    "{\"library\":{\"name\":\"sluicebox\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"}}"
);

/// One call, on its way to be text. Members that end in `_json` are JSON already.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// Which call.
    pub kind: Kind,
    /// Unique; the server stores an id once.
    pub message_id: &'a str,
    /// `web` in a page, `server` elsewhere.
    pub channel: &'a str,
    /// The user who is not known yet.
    pub anonymous_id: &'a str,
    /// The user, where known.
    pub user_id: Option<&'a str>,
    /// The event's name for `track`, the page's or screen's name otherwise.
    pub name: Option<&'a str>,
    /// Category of a page or screen.
    pub category: Option<&'a str>,
    /// The properties, an object.
    pub properties_json: &'a str,
    /// The context, an object.
    pub context_json: &'a str,
    /// Which destinations; all when left out.
    pub integrations_json: Option<&'a str>,
    /// When it happened, RFC 3339 with milliseconds.
    pub original_timestamp: &'a str,
    /// Given by the caller: overrides what the server would compute.
    pub timestamp: Option<&'a str>,
}

impl Call<'_> {
    /// The event as it goes on the wire.
    pub fn to_text(&self) -> String {
        let size = self.properties_json.len().saturating_add(self.context_json.len());
        let mut out = String::with_capacity(size.saturating_add(384));
        out.push_str("{\"type\":\"");
        out.push_str(self.kind.name());
        out.push('"');
        json::push_text_member(&mut out, "messageId", self.message_id);
        json::push_text_member(&mut out, "originalTimestamp", self.original_timestamp);
        if let Some(timestamp) = self.timestamp {
            json::push_text_member(&mut out, "timestamp", timestamp);
        }
        json::push_text_member(&mut out, "channel", self.channel);
        json::push_text_member(&mut out, "anonymousId", self.anonymous_id);
        if let Some(user) = self.user_id {
            json::push_text_member(&mut out, "userId", user);
        }
        if let Some(name) = self.name {
            let member = if self.kind == Kind::Track { "event" } else { "name" };
            json::push_text_member(&mut out, member, name);
        }
        if let Some(category) = self.category {
            json::push_text_member(&mut out, "category", category);
        }
        json::push_member(&mut out, "properties", self.properties_json);
        json::push_member(&mut out, "context", self.context_json);
        let integrations = self.integrations_json.unwrap_or("{\"All\":true}");
        json::push_member(&mut out, "integrations", integrations);
        out.push('}');
        out
    }
}

/// `POST /v1/batch`, `{"batch":[…],"sentAt":"…"}`. `sentAt` stands beside the batch only, as in
/// the Python SDK: inside an event it would make the gateway move the event's time by the
/// request's travel time, which reorders events of one user.
#[derive(Debug, Default)]
pub struct BatchWire;

/// A body below this many bytes is not worth compressing.
const GZIP_FROM: usize = 1024;

impl Wire for BatchWire {
    fn encode(&self, events: &[&Event], now: Timestamp) -> Encoded {
        let size = events
            .iter()
            .fold(64, |sum: usize, event| sum.saturating_add(event.text.len()).saturating_add(1));
        let mut body = String::with_capacity(size);
        body.push_str("{\"batch\":[");
        json::push_joined(&mut body, events.iter().map(|event| event.text.as_str()));
        body.push(']');
        json::push_text_member(&mut body, "sentAt", &iso8601(now.as_millis()));
        body.push('}');
        let may_gzip = body.len() >= GZIP_FROM;
        Encoded { path: String::from("/v1/batch"), body, may_gzip }
    }
}
