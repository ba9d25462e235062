//! What only a browser can show: the platform's clock and entropy, and the whole loop of engine,
//! timers and fetch, compiled to wasm and run by a real page.

#![cfg(target_arch = "wasm32")]

use js_sys::{Date, Function, Promise, Reflect};
use sluicebox::api::delivery::Delivery;
use sluicebox::core::rng::Rng;
use sluicebox::core::time::iso8601;
use sluicebox::platform::{clock, host};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::*;

wasm_bindgen_test_configure!(run_in_browser);

/// `flushInterval`, `batchSize`, `batchBytes`, `queueSize`, `queueBytes`, `concurrency`, `timeout`,
/// `maxAge`, `maxAttempts`, drop-newest, gzip.
const POLICY: [f64; 11] =
    [20.0, 100.0, 500_000.0, 1000.0, 1e6, 2.0, 300.0, 60_000.0, 0.0, 0.0, 1.0];

fn delivery(fetch: &Function, on_error: Option<Function>) -> Delivery {
    let endpoint = String::from("https://collector.invalid/v1");
    Delivery::new(
        0,
        endpoint,
        "authorization: Basic a2V5Og==\n".into(),
        &POLICY,
        Some(fetch.clone().unchecked_into()),
        on_error.map(JsCast::unchecked_into),
        None,
    )
}

async fn flushed(client: &Delivery, close: bool) -> JsValue {
    let promise = Promise::new(&mut |done, _| client.flush(10_000.0, close, done.unchecked_into()));
    JsFuture::from(promise).await.unwrap()
}

fn count(ledger: &JsValue, name: &str) -> f64 {
    Reflect::get(ledger, &name.into()).unwrap().as_f64().unwrap()
}

fn calls(fetch: &Function) -> f64 {
    Reflect::get(fetch, &"calls".into()).unwrap().as_f64().unwrap_or(0.0)
}

/// A fetch that counts its calls in `calls` and answers by `body`, where `n` is the number of
/// the call.
fn fetch(body: &str) -> Function {
    let source = format!(
        "const f = async (url, init) => {{ const n = f.calls = (f.calls ?? 0) + 1; {body} }}; return f;"
    );
    Function::new_no_args(&source).call0(&JsValue::NULL).unwrap().unchecked_into()
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
fn the_clock_counts_from_1970_and_never_runs_backwards() {
    let mut last = clock::now();
    assert!((last.as_millis() as f64 - Date::now()).abs() < 1000.0);
    for _ in 0..1000 {
        let now = clock::now();
        assert!(now >= last);
        last = now;
    }
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
async fn an_event_is_sent_when_its_interval_is_over() {
    let fetch = fetch("return new Response(null, { status: 200 });");
    let client = delivery(&fetch, None);
    client.offer("s", "{\"a\":1}".into(), 1);
    assert_eq!(count(&client.ledger(), "pending"), 1.0);
    gloo_timers::future::TimeoutFuture::new(200).await;
    assert_eq!(count(&client.ledger(), "delivered"), 1.0);
    assert_eq!(calls(&fetch), 1.0);
}

#[wasm_bindgen_test]
async fn what_fails_is_sent_again_until_it_is_taken() {
    let fetch = fetch(
        "if (n === 1) throw new TypeError('no network'); return new Response(null, { status: n === 2 ? 503 : 200 });",
    );
    let client = delivery(&fetch, None);
    client.offer("s", "{\"a\":1}".into(), 1);
    client.offer("s", "{\"a\":2}".into(), 1);
    let ledger = flushed(&client, false).await;
    assert_eq!(count(&ledger, "delivered"), 2.0);
    assert_eq!(calls(&fetch), 3.0);
}

#[wasm_bindgen_test]
async fn a_request_that_never_answers_is_aborted_and_sent_again() {
    let fetch = fetch(
        "if (n > 1) return new Response(null, { status: 200 }); return new Promise((_, reject) => init.signal.addEventListener('abort', () => { f.aborted = true; reject(init.signal.reason); }));",
    );
    let client = delivery(&fetch, None);
    client.offer("s", "{}".into(), 1);
    let ledger = flushed(&client, true).await;
    assert_eq!(count(&ledger, "delivered"), 1.0);
    assert!(Reflect::get(&fetch, &"aborted".into()).unwrap().is_truthy());
}

#[wasm_bindgen_test]
async fn the_body_is_compressed_and_says_so() {
    let fetch = fetch(
        "f.encoding = new Headers(init.headers).get('content-encoding'); const text = await new Response(new Blob([init.body]).stream().pipeThrough(new DecompressionStream('gzip'))).text(); f.text = text; return new Response();",
    );
    let client = delivery(&fetch, None);
    client.offer("s", "{\"$id\":\"1\",\"text\":\"hé\"}".into(), 0);
    flushed(&client, true).await;
    let member = |name: &str| Reflect::get(&fetch, &name.into()).unwrap().as_string().unwrap();
    assert_eq!(member("encoding"), "gzip");
    assert_eq!(member("text"), "[{\"$id\":\"1\",\"text\":\"hé\"}]");
}

#[wasm_bindgen_test]
async fn a_callback_may_call_back_in() {
    let fetch = fetch("return new Response(null, { status: n === 1 ? 400 : 200 });");
    let seen = std::rc::Rc::new(std::cell::RefCell::new(None::<Delivery>));
    let inner = seen.clone();
    let on_error = Closure::<dyn FnMut()>::new(move || {
        if let Some(client) = inner.borrow().as_ref() {
            client.offer("s", "{\"again\":true}".into(), 1);
        }
    });
    let on_error: Function = on_error.into_js_value().unchecked_into();
    *seen.borrow_mut() = Some(delivery(&fetch, Some(on_error)));
    let flush = async |close| flushed(seen.borrow().as_ref().unwrap(), close).await;
    seen.borrow().as_ref().unwrap().offer("s", "{\"a\":1}".into(), 1);
    flush(false).await;
    let ledger = flush(true).await;
    assert_eq!((count(&ledger, "rejected"), count(&ledger, "delivered")), (1.0, 1.0));
}
