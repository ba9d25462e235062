//! Seeds of a corpus, changed by chance that follows from a number.

use sluicebox::core::rng::Rng;
use std::path::Path;

/// The files of a target's corpus with their names, in order.
pub fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut seeds: Vec<_> = files
        .map(|file| file.unwrap())
        .map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()))
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "no corpus for {target}");
    seeds
}

/// What decides more often than chance would.
const WORDS: [&[u8]; 16] = [
    b"\0",
    b"\xff",
    b"\x80",
    b"\xff\xff\xff\xff",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\n",
    b":",
    b",",
    b"null",
    b"1e999",
    b"\xf0\x9f\x92\xa7",
];

/// One to eight changes: bytes of chance, words, a piece taken out, doubled, or of another seed.
pub fn mutated(seeds: &[(String, Vec<u8>)], rng: &mut Rng) -> Vec<u8> {
    let mut pick = |limit: usize| rng.up_to(limit as u32) as usize;
    let mut bytes = seeds[pick(seeds.len() - 1)].1.clone();
    for _ in 0..=pick(7) {
        let from = pick(bytes.len());
        let to = from + pick((bytes.len() - from).min(40));
        match pick(5) {
            0 if from < bytes.len() => bytes[from] ^= 1 << pick(7),
            1 if from < bytes.len() => bytes[from] = pick(255) as u8,
            2 => drop(bytes.splice(from..from, WORDS[pick(WORDS.len() - 1)].iter().copied())),
            3 => drop(bytes.drain(from..to)),
            4 => {
                let piece = bytes[from..to].to_vec();
                let at = pick(bytes.len());
                bytes.splice(at..at, piece);
            }
            _ => {
                let other = &seeds[pick(seeds.len() - 1)].1;
                let start = pick(other.len());
                let end = start + pick((other.len() - start).min(60));
                bytes.splice(from..to, other[start..end].iter().copied());
            }
        }
    }
    bytes
}
