//! Our own time: a number of milliseconds. `std::time::Instant` cannot be constructed or
//! printed, and reading it panics on our wasm target.

/// A span of time in milliseconds.
pub type Millis = u64;

/// A moment of a monotonic clock, in milliseconds since an arbitrary start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment `millis` after the clock's start.
    pub const fn from_millis(millis: u64) -> Self {
        Timestamp(millis)
    }

    /// Milliseconds since the clock's start.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// This moment plus a span; the end of time at most.
    pub const fn plus(self, span: Millis) -> Self {
        Timestamp(self.0.saturating_add(span))
    }

    /// The span since an earlier moment; 0 if that one is later.
    pub const fn since(self, earlier: Timestamp) -> Millis {
        self.0.saturating_sub(earlier.0)
    }
}

/// `YYYY-MM-DDTHH:mm:ss.SSSZ` of a Unix time in milliseconds (the form of the RudderStack and
/// Segment SDKs). Years beyond 9999 are shown as 9999.
pub fn iso8601(unix_ms: u64) -> String {
    const DAY_MS: u64 = 86_400_000;
    let days = unix_ms.wrapping_div(DAY_MS).min(2_932_896);
    let ms = unix_ms.wrapping_rem(DAY_MS);
    let (year, month, day) = civil(days);
    let mut out = String::with_capacity(24);
    digits(&mut out, year, 4);
    out.push('-');
    digits(&mut out, month, 2);
    out.push('-');
    digits(&mut out, day, 2);
    out.push('T');
    digits(&mut out, ms.wrapping_div(3_600_000), 2);
    out.push(':');
    digits(&mut out, ms.wrapping_div(60_000).wrapping_rem(60), 2);
    out.push(':');
    digits(&mut out, ms.wrapping_div(1000).wrapping_rem(60), 2);
    out.push('.');
    digits(&mut out, ms.wrapping_rem(1000), 3);
    out.push('Z');
    out
}

/// Year, month and day of a count of days since 1970-01-01, counted off: the known formulas are
/// several times as large. Until 2100 each fourth year is a leap year.
fn civil(days: u64) -> (u64, u64, u64) {
    let spans = days.wrapping_div(1461).min(32);
    let mut days = days.wrapping_sub(spans.wrapping_mul(1461));
    let (mut year, mut month) = (spans.wrapping_mul(4).wrapping_add(1970), 1_u64);
    loop {
        let is_leap = year & 3 == 0 && (year.wrapping_rem(25) != 0 || year & 15 == 0);
        let length = match month {
            2 => 28_u64.wrapping_add(u64::from(is_leap)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if days < length {
            return (year, month, days.wrapping_add(1));
        }
        days = days.wrapping_sub(length);
        month = month.wrapping_add(1);
        if month > 12 {
            (year, month) = (year.wrapping_add(1), 1);
        }
    }
}

fn digits(out: &mut String, mut value: u64, width: usize) {
    let mut ascii = [b'0'; 4];
    for slot in ascii.iter_mut().take(width).rev() {
        *slot = b'0'.wrapping_add(value.wrapping_rem(10) as u8);
        value = value.wrapping_div(10);
    }
    out.extend(ascii.iter().take(width).map(|&digit| char::from(digit)));
}
