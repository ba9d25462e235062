//! What anybody may send to the server: a request line, headers and a body, each of any bytes. It is
//! answered, never by a fault of ours; what is no JSON is refused; and what was kept reads back as
//! JSON.

use sluicebox::core::rng::Rng;
use sluicebox::server::auth::{Keys, Role};
use sluicebox::server::dispatch::{Server, Step};
use sluicebox::server::http::{Body, Reply, Request, Response};
use sluicebox::server::store::memory::{Memory, Options};

/// 2026-11-20T12:00:00Z
const NOON: u64 = 1_795_176_000_000;

fn server(keys: Keys) -> Server {
    let mut rng = Rng::new([1, 2, 3, 4]);
    let indexed = ["a", "event"].map(String::from).to_vec();
    let options = Options { keys: indexed, dedupe_window_ms: 86_400_000, bytes_max: 1 << 20 };
    let store = Memory::new(options, &mut rng);
    Server::new(store, keys, None, rng)
}

/// The head ends with an empty line, as in HTTP.
fn parsed<'a>(head: &'a str, body: &'a [u8]) -> Request<'a> {
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().splitn(2, ' ');
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let body = Body::Bytes(body);
    let mut request = Request { method, path, query, body, ..Request::default() };
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        match name {
            "authorization" => request.authorization = Some(value),
            "accept" => request.accept = Some(value),
            "last-event-id" => request.last_event_id = Some(value),
            "x-is-accesskey" => request.access_key = Some(value),
            "x-is-bucketkey" => request.bucket_key = Some(value),
            "accept-version" => request.accept_version = Some(value),
            "remote" => request.remote_ip = Some(value),
            "state" if value == "too-large" => request.body = Body::TooLarge(1000),
            "state" if value == "broken" => request.body = Body::Broken,
            _ => {}
        }
    }
    request
}

/// serde_json gives up at 128 levels, which would be its own limit and not the server's.
fn is_json(bytes: &[u8]) -> bool {
    let opened = bytes.iter().filter(|byte| b"[{".contains(byte)).count();
    opened > 100 || serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

fn is_sound(response: &Response) {
    let Response { status, content_type, body, .. } = response;
    assert!((200..=599).contains(status) && *status != 500, "{status}");
    if *content_type == Some("application/json") && !body.is_empty() {
        assert!(is_json(body), "{}", body.escape_ascii());
    }
}

fn answered(server: &mut Server, request: &Request) -> u16 {
    match server.handle(NOON, request) {
        Step::Done(Reply::Whole(response)) => {
            is_sound(&response);
            response.status
        }
        Step::Done(Reply::Live(response, id)) => {
            is_sound(&response);
            server.close(id);
            response.status
        }
        step => panic!("the memory store needs no work: {step:?}"),
    }
}

fn is_for_json(request: &Request) -> bool {
    let posts = ["/v1/", "/beacon/", "/api/buckets", "/api/events"];
    let is_other = request.path.starts_with("/v1/webhook");
    request.method == "POST" && !is_other && posts.iter().any(|path| request.path.starts_with(path))
}

pub fn run(bytes: &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]);
    let body = bytes.get(end + 2..).unwrap_or_default();
    let request = parsed(&head, body);

    let mut open = server(Keys::default());
    let follow = Request { method: "GET", path: "/subscribe", ..Request::default() };
    let Step::Done(Reply::Live(_, follower)) = open.handle(NOON, &follow) else {
        panic!("nobody may follow");
    };
    let status = answered(&mut open, &request);
    let is_taken = (200..300).contains(&status) && matches!(request.body, Body::Bytes(_));
    if is_taken && is_for_json(&request) {
        assert!(is_json(body), "taken with {status}, and no JSON");
    }
    // Repeated, it is answered alike, but for what the first one changed.
    answered(&mut open, &request);
    let all = br#"{"method":"items","kwargs":{"start":0,"end":null}}"#;
    let items = Request { method: "POST", path: "/", body: Body::Bytes(all), ..Request::default() };
    assert_eq!(answered(&mut open, &items), 200);
    loop {
        let frames = open.take(follower);
        if frames.is_empty() && !open.is_behind(follower) {
            break;
        }
        for line in frames.split(|byte| *byte == b'\n').filter(|line| line.len() > 1) {
            assert!(is_json(line), "{}", line.escape_ascii());
        }
    }

    let keys = [("key", Role::Admin), ("wk", Role::Write)];
    let keys = keys.iter().map(|(key, role)| (String::from(*key), *role)).collect();
    answered(&mut server(Keys::new(keys)), &request);
}
