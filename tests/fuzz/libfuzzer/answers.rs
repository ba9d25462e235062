#![no_main]

#[path = "../answers.rs"]
mod answers;
#[path = "../bytes.rs"]
mod bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| answers::run(bytes));
