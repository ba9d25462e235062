//! The house rules that a compiler does not check: which floor may name which.
//!
//! Reads every file of `src` as text. Paths count wherever they stand: in a `use`, in a signature,
//! in an expression. Comments, texts and test modules do not.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

/// The floors a file may name, by its first folder. `None`: all of them.
fn allowed(floor: &str) -> Option<&'static [&'static str]> {
    match floor {
        "core" => Some(&["core"]),
        "protocol" => Some(&["core", "protocol"]),
        "server" => Some(&["core", "protocol", "server"]),
        "platform" => Some(&["core", "platform"]),
        // The faces use everything. `lib.rs` is the map: it names the floors, and no paths.
        _ => None,
    }
}

/// Crates that only exist where there is JavaScript.
const JAVASCRIPT: [&str; 7] = [
    "gloo",
    "gloo_timers",
    "js_sys",
    "serde_wasm_bindgen",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "web_sys",
];

/// Never in the pure floors: what differs from run to run, or reaches out into the world.
const IMPURE: [(&str, &str); 9] = [
    ("HashMap", "its order differs from run to run; use BTreeMap or Vec"),
    ("HashSet", "its order differs from run to run; use BTreeSet or Vec"),
    ("SystemTime", "time is an argument; use core::time::Timestamp"),
    ("Instant", "time is an argument; use core::time::Timestamp"),
    ("thread_rng", "randomness is seeded; use core::rng::Rng"),
    ("getrandom", "randomness is seeded; use core::rng::Rng"),
    ("println", "a pure floor says nothing; return a value"),
    ("eprintln", "a pure floor says nothing; return a value"),
    ("unsafe", "nothing here needs it"),
];

/// Std modules that reach out into the world.
const WORLD: [&str; 5] = ["env", "fs", "net", "process", "thread"];

/// Files of `protocol/` that are shared by the protocols and are none themselves.
const SHARED: [&str; 3] = ["framing", "json", "mod"];

/// What is wrong with one file, each with its line. `path` is relative to `src`, with `/`.
fn violations(path: &str, text: &str) -> Vec<String> {
    let floor = path.split_once('/').map_or("", |(floor, _)| floor);
    let file = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
    let pure = matches!(floor, "core" | "protocol" | "server");
    let words = words(&without_comments_and_texts(text));
    let mut found = Vec::new();
    let mut report = |line: usize, what: String| found.push(format!("src/{path}:{line}: {what}"));

    for (index, (line, word)) in words.iter().enumerate() {
        let next = |by: usize| words.get(index + by).map_or("", |(_, word)| word.as_str());
        if pure {
            if let Some((_, why)) = IMPURE.iter().find(|(name, _)| name == word) {
                report(*line, format!("`{word}` in a pure floor: {why}"));
            }
            if word == "std" && next(1) == "::" {
                for name in heads(&words, index + 2) {
                    if WORLD.contains(&name.as_str()) {
                        report(*line, format!("`std::{name}` in a pure floor"));
                    }
                }
            }
        }
        let starts_path = index.checked_sub(1).map_or("", |last| words[last].1.as_str()) != "::";
        if JAVASCRIPT.contains(&word.as_str())
            && starts_path
            && !matches!(floor, "platform" | "api")
        {
            report(*line, format!("`{word}` outside platform and api"));
        }
        for target in named_floors(&words, index, path) {
            if let Some(floors) = allowed(floor)
                && !floors.contains(&target.as_str())
            {
                report(*line, format!("{floor} must not name {target}"));
            }
        }
        for sibling in named_protocols(&words, index, floor) {
            if floor == "protocol" && !SHARED.contains(&file) && sibling != file {
                report(*line, format!("protocol {file} must not name protocol {sibling}"));
            }
        }
    }
    found
}

const FLOORS: [&str; 5] = ["api", "core", "platform", "protocol", "server"];

/// The floors that the path starting at `index` names: `crate::x`, `crate::{x, y}`, and as many
/// `super::` as lead up to the crate.
fn named_floors(words: &[(usize, String)], index: usize, path: &str) -> Vec<String> {
    let folders = path.matches('/').count() + usize::from(!path.ends_with("mod.rs"));
    let after = match words[index].1.as_str() {
        "crate" => index + 2,
        "super" if starts_here(words, index) => {
            let supers = words[index..].iter().step_by(2).take_while(|(_, w)| w == "super").count();
            if supers < folders {
                return Vec::new();
            }
            index + 2 * supers
        }
        _ => return Vec::new(),
    };
    heads(words, after).into_iter().filter(|name| FLOORS.contains(&name.as_str())).collect()
}

/// The protocols that the path starting at `index` names.
fn named_protocols(words: &[(usize, String)], index: usize, floor: &str) -> Vec<String> {
    let word = |at: usize| words.get(at).map_or("", |(_, word)| word.as_str());
    let after = match word(index) {
        "crate" if word(index + 2) == "protocol" => index + 4,
        "super" if floor == "protocol" && starts_here(words, index) => index + 2,
        _ => return Vec::new(),
    };
    let names = heads(words, after);
    let is_module = |name: &String| name.starts_with(|first: char| first.is_ascii_lowercase());
    names.into_iter().filter(is_module).filter(|name| !SHARED.contains(&name.as_str())).collect()
}

fn starts_here(words: &[(usize, String)], index: usize) -> bool {
    index.checked_sub(1).and_then(|last| words.get(last)).is_none_or(|(_, word)| word != "::")
}

/// The first name after a `::`; with braces, the first name of each path in them.
fn heads(words: &[(usize, String)], start: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut at_head = true;
    for (_, word) in words.get(start..).unwrap_or_default() {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            "," => {}
            name if at_head => names.push(name.to_owned()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        at_head = depth == 1 && matches!(word.as_str(), "{" | ",");
    }
    names
}

/// Names and the marks that make paths of them, each with its line.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let length = match first {
                ':' if rest.starts_with("::") => 2,
                _ if is_name(first) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
                _ => first.len_utf8(),
            };
            let (word, after) = rest.split_at(length);
            if !word.trim().is_empty() {
                words.push((number + 1, word.to_owned()));
            }
            rest = after;
        }
    }
    words
}

/// The code alone; lines stay where they are. A `#[cfg(test)] mod` at the end is no part of it.
fn without_comments_and_texts(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let mut last = ' ';
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'*') => {
                let mut before = ' ';
                for c in chars.by_ref() {
                    out.extend((c == '\n').then_some('\n'));
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            '"' => {
                let raw = last == 'r' || last == '#';
                let hashes = if last == '#' {
                    out.chars().rev().take_while(|c| *c == '#').count()
                } else {
                    0
                };
                skip_text(&mut chars, &mut out, raw, hashes);
            }
            '\'' => {
                // A quote, not a lifetime: 'x' or '\…'.
                let mut ahead = chars.clone();
                let (first, second) = (ahead.next(), ahead.next());
                if first == Some('\\') {
                    chars.next();
                    chars.next();
                    while chars.next_if(|c| *c != '\'').is_some() {}
                    chars.next();
                } else if second == Some('\'') {
                    chars.next();
                    chars.next();
                }
            }
            c => out.push(c),
        }
        last = c;
    }
    out
}

fn skip_text(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    out: &mut String,
    raw: bool,
    hashes: usize,
) {
    while let Some(c) = chars.next() {
        out.extend((c == '\n').then_some('\n'));
        match c {
            '\\' if !raw => {
                out.extend(chars.next().filter(|c| *c == '\n'));
            }
            '"' if chars.clone().take(hashes).all(|c| c == '#') => return,
            _ => {}
        }
    }
}

fn all_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all_files(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                found.push(path)
            }
            false => {}
        }
    }
}

#[test]
fn every_file_keeps_to_its_floor() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    all_files(&src, &mut files);
    assert!(files.len() >= 5, "no sources found in {}", src.display());
    let found: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let name = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            violations(&name, &fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn each_forbidden_arrow_is_found() {
    for (path, text) in [
        ("core/queue.rs", "use crate::protocol::stride;"),
        ("core/queue.rs", "fn f(x: crate::server::Store) {}"),
        ("core/queue.rs", "use crate::{core::time, platform};"),
        ("core/queue.rs", "use super::super::protocol::json;"),
        ("core/mod.rs", "use super::protocol::json;"),
        ("protocol/stride.rs", "use crate::server::route;"),
        ("protocol/stride.rs", "use crate::api::error;"),
        ("server/store/memory.rs", "use crate::platform::clock;"),
        ("server/route.rs", "use crate::api::stride;"),
        ("platform/driver.rs", "use crate::protocol::stride::CollectWire;"),
        ("platform/driver.rs", "use crate::api::error::to_js;"),
        ("platform/driver.rs", "fn f() { crate::server::route::run(); }"),
    ] {
        assert_eq!(violations(path, text).len(), 1, "{path}: {text}");
    }
}

#[test]
fn protocols_that_name_each_other_are_found() {
    for text in [
        "use super::rudderstack::BatchWire;",
        "use super::{json, rudderstack};",
        "use crate::protocol::rudderstack;",
        "use crate::{core::time, protocol};\nfn f() { super::awesomestream::request(); }",
    ] {
        assert_eq!(violations("protocol/stride.rs", text).len(), 1, "{text}");
    }
    let fine = "use super::json;\nuse super::framing::Lines;\nuse crate::protocol::json::text;";
    assert_eq!(violations("protocol/stride.rs", fine), Vec::<String>::new());
}

#[test]
fn javascript_clocks_and_chance_in_a_pure_floor_are_found() {
    for text in [
        "use wasm_bindgen::prelude::*;",
        "fn f() { js_sys::Date::now(); }",
        "use std::collections::HashMap;",
        "use std::collections::{BTreeMap, HashSet};",
        "let now = std::time::Instant::now();",
        "use std::time::SystemTime;",
        "use rand::thread_rng;",
        "use std::fs::File;",
        "use std::{collections::VecDeque, net::TcpStream};",
    ] {
        for floor in ["core", "protocol", "server"] {
            assert_eq!(violations(&format!("{floor}/x.rs"), text).len(), 1, "{floor}: {text}");
        }
    }
    assert_eq!(violations("platform/clock.rs", "use js_sys::Date;"), Vec::<String>::new());
    assert_eq!(violations("lib.rs", "use web_sys::Window;").len(), 1);
}

#[test]
fn what_is_allowed_is_not_reported() {
    for (path, text) in [
        ("core/queue.rs", "use super::time::Timestamp;\nuse std::collections::VecDeque;"),
        ("core/engine.rs", "use crate::core::{error::Error, io::Input};"),
        ("protocol/stride.rs", "use crate::core::wire::Wire;"),
        ("server/store/memory.rs", "use super::super::route;\nuse crate::protocol::framing;"),
        ("platform/driver.rs", "use super::{clock, fetch};\nuse crate::core::engine::Engine;"),
        ("api/stride.rs", "use crate::platform::host;\nuse crate::protocol::stride::Method;"),
        ("core/queue.rs", "// use crate::api::error;\n/* HashMap\nInstant */ fn f() {}"),
        ("core/queue.rs", "const A: &str = \"crate::api \\\" HashMap\"; const B: char = '\"';"),
        ("core/queue.rs", "const A: &str = r#\"a \" crate::api\"#;"),
        ("core/queue.rs", "fn f<'a>(x: &'a str) -> &'a str { x }"),
        ("core/queue.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use std::collections::HashMap; }"),
    ] {
        assert_eq!(violations(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn a_violation_names_file_and_line() {
    let found = violations("core/queue.rs", "//! Doc.\n\nuse crate::api::error;\n");
    assert_eq!(found, ["src/core/queue.rs:3: core must not name api"]);
}
