//! The stream server, sans-IO: a request value and the time go in, a response value comes out.
//! The host reads bodies, unpacks them, keeps connections and calls `take` for live ones.

/// Who may do what.
pub mod auth;
/// AwesomeStream's JSON-RPC, server side.
pub mod awesomestream;
/// Initial State's events.
mod bucket_event;
/// The text form that values are compared in.
pub mod coerce;
/// The server: requests in, steps out.
pub mod dispatch;
/// Requests and responses as plain values.
pub mod http;
/// Initial State's events API, server side.
pub mod initial_state;
/// The last event of each key of a bucket.
mod latest;
/// Live subscriptions: cursors over the store.
pub mod live;
/// JSON objects as text: members found, members spliced in.
pub mod object;
/// Health and numbers.
pub mod operation;
/// What RudderStack's gateway is asked besides taking events.
pub mod pages;
/// RudderStack's events in pixels.
pub mod pixel;
/// What is to be done for a request.
pub mod plan;
/// How many calls a key may make.
pub mod rate;
/// Which protocol a request speaks.
pub mod route;
/// RudderStack's gateway, server side.
pub mod rudderstack;
/// Where JSON values begin and end.
pub mod scan;
/// Where events are kept.
pub mod store;
/// Stride, server side.
pub mod stride;
/// Ranges of versions.
mod version_range;
/// Times as the protocols write them.
pub mod when;
