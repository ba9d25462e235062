//! A strict JSON scanner (RFC 8259): it finds where values begin and end and builds nothing. What
//! the server stores is the sender's own text, so one pass that checks it is all the parsing an
//! event needs; through `serde_json`'s raw values the same took three passes and ten times as long.

use std::borrow::Cow;

/// Deeper nesting is refused, so that no body can use up the stack. RudderStack lets events have as
/// much.
pub const DEPTH_MAX: u32 = 200;

/// A place in a text.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Whether a line break stood between tokens since this was last cleared.
    pub saw_line_break: bool,
}

/// One member of an object.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// Decoded.
    pub name: Cow<'a, str>,
    /// The JSON text of its value.
    pub value: &'a str,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// How many of eight bytes stand before the first quote, backslash or control character. A borrow
/// may mark a byte wrongly, but only above a byte that is marked rightly.
fn plain_bytes(eight: u64) -> usize {
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zeros(eight ^ ONES.wrapping_mul(0x22));
    let backslash = zeros(eight ^ ONES.wrapping_mul(0x5c));
    let control = eight.wrapping_sub(ONES.wrapping_mul(0x20)) & !eight;
    let found = (quote | backslash | control) & HIGHS;
    (found.trailing_zeros() >> 3) as usize
}

impl<'a> Scanner<'a> {
    /// At the start of a text.
    pub fn new(text: &'a str) -> Self {
        Scanner { text, at: 0, saw_line_break: false }
    }

    /// The next byte after white space; 0 at the end.
    pub fn peek(&mut self) -> u8 {
        loop {
            match self.byte() {
                b' ' | b'\t' => {}
                b'\n' | b'\r' => self.saw_line_break = true,
                byte => return byte,
            }
            self.step();
        }
    }

    /// Steps over this byte if it is the next token.
    pub fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == byte;
        if is_next {
            self.step();
        }
        is_next
    }

    /// Whether nothing but white space is left.
    pub fn is_at_end(&mut self) -> bool {
        self.peek() == 0 && self.at >= self.text.len()
    }

    /// The text of the next value.
    pub fn value(&mut self) -> Option<&'a str> {
        self.peek();
        let start = self.at;
        self.skip(0)?;
        self.text.get(start..self.at)
    }

    /// The text of the next value, which must be an object, and its members.
    pub fn object(&mut self, members: &mut Vec<Member<'a>>) -> Option<&'a str> {
        members.clear();
        if self.peek() != b'{' {
            return None;
        }
        let start = self.at;
        self.step();
        if !self.take(b'}') {
            loop {
                let name = self.name()?;
                let value = self.colon_and_value()?;
                members.push(Member { name, value });
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return None;
                }
            }
        }
        self.text.get(start..self.at)
    }

    fn colon_and_value(&mut self) -> Option<&'a str> {
        if !self.take(b':') {
            return None;
        }
        self.peek();
        let start = self.at;
        self.skip(1)?;
        self.text.get(start..self.at)
    }

    fn name(&mut self) -> Option<Cow<'a, str>> {
        if self.peek() != b'"' {
            return None;
        }
        let start = self.at;
        let escaped = self.string()?;
        let quoted = self.text.get(start..self.at)?;
        Some(if escaped { Cow::Owned(unescaped(quoted)) } else { Cow::Borrowed(inside(quoted)) })
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn step(&mut self) {
        self.at = self.at.wrapping_add(1);
    }

    /// Steps over a value that begins right here.
    fn skip(&mut self, depth: u32) -> Option<()> {
        match self.byte() {
            b'"' => {
                self.string()?;
            }
            b'{' if depth < DEPTH_MAX => {
                self.step();
                if self.take(b'}') {
                    return Some(());
                }
                loop {
                    if self.peek() != b'"' {
                        return None;
                    }
                    self.string()?;
                    if !self.take(b':') {
                        return None;
                    }
                    self.peek();
                    self.skip(depth.wrapping_add(1))?;
                    if self.take(b'}') {
                        break;
                    }
                    if !self.take(b',') {
                        return None;
                    }
                }
            }
            b'[' if depth < DEPTH_MAX => {
                self.step();
                if self.take(b']') {
                    return Some(());
                }
                loop {
                    self.peek();
                    self.skip(depth.wrapping_add(1))?;
                    if self.take(b']') {
                        break;
                    }
                    if !self.take(b',') {
                        return None;
                    }
                }
            }
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => return None,
        }
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let end = self.at.wrapping_add(word.len());
        let matches = self.text.as_bytes().get(self.at..end) == Some(word.as_bytes());
        self.at = end;
        matches.then_some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.step();
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        if self.byte() == b'-' {
            self.step();
        }
        match self.byte() {
            b'0' => self.step(),
            _ => self.digits()?,
        }
        if self.byte() == b'.' {
            self.step();
            self.digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.step();
            if matches!(self.byte(), b'+' | b'-') {
                self.step();
            }
            self.digits()?;
        }
        Some(())
    }

    /// Steps over a string, quotes included; whether it has escapes.
    fn string(&mut self) -> Option<bool> {
        let mut escaped = false;
        self.step();
        loop {
            while let Some(eight) = self.eight() {
                let plain = plain_bytes(eight);
                self.at = self.at.wrapping_add(plain);
                if plain < 8 {
                    break;
                }
            }
            let byte = self.byte();
            self.step();
            match byte {
                b'"' => return Some(escaped),
                b'\\' => {
                    escaped = true;
                    let kind = self.byte();
                    self.step();
                    match kind {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            for _ in 0..4 {
                                if !self.byte().is_ascii_hexdigit() {
                                    return None;
                                }
                                self.step();
                            }
                        }
                        _ => return None,
                    }
                }
                0..=0x1f => return None,
                _ => {}
            }
        }
    }

    fn eight(&self) -> Option<u64> {
        let bytes = self.text.as_bytes().get(self.at..)?.first_chunk::<8>()?;
        Some(u64::from_le_bytes(*bytes))
    }
}

/// What stands between the quotes.
pub fn inside(quoted: &str) -> &str {
    quoted.get(1..quoted.len().wrapping_sub(1)).unwrap_or_default()
}

/// The text that a JSON string with escapes means. A surrogate without its other half, which
/// JavaScript allows, becomes U+FFFD.
pub fn unescaped(quoted: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(quoted.len());
    let mut chars = inside(quoted).chars();
    while let Some(c) = chars.next() {
        let unit = match c {
            '\\' => match chars.next() {
                Some('u') => {
                    let hex: String = chars.by_ref().take(4).collect();
                    u16::from_str_radix(&hex, 16).unwrap_or(0xfffd)
                }
                Some('b') => 8,
                Some('f') => 12,
                Some('n') => 10,
                Some('r') => 13,
                Some('t') => 9,
                Some(other) => other as u16,
                None => break,
            },
            c => {
                units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
                continue;
            }
        };
        units.push(unit);
    }
    String::from_utf16_lossy(&units)
}
