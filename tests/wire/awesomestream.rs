//! AwesomeStream's JSON-RPC. A to E are the events of its README.

use super::{Body, Host, NOON, Request, get, post, request};

const A: &str = r#"{"kind":"create-repo","repo":17,"user":291,"name":"frist"}"#;
const B: &str = r#"{"kind":"delete-repo","repo":17,"user":291}"#;
const C: &str = r#"{"kind":"watch","repo":2842,"user":291,"owner":23}"#;
const D: &str = r#"{"kind":"friend","user":291,"friend":23}"#;
const E: &str = r#"{"kind":"friend","user":23,"friend":291}"#;

fn call(host: &mut Host, body: &str) -> (u16, String) {
    host.answers(&post("/", body))
}

fn insert(host: &mut Host, event: &str) {
    let (status, text) = call(host, &format!("{{\"method\":\"insert\",\"args\":[{event}]}}"));
    assert_eq!(status, 200, "{text}");
    assert!(text.ends_with("\"error\":null}"), "{text}");
}

fn readme() -> Host {
    let mut host = Host::new(&["kind", "user", "repo"]);
    for event in [A, B, C, D, E] {
        insert(&mut host, event);
    }
    host
}

fn list(events: &[&str]) -> String {
    format!("[{}]", events.join(","))
}

#[test]
fn insert_answers_with_the_new_id_and_the_callers_own() {
    let mut host = Host::new(&["kind"]);
    let body = format!("{{\"id\":\"1\",\"method\":\"insert\",\"args\":[{A}],\"kwargs\":{{}}}}");
    let (status, text) = call(&mut host, &body);
    assert_eq!(status, 200);
    let id = text.strip_prefix("{\"id\":\"1\",\"result\":\"").unwrap();
    assert_eq!(id.strip_suffix("\",\"error\":null}").unwrap().len(), 36);
}

#[test]
fn items_are_newest_first_and_filtered_by_values_lists_and_several_keys() {
    let mut host = readme();
    assert_eq!(host.items("{}"), list(&[E, D, C, B, A]));
    assert_eq!(host.items(r#"{"kind":"friend"}"#), list(&[E, D]));
    assert_eq!(host.items(r#"{"kind":"friend","user":23}"#), list(&[E]));
    assert_eq!(host.items(r#"{"user":[23,291]}"#), list(&[E, D, C, B, A]));
    assert_eq!(host.items(r#"{"user":[23,291],"start":1,"end":3}"#), list(&[D, C]));
    let both = r#"{"user":[23,291],"kind":["friend","watch"]}"#;
    assert_eq!(host.items(both), list(&[E, D, C]));
}

#[test]
fn values_are_compared_as_text() {
    let mut host = readme();
    assert_eq!(host.items(r#"{"user":"23"}"#), list(&[E]));
    assert_eq!(host.items(r#"{"user":23.0}"#), list(&[E]));
    assert_eq!(host.items(r#"{"user":true}"#), "[]");
    assert_eq!(host.items(r#"{"user":null}"#), "[]");
    assert_eq!(host.items(r#"{"user":[]}"#), "[]");
    assert_eq!(host.items(r#"{"user":[23,23]}"#), list(&[E]));
    insert(&mut host, r#"{"kind":"flag","user":true}"#);
    insert(&mut host, r#"{"kind":"none","user":false}"#);
    assert_eq!(host.items(r#"{"user":"True"}"#), r#"[{"kind":"flag","user":true}]"#);
    assert_eq!(host.items(r#"{"user":false}"#), r#"[{"kind":"none","user":false}]"#);
    insert(&mut host, r#"{"kind":"hé"}"#);
    assert_eq!(host.items(r#"{"kind":"h\u00e9"}"#), r#"[{"kind":"hé"}]"#);
}

#[test]
fn a_page_is_a_python_slice_of_twenty() {
    let mut host = readme();
    let (_, text) = call(&mut host, r#"{"id":7,"method":"items","args":[0,1]}"#);
    assert_eq!(text, format!("{{\"id\":7,\"result\":[{E}],\"error\":null}}"));
    assert_eq!(host.items(r#"{"start":-1,"end":20}"#), list(&[A]));
    assert_eq!(host.items(r#"{"start":0,"end":-1}"#), list(&[E, D, C, B]));
    assert_eq!(host.items(r#"{"start":3,"end":1}"#), "[]");
    assert_eq!(host.items(r#"{"end":null}"#), list(&[E, D, C, B, A]));
    for _ in 0..20 {
        insert(&mut host, A);
    }
    assert_eq!(host.items("{}").matches("create-repo").count(), 20);
    assert_eq!(host.items(r#"{"end":25}"#).matches("\"kind\"").count(), 25);
}

#[test]
fn a_list_in_an_event_is_found_by_each_of_its_values_once() {
    let mut host = Host::new(&["kind", "user"]);
    let event = r#"{"kind":["a","b","a"],"user":5}"#;
    insert(&mut host, event);
    for filter in [r#"{"kind":"a"}"#, r#"{"kind":"b"}"#, r#"{"kind":["a","b"]}"#] {
        assert_eq!(host.items(filter), list(&[event]), "{filter}");
    }
}

#[test]
fn no_query_returns_an_event_for_another_filter() {
    let mut host = Host::new(&["kind", "user"]);
    insert(&mut host, r#"{"kind":"x-y"}"#);
    insert(&mut host, r#"{"kind":"x","user":"y"}"#);
    assert_eq!(host.items(r#"{"kind":"x","user":"y"}"#), r#"[{"kind":"x","user":"y"}]"#);
    assert_eq!(host.items(r#"{"kind":"x-y"}"#), r#"[{"kind":"x-y"}]"#);
    assert_eq!(host.items(r#"{"kind":"x-y","user":"y"}"#), "[]");
}

#[test]
fn a_date_in_seconds_or_as_text_sorts_an_event_where_it_belongs() {
    let mut host = readme();
    for date in ["1000", "\"1970-01-01T00:10:00Z\""] {
        let body = format!(
            "{{\"method\":\"insert\",\"args\":[{{\"kind\":\"old\"}}],\"kwargs\":{{\"date\":{date}}}}}"
        );
        assert_eq!(call(&mut host, &body).0, 200);
    }
    let newest_first = host.items("{}");
    assert!(newest_first.ends_with(&format!("{A},{{\"kind\":\"old\"}},{{\"kind\":\"old\"}}]")));
    let bad = r#"{"method":"insert","args":[{},"soon"]}"#;
    assert!(call(&mut host, bad).1.contains("ValueError: date"));
    assert_eq!(host.items("{}"), newest_first);
}

#[test]
fn only_insert_and_items_can_be_called() {
    let mut host = readme();
    for method in ["__init__", "serialize", "setup_table", "keys", "drop"] {
        let (status, text) = call(&mut host, &format!("{{\"id\":1,\"method\":\"{method}\"}}"));
        assert_eq!(status, 200);
        assert!(text.starts_with("{\"id\":1,\"result\":null,\"error\":\"NotFound"), "{text}");
    }
    assert_eq!(host.items("{}"), list(&[E, D, C, B, A]));
}

#[test]
fn a_key_that_is_not_indexed_is_an_error_that_names_it() {
    let (status, text) = call(&mut readme(), r#"{"method":"items","kwargs":{"zzz":1}}"#);
    assert_eq!(status, 200);
    assert!(text.contains("KeyError: zzz is not indexed (keys: kind, user, repo)"), "{text}");
}

#[test]
fn what_is_no_call_is_refused_and_changes_nothing() {
    let mut host = readme();
    for body in ["", "{", "{}", "[]", "1", "\"a\"", "{\"method\":1}", "{\"method\":null}", "nul"] {
        let (status, text) = call(&mut host, body);
        assert_eq!(status, 400, "{body}");
        assert!(text.starts_with("{\"id\":null,\"result\":null,\"error\":\"ValueError"), "{text}");
    }
    for body in [
        r#"{"method":"insert","args":[[1]]}"#,
        r#"{"method":"insert","args":["x"]}"#,
        r#"{"method":"insert"}"#,
        r#"{"method":"insert","args":5}"#,
        r#"{"method":"items","kwargs":[]}"#,
        r#"{"method":"items","args":["x"]}"#,
        r#"{"method":"items","kwargs":{"start":1.5}}"#,
        r#"{"method":"items","args":[0],"kwargs":{"start":0}}"#,
        r#"{"method":"items","args":[0,1],"kwargs":{"end":1}}"#,
        r#"{"method":"items","kwargs":{"$stream":5}}"#,
        r#"{"method":"items","kwargs":{"$stream":["default"]}}"#,
        r#"{"method":"insert","args":[{"a":1}],"kwargs":{"data":{"a":2}}}"#,
        r#"{"method":"insert","args":[{"a":1},5],"kwargs":{"date":6}}"#,
    ] {
        let (status, text) = call(&mut host, body);
        assert_eq!(status, 200, "{body}");
        assert!(text.contains("\"result\":null,\"error\":\"TypeError"), "{body}: {text}");
    }
    let broken = Request { body: Body::Bytes(b"\xff\xfe"), ..request("POST", "/") };
    assert_eq!(host.send(&broken).status, 400);
    let large = Request { body: Body::TooLarge(500), ..request("POST", "/") };
    let (status, text) = host.answers(&large);
    assert_eq!(status, 413);
    assert!(
        text.contains("ValueError: the body is larger than 500 bytes (maxBodyBytes)"),
        "{text}"
    );
    for path in ["/", "/any/path"] {
        assert_eq!(host.send(&request("PUT", path)).status, 405, "{path}");
    }
    assert_eq!(host.send(&get("/nowhere")).status, 404);
    assert_eq!(host.items("{}"), list(&[E, D, C, B, A]));
}

#[test]
fn hostile_names_and_values_are_only_names_and_values() {
    let mut host = Host::new(&["__proto__", "constructor"]);
    let event = r#"{"__proto__":{"admin":true},"constructor":"'; DROP TABLE items; --"}"#;
    insert(&mut host, event);
    assert_eq!(host.items(r#"{"constructor":"'; DROP TABLE items; --"}"#), list(&[event]));
    assert_eq!(host.items(r#"{"__proto__":"admin"}"#), "[]");
}

#[test]
fn an_id_given_twice_is_stored_once_within_the_window_only() {
    let mut host = Host::new(&[]);
    let send = |host: &mut Host| host.send(&post("/v1/collect/s", r#"{"$id":"1","a":1}"#)).status;
    assert_eq!([send(&mut host), send(&mut host)], [200, 200]);
    assert_eq!(host.items("{}").matches("$id").count(), 1);
    assert_eq!(host.send(&post("/v1/collect/t", r#"{"$id":"1"}"#)).status, 200);
    assert_eq!(host.items("{}").matches("$id").count(), 2, "an id is its stream's own");
    host.now = NOON + 86_400_001;
    send(&mut host);
    assert_eq!(host.items("{}").matches("$id").count(), 3);
}
