use flate2::read::GzDecoder;
use sluicebox::core::gzip::{TAIL, gzip};
use sluicebox::core::rng::Rng;
use std::io::Read;

/// Unpacks with another implementation, which checks the sum and the length at the end.
fn packed(bytes: &[u8]) -> usize {
    packed_as(bytes, bytes)
}

/// The same for a text whose tails are marked, and what it stands for.
fn packed_as(text: &[u8], bytes: &[u8]) -> usize {
    ended(text, b"", bytes)
}

/// The same for one that is given earlier than its end.
fn ended(text: &[u8], end: &[u8], bytes: &[u8]) -> usize {
    let packed = gzip(text).end(end);
    let mut unpacked = Vec::new();
    let mut decoder = GzDecoder::new(packed.as_slice());
    decoder.read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == bytes, "{} bytes came back as {}", bytes.len(), unpacked.len());
    assert!(decoder.into_inner().is_empty(), "something stands behind the end");
    packed.len()
}

/// Any byte but the mark, which JSON escapes.
fn random(rng: &mut Rng, count: usize) -> Vec<u8> {
    (0..count).map(|_| rng.next_u32() as u8).map(|byte| byte.max(TAIL + 1)).collect()
}

#[test]
fn nothing_and_a_few_bytes_come_back() {
    for count in 0..20 {
        packed(&vec![b'a'; count]);
        packed(&(2..2 + count as u8).collect::<Vec<_>>());
    }
}

#[test]
fn the_header_names_no_time_and_no_system() {
    assert_eq!(gzip(b"").end(b"")[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
}

#[test]
fn whatever_ends_a_text_that_was_given_earlier_comes_back() {
    for seed in 0..500 {
        let mut rng = Rng::new([seed, 9, 10, 11]);
        let (count, more) = (rng.up_to(2_000) as usize, rng.up_to(60) as usize);
        let (text, end) = (random(&mut rng, count), random(&mut rng, more));
        ended(&text, &end, &[&text[..], &end].concat());
    }
}

#[test]
fn every_byte_value_has_its_code() {
    let all: Vec<u8> = (0..=255).filter(|byte| *byte != TAIL).collect();
    packed(&all);
    packed(&all.repeat(3));
    for value in all {
        packed(&[value]);
    }
}

#[test]
fn what_cannot_be_compressed_grows_by_an_eighth_at_most() {
    let mut rng = Rng::new([1, 2, 3, 4]);
    for count in [1, 100, 10_000, 300_000] {
        let size = packed(&random(&mut rng, count));
        assert!(size <= count + count / 8 + 20, "{count} became {size}");
    }
    assert!(packed(&[255; 3]) <= 23);
}

#[test]
fn matches_of_every_length_and_runs_beyond_the_longest_come_back() {
    let mut rng = Rng::new([2, 3, 4, 5]);
    let words = random(&mut rng, 600);
    for length in 1..=600 {
        packed(&[&words[..length], b"--", &words[..length], b"!"].concat());
        packed(&vec![b'x'; length]);
    }
    assert!(packed(&vec![0; 1 << 20]) < 16_000);
}

#[test]
fn matches_reach_back_over_the_whole_window_and_no_further() {
    let mut rng = Rng::new([3, 4, 5, 6]);
    let noise = random(&mut rng, 40_000);
    let word = b"a word that comes twice, and is long enough to be told from noise";
    // Noise would take the places of the word in the table.
    let zeros = vec![0; 40_000];
    let size = |distance: usize| packed(&[word, &zeros[..distance - word.len()], word].concat());
    let beyond = size(32_769) - size(32_768);
    assert!(beyond > word.len() - 10, "only {beyond} more beyond the window");
    for bits in 7..15 {
        for distance in [(1 << bits) - 1, 1 << bits, (1 << bits) + 1, 3 << (bits - 1)] {
            size(distance);
        }
    }
    for period in 1..300 {
        packed(&noise[..period].repeat(900 / period + 2));
    }
}

#[test]
fn a_mebibyte_comes_back() {
    let mut rng = Rng::new([4, 5, 6, 7]);
    let words = [&b"collect "[..], b"events ", b"without ", b"losing ", b"any ", b"\xff\x80"];
    let mut text = Vec::new();
    while text.len() < 1 << 20 {
        text.extend(words[rng.up_to(5) as usize]);
        text.extend(random(&mut rng, 1));
    }
    packed(&text);
}

#[test]
fn whatever_is_copied_from_wherever_comes_back() {
    for seed in 0..2_000 {
        let mut rng = Rng::new([seed, 7, 8, 9]);
        let mut bytes = Vec::new();
        for _ in 0..rng.up_to(60) {
            if rng.up_to(2) == 0 || bytes.is_empty() {
                let count = rng.up_to(40) as usize;
                bytes.extend(random(&mut rng, count));
            } else {
                let from = rng.up_to(bytes.len() as u32 - 1) as usize;
                let count = rng.up_to(700) as usize;
                bytes.extend(bytes[from..].iter().copied().cycle().take(count).collect::<Vec<_>>());
            }
        }
        packed(&bytes);
    }
}

/// A text of heads, each with a tail that is given in full where it is another than the last.
fn with_tails(heads: &[Vec<u8>], tails: &[&[u8]]) -> (Vec<u8>, Vec<u8>) {
    let (mut text, mut bytes) = (Vec::new(), Vec::new());
    let mut last: Option<&[u8]> = None;
    for (head, tail) in heads.iter().zip(tails) {
        let given = if last == Some(tail) { &[] } else { *tail };
        text.extend([head, &[TAIL][..], given, &[TAIL]].concat());
        bytes.extend([head, *tail].concat());
        last = Some(tail);
    }
    (text, bytes)
}

#[test]
fn tails_of_every_length_come_back_wherever_they_stand() {
    let mut rng = Rng::new([16, 7, 8, 9]);
    let noise = random(&mut rng, 70_000);
    for length in (1..800).chain([32_767, 32_768, 32_769, 60_000]) {
        let heads = [&noise[..3], &noise[..9], &noise[5..9], &[]].map(<[u8]>::to_vec);
        let (one, other) = (&noise[..length], &noise[length..][..9]);
        let (text, bytes) = with_tails(&heads, &[one, one, other, one]);
        packed_as(&text, &bytes);
    }
    // Beyond the window a tail is a text like any other.
    for head in [32_768 - 500, 32_768 - 499, 40_000] {
        let heads = vec![noise[..head].to_vec(); 3];
        let (text, bytes) = with_tails(&heads, &[&noise[..499]; 3]);
        packed_as(&text, &bytes);
    }
}

#[test]
fn whatever_tails_events_have_they_come_back() {
    for seed in 0..2_000 {
        let mut rng = Rng::new([seed, 8, 9, 10]);
        let mut some = |most: u32| {
            let count = rng.up_to(most) as usize;
            random(&mut rng, count)
        };
        let kinds: Vec<Vec<u8>> = (0..3).map(|_| [some(600), vec![b'.']].concat()).collect();
        let heads: Vec<Vec<u8>> = (0..12).map(|_| some(80)).collect();
        let tails: Vec<&[u8]> = heads.iter().map(|head| &kinds[head.len() % 3][..]).collect();
        let (text, bytes) = with_tails(&heads, &tails);
        packed_as(&text, &bytes);
        packed_as(&[&text[..], b"]}"].concat(), &[&bytes[..], b"]}"].concat());
    }
}

#[test]
fn a_tail_that_comes_again_costs_no_more_than_a_few_bytes() {
    let mut rng = Rng::new([9, 9, 9, 9]);
    let tail = random(&mut rng, 1_000);
    let heads = vec![b"{".to_vec(); 101];
    let (text, bytes) = with_tails(&heads, &[&tail[..]; 101]);
    let once = packed_as(&text[..1_003], &bytes[..1_001]);
    let all = packed_as(&text, &bytes);
    assert!(all - once < 100 * 16, "{}", all - once);
}

/// Events that share what the browser says of itself and of the page, as one visit makes them.
#[test]
fn a_batch_of_events_becomes_a_tenth() {
    let mut rng = Rng::new([5, 6, 7, 8]);
    let context = concat!(
        r#""channel":"web","anonymousId":"5c7b9c1e-53a5-4f6b-8d1b-2f0f9a8c7d11","integrations":{"All":true},"#,
        r#""context":{"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "#,
        r#"Chrome/142.0.0.0 Safari/537.36","locale":"de-DE","timezone":"GMT+0100","screen":{"width":2560,"#,
        r#""height":1440,"density":2,"innerWidth":1432,"innerHeight":1201},"campaign":{"source":"news"},"#,
        r#""page":{"path":"/shoes","referrer":"https://www.google.com/","referring_domain":"www.google.com","#,
        r#""search":"?utm_source=news","title":"Shoes","url":"https://shop.example.com/shoes?utm_source=news","#,
        r#""tab_url":"https://shop.example.com/shoes?utm_source=news"},"traits":{"plan":"pro"},"#,
        r#""sessionId":1795176000,"library":{"name":"sluicebox","version":"0.1.0"}}}"#,
    );
    let events: Vec<String> = (0..200)
        .map(|position| {
            let (id, price) = (rng.uuid(), rng.up_to(100_000));
            let (minute, second, millis) = (position / 4, rng.up_to(49) + 10, rng.up_to(899) + 100);
            format!(
                r#"{{"messageId":"{id}","originalTimestamp":"2026-11-20T12:{minute:02}:{second}.{millis}Z","#,
            ) + &format!(r#""type":"track","event":"Viewed","properties":{{"price":{price}}},{context}"#)
        })
        .collect();
    let body = events.join(",");
    assert!(body.len() > 170_000, "{}", body.len());
    let size = packed(body.as_bytes());
    assert!(size * 10 < body.len(), "{} became {size}", body.len());
}
