//! Requests and responses as plain values.

/// One request. The host has read and unpacked the body.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// Without the question mark; empty when there is none.
    pub query: &'a str,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The `Accept` header.
    pub accept: Option<&'a str>,
    /// The `Last-Event-ID` header of an EventSource that reconnects.
    pub last_event_id: Option<&'a str>,
    /// Initial State's access key: the `X-IS-AccessKey` header.
    pub access_key: Option<&'a str>,
    /// The `X-IS-BucketKey` header.
    pub bucket_key: Option<&'a str>,
    /// The `Accept-Version` header.
    pub accept_version: Option<&'a str>,
    /// Address of the client, where the host knows it.
    pub remote_ip: Option<&'a str>,
    /// The body, unpacked.
    pub body: Body<'a>,
}

/// What became of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// All of it.
    Bytes(&'a [u8]),
    /// More than so many bytes (`maxBodyBytes`) after unpacking; reading stopped there.
    TooLarge(usize),
    /// The connection or the compression broke.
    Broken,
}

impl Default for Body<'_> {
    fn default() -> Self {
        Body::Bytes(b"")
    }
}

impl<'a> Request<'a> {
    /// A member of the query, percent- and plus-decoded.
    pub fn query_value(&self, name: &str) -> Option<String> {
        self.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// All members of the query, decoded.
    pub fn query_pairs(&self) -> impl Iterator<Item = (String, String)> + use<'a> {
        self.query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
    }

    /// Whether an EventSource asks.
    pub fn wants_sse(&self) -> bool {
        self.accept.is_some_and(|accept| accept.contains("text/event-stream"))
    }

    /// The key of who wants to follow: an EventSource cannot set a header, so its key may stand in
    /// the query, and only its.
    pub fn follower_key(&self) -> Option<String> {
        self.key().or_else(|| self.query_value("key").filter(|_| self.wants_sse()))
    }

    /// The user of Basic authentication, which is the key in all our protocols, or a Bearer token.
    pub fn key(&self) -> Option<String> {
        let header = self.authorization?;
        let (scheme, rest) = header.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(rest.trim().to_owned());
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = String::from_utf8(unbase64(rest.trim())?).ok()?;
        Some(pair.split_once(':').map_or(pair.as_str(), |(user, _)| user).to_owned())
    }
}

/// One response. Lengths are the host's business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`; none for an empty body.
    pub content_type: Option<&'static str>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// Without a body.
    pub fn empty(status: u16) -> Self {
        Response { status, content_type: None, headers: Vec::new(), body: Vec::new() }
    }

    /// With a JSON text.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Response {
            content_type: Some("application/json"),
            body: body.into(),
            ..Self::empty(status)
        }
    }

    /// Plain text as Go's `http.Error` writes it, which RudderStack's gateway is: with a newline.
    pub fn text(status: u16, body: &str) -> Self {
        let headers = vec![("x-content-type-options", String::from("nosniff"))];
        let body = [body, "\n"].concat().into_bytes();
        Response { status, content_type: Some("text/plain; charset=utf-8"), headers, body }
    }
}

/// What the server answers: a whole response, or one whose body goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// All there is.
    Whole(Response),
    /// A live body: call `take` with this id until the client goes away, then `close`.
    Live(Response, u32),
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Reply::Whole(response)
    }
}

/// Percent- and plus-decoding; what is malformed stays as it is.
pub fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((&first, rest)) = bytes.split_first() {
        let hex = rest.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match (first, hex.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                bytes = rest.get(2..).unwrap_or_default();
                continue;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(first),
        }
        bytes = rest;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Standard base64; none when it is malformed.
fn unbase64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(digit);
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}
