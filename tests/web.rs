//! What only a browser can show: the client's memory and entropy, and the loop between the engine and a
//! host written in JavaScript, compiled to wasm and run by a real page.

#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Date, Function};
use sluicebox::api::delivery::Delivery;
use sluicebox::core::rng::Rng;
use sluicebox::core::time::iso8601;
use sluicebox::platform::host::{self, Host};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;

wasm_bindgen_test_configure!(run_in_browser);

/// `flushInterval`, `batchSize`, `batchBytes`, `queueSize`, `queueBytes`, `concurrency`, `timeout`,
/// `maxAge`, `maxAttempts`, drop-newest, gzip, trusts unheard.
const POLICY: [f64; 12] =
    [20.0, 100.0, 500_000.0, 1000.0, 1e6, 2.0, 300.0, 60_000.0, 0.0, 0.0, 1.0, 0.0];

/// `Input::Tick` and `Input::Hide`, as `happens` knows them.
const TICK: u8 = 12;
const HIDE: u8 = 1;
const NOW: f64 = 1_700_000_000_000.0;

/// A host that writes down what it is asked to do, each as its name and its numbers and texts. The
/// events of every body are texts of 5,000 bytes.
fn host() -> (Host, Array) {
    let source = "const calls = []; const text = 'x'.repeat(5000);
        const host = { toPack: () => text, end: () => '' };
        for (const name of ['send', 'abort', 'dead', 'mark', 'tell', 'flushed', 'sleep', 'counts'])
          host[name] = (...args) => void calls.push([name, ...args.map(String)].join(' '));
        return [host, calls];";
    let made: Array = Function::new_no_args(source).call0(&JsValue::NULL).unwrap().unchecked_into();
    (made.get(0).unchecked_into(), made.get(1).unchecked_into())
}

fn taken(calls: &Array) -> Vec<String> {
    let all = calls.iter().map(|it| it.as_string().unwrap()).collect();
    calls.set_length(0);
    all
}

#[wasm_bindgen_test]
fn memory_that_is_given_back_is_used_again() {
    let pages = || std::arch::wasm32::memory_size(0);
    let use_some = |round: u32| {
        let lists: Vec<Vec<u32>> = (0..2000).map(|size| vec![round; size]).collect();
        for (size, list) in lists.iter().enumerate() {
            assert!(list.len() == size && list.iter().all(|number| *number == round));
        }
    };
    use_some(0);
    let before = pages();
    (1..20).for_each(use_some);
    assert_eq!(pages(), before);
}

#[wasm_bindgen_test]
fn times_are_written_as_the_browser_writes_them() {
    for millis in [0.0, 951_782_400_123.0, 1_709_164_799_999.0, 4_102_444_800_000.0] {
        let theirs = String::from(Date::new(&millis.into()).to_iso_string());
        assert_eq!(iso8601(millis as u64), theirs);
    }
}

#[wasm_bindgen_test]
fn the_generator_is_seeded_by_the_host_and_gives_the_same_numbers_as_natively() {
    assert_ne!(host::rng().uuid(), host::rng().uuid());
    let mut rng = Rng::new([1, 2, 3, 4]);
    assert_eq!([rng.next_u32(), rng.next_u32(), rng.next_u32()], [641, 1573767, 3222811527]);
}

#[wasm_bindgen_test]
fn events_are_sent_when_their_interval_is_over_and_settled_by_their_answer() {
    let (host, calls) = host();
    let client = Delivery::new(0, &POLICY, host);
    client.stream("s");
    client.offer(NOW, 7.0, 10, 0, NOW);
    client.offer(NOW, 8.0, 10, 0, NOW);
    assert_eq!(taken(&calls), [format!("sleep {}", NOW + 20.0)]);
    client.happens(NOW + 20.0, TICK, 0.0);
    let [sent, slept] = <[String; 2]>::try_from(taken(&calls)).unwrap();
    // gzip begins with 31, 139, 8.
    assert!(sent.starts_with("send 0 7,8 0 0 0 0 31,139,8,"), "{sent}");
    assert!(sent.ends_with(" false"), "{sent}");
    assert_eq!(slept, format!("sleep {}", NOW + 320.0));
    client.answered(NOW + 25.0, 0, 200, 0.0, String::new());
    assert_eq!(taken(&calls), ["mark 0 7 2", "sleep Infinity"]);
    client.ledger();
    assert_eq!(taken(&calls), ["counts 2 2 0 0 0 0"]);
}

#[wasm_bindgen_test]
fn a_request_that_is_tried_again_says_when_it_was_and_why_it_failed() {
    let (host, calls) = host();
    let client = Delivery::new(0, &POLICY, host);
    client.offer(NOW, 7.0, 10, 0, NOW);
    client.happens(NOW + 20.0, TICK, 0.0);
    client.answered(NOW + 25.0, 0, 503, 0.0, String::new());
    taken(&calls);
    client.happens(NOW + 60_000.0 - 1.0, TICK, 0.0);
    let sent = taken(&calls).remove(0);
    assert!(sent.starts_with(&format!("send 1 7 1 {0} {0} 503 31,139,8,", NOW + 20.0)), "{sent}");
}

#[wasm_bindgen_test]
fn a_page_that_hides_sends_a_packed_body_where_only_that_fits() {
    let (host, calls) = host();
    let client = Delivery::new(0, &POLICY, host);
    client.offer(NOW, 7.0, 5000, 0, NOW);
    taken(&calls);
    client.happens(NOW, HIDE, 1000.0);
    let sent = taken(&calls).remove(0);
    // gzip begins with 31, 139, 8.
    assert!(sent.contains(" 31,139,8,0,0,0,0,0,0,255,"), "{sent}");
    assert!(sent.ends_with(" true"), "{sent}");
}

#[wasm_bindgen_test]
fn what_is_refused_is_told_with_the_servers_words() {
    let (host, calls) = host();
    let client = Delivery::new(0, &POLICY, host);
    client.offer(NOW, 7.0, 10, 0, NOW);
    client.happens(NOW + 20.0, TICK, 0.0);
    client.answered(NOW + 20.0, 0, 400, 0.0, "no".into());
    let said = taken(&calls);
    let told = "dead rejected server the server refused the event for good: no 400 7";
    assert!(said.iter().any(|call| call == told), "{said:?}");
}
