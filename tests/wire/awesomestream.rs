//! The vectors of AwesomeStream's dossier, and what the original got wrong.

use crate::support::{Host, is};

const A: &str = r#"{"kind":"create-repo","repo":17,"user":291,"name":"frist"}"#;
const B: &str = r#"{"kind":"delete-repo","repo":17,"user":291}"#;
const C: &str = r#"{"kind":"watch","repo":2842,"user":291,"owner":23}"#;
const D: &str = r#"{"kind":"friend","user":291,"friend":23}"#;
const E: &str = r#"{"kind":"friend","user":23,"friend":291}"#;

fn filled() -> Host {
    let mut host = Host::new(&["kind", "user", "repo"]);
    for event in [A, B, C, D, E] {
        let (status, body) = host.rpc("insert", &format!("[{event}]"), "{}");
        assert_eq!(status, 200);
        assert_eq!(body["result"].as_str().unwrap().len(), 36);
    }
    host
}

/// The members of a page in serde's order, which sorts names: compare values, not texts.
fn check(host: &mut Host, args: &str, kwargs: &str, wanted: &[&str]) {
    let page: serde_json::Value = serde_json::from_str(&host.items(args, kwargs)).unwrap();
    let wanted: serde_json::Value =
        serde_json::from_str(&format!("[{}]", wanted.join(","))).unwrap();
    assert_eq!(page, wanted, "items {args} {kwargs}");
}

#[test]
fn the_envelope_always_has_all_three_members() {
    let mut host = Host::new(&[]);
    let (status, body) =
        host.post("/", r#"{"id":"1","method":"insert","args":[{"a":1}],"kwargs":{}}"#);
    assert_eq!(status, 200);
    assert!(body.starts_with(r#"{"id":"1","result":""#) && body.ends_with(r#"","error":null}"#));
    assert_eq!(
        host.post("/any/path", r#"{"id":7,"method":"items","args":[0,1]}"#),
        is(200, r#"{"id":7,"result":[{"a":1}],"error":null}"#)
    );
    assert_eq!(
        host.post("/", r#"{"method":"items","id":{"deep":[1,2]}}"#),
        is(200, r#"{"id":{"deep":[1,2]},"result":[{"a":1}],"error":null}"#)
    );
}

#[test]
fn items_are_filtered_sliced_and_newest_first() {
    let mut host = filled();
    check(&mut host, "[]", "{}", &[E, D, C, B, A]);
    check(&mut host, "[]", r#"{"kind":"friend"}"#, &[E, D]);
    check(&mut host, "[]", r#"{"kind":"friend","user":23}"#, &[E]);
    check(&mut host, "[]", r#"{"user":[23,291]}"#, &[E, D, C, B, A]);
    check(&mut host, "[]", r#"{"user":[23,291],"start":1,"end":3}"#, &[D, C]);
    check(&mut host, "[]", r#"{"user":[23,291],"kind":["friend","watch"]}"#, &[E, D, C]);
    check(&mut host, "[0,1]", "{}", &[E]);
}

#[test]
fn values_are_compared_by_their_text() {
    let mut host = filled();
    check(&mut host, "[]", r#"{"user":"23"}"#, &[E]);
    check(&mut host, "[]", r#"{"user":23.0}"#, &[E]);
    check(&mut host, "[]", r#"{"user":2.3e1}"#, &[E]);
    for nothing in ["true", "null", "[]", "{}", "[[23]]"] {
        check(&mut host, "[]", &format!(r#"{{"user":{nothing}}}"#), &[]);
    }
    check(&mut host, "[]", r#"{"user":[23,23,"23"]}"#, &[E]);
    for (stored, asked) in [
        ("true", "\"True\""),
        ("1e20", "100000000000000000000"),
        ("-0", "0"),
        ("1.5", "\"1.5\""),
        ("0.00001", "\"1e-05\""),
        ("1e+300", "\"1e+300\""),
        ("\"h\\u00e9\"", "\"hé\""),
        ("\"\\ud83e\\udd84\"", "\"🦄\""),
        ("\"\"", "\"\""),
        ("false", "false"),
    ] {
        let mut host = Host::new(&["k"]);
        let event = format!(r#"{{"k":{stored}}}"#);
        host.rpc("insert", &format!("[{event}]"), "{}");
        check(&mut host, "[]", &format!(r#"{{"k":{asked}}}"#), &[&event]);
    }
}

#[test]
fn slices_are_pythons() {
    let mut host = filled();
    check(&mut host, "[-1,20]", "{}", &[A]);
    check(&mut host, "[0,-1]", "{}", &[E, D, C, B]);
    check(&mut host, "[3,1]", "{}", &[]);
    check(&mut host, "[-2,null]", "{}", &[B, A]);
    check(&mut host, "[-99,2]", "{}", &[E, D]);
    check(&mut host, "[9223372036854775807,null]", "{}", &[]);
    check(&mut host, "[-2,null]", r#"{"user":[23,291],"kind":["friend","watch"]}"#, &[D, C]);
    check(&mut host, "[null,null]", r#"{"user":291}"#, &[D, C, B, A]);
}

#[test]
fn a_page_has_twenty_unless_told_otherwise() {
    let mut host = Host::new(&["n"]);
    for number in 0..25 {
        host.rpc("insert", &format!(r#"[{{"n":{number}}}]"#), "{}");
    }
    let count = |page: String| serde_json::from_str::<Vec<serde_json::Value>>(&page).unwrap().len();
    assert_eq!(count(host.items("[]", "{}")), 20);
    assert_eq!(count(host.items("[0,25]", "{}")), 25);
}

#[test]
fn what_is_no_call_is_answered_400() {
    let mut host = Host::new(&[]);
    for body in ["", "{", "{}", "[]", "7", "\"x\"", "null", r#"{"method":7}"#, "\u{feff}{}"] {
        let (status, body) = host.post("/", body);
        assert_eq!(status, 400, "{body}");
        assert!(body.starts_with(r#"{"id":null,"result":null,"error":"ValueError: "#));
    }
    assert_eq!(host.get("/nowhere").0, 404);
}

#[test]
fn only_insert_and_items_can_be_called() {
    let mut host = filled();
    for method in ["__init__", "serialize", "__proto__", "constructor", "toString", "keys", ""] {
        let (status, body) = host.rpc(method, "[]", "{}");
        assert_eq!(status, 200);
        assert_eq!(body["error"], format!("NotFound: there is no method \"{method}\""));
    }
    check(&mut host, "[]", "{}", &[E, D, C, B, A]);
}

#[test]
fn wrong_arguments_are_an_error_text_and_store_nothing() {
    let mut host = filled();
    for (method, args, kwargs) in [
        ("insert", "[[1]]", "{}"),
        ("insert", "[]", "{}"),
        ("insert", "[1,2,3]", "{}"),
        ("insert", "[{}]", r#"{"when":1}"#),
        ("insert", "[{}]", r#"{"date":"soon"}"#),
        ("insert", "[{}]", r#"{"date":{}}"#),
        ("items", "[1.5]", "{}"),
        ("items", "[\"1\"]", "{}"),
        ("items", "[0,1,2]", "{}"),
        ("items", "{}", "{}"),
        ("items", "[]", "[]"),
    ] {
        let (status, body) = host.rpc(method, args, kwargs);
        assert_eq!(status, 200);
        assert!(body["result"].is_null() && body["error"].is_string(), "{method} {args} {kwargs}");
    }
    check(&mut host, "[]", "{}", &[E, D, C, B, A]);
}

#[test]
fn a_key_that_is_not_indexed_is_named() {
    let mut host = filled();
    let (_, body) = host.rpc("items", "[]", r#"{"zzz":1}"#);
    assert_eq!(body["error"], "KeyError: zzz is not indexed (keys: kind, user, repo)");
}

#[test]
fn every_element_of_a_list_is_found_and_each_event_once() {
    let mut host = filled();
    let event = r#"{"kind":["a","b","a"],"user":5}"#;
    host.rpc("insert", &format!("[{event}]"), "{}");
    for asked in [r#""a""#, r#""b""#, r#"["a","b"]"#] {
        check(&mut host, "[]", &format!(r#"{{"kind":{asked}}}"#), &[event]);
    }
}

#[test]
fn a_date_in_the_past_sorts_there() {
    let mut host = filled();
    let old = r#"{"kind":"old","user":23}"#;
    host.rpc("insert", &format!("[{old}]"), r#"{"date":1000}"#);
    check(&mut host, "[]", "{}", &[E, D, C, B, A, old]);
    check(&mut host, "[]", r#"{"user":23}"#, &[E, old]);
    host.rpc("insert", r#"[{"kind":"next"},"2099-01-01T00:00:00Z"]"#, "{}");
    check(&mut host, "[0,2]", "{}", &[r#"{"kind":"next"}"#, E]);
}

#[test]
fn values_never_answer_for_each_other() {
    let mut host = Host::new(&["kind", "user"]);
    host.rpc("insert", r#"[{"kind":"x-y"}]"#, "{}");
    host.rpc("insert", r#"[{"kind":"x","user":"y"}]"#, "{}");
    check(&mut host, "[]", r#"{"kind":"x-y"}"#, &[r#"{"kind":"x-y"}"#]);
    check(&mut host, "[]", r#"{"kind":"x","user":"y"}"#, &[r#"{"kind":"x","user":"y"}"#]);
    check(&mut host, "[]", r#"{"user":"x"}"#, &[]);
}

#[test]
fn one_stream_can_be_asked_for() {
    let mut host = filled();
    host.post("/v1/collect/clicks", r#"{"user":23,"x":1}"#);
    check(&mut host, "[]", r#"{"$stream":"clicks"}"#, &[r#"{"user":23,"x":1}"#]);
    check(&mut host, "[]", r#"{"$stream":"default","user":23}"#, &[E]);
    check(&mut host, "[]", r#"{"$stream":"nothing"}"#, &[]);
    check(&mut host, "[]", r#"{"user":23}"#, &[r#"{"user":23,"x":1}"#, E]);
}

#[test]
fn names_of_javascript_objects_are_only_names() {
    let mut host = Host::new(&["__proto__", "constructor"]);
    let event = r#"{"__proto__":"a","constructor":"b","hasOwnProperty":1}"#;
    host.rpc("insert", &format!("[{event}]"), "{}");
    check(&mut host, "[]", r#"{"__proto__":"a","constructor":"b"}"#, &[event]);
}
