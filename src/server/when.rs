//! Times as the protocols write them. Inside, a time is microseconds since 1970.

use super::object::string;

/// Microseconds since 1970; before it, negative.
pub type Micros = i64;

/// RFC 3339 and ISO 8601 (`T` or a space, seconds and zone optional, no zone means UTC), or a
/// number: milliseconds from 1e11 on, else seconds. `raw` is JSON text.
pub fn parse(raw: &str) -> Option<Micros> {
    match string(raw) {
        Some(text) => parse_text(&text),
        None => {
            let number: f64 = raw.parse().ok()?;
            finite(number * if number.abs() >= 1e11 { 1e3 } else { 1e6 })
        }
    }
}

/// A number of seconds since 1970, as AwesomeStream has them, or a text as above.
pub fn parse_seconds(raw: &str) -> Option<Micros> {
    match string(raw) {
        Some(text) => parse_text(&text),
        None => finite(raw.parse::<f64>().ok()? * 1e6),
    }
}

fn finite(micros: f64) -> Option<Micros> {
    (micros.is_finite() && micros.abs() < 9e18).then_some(micros.round() as Micros)
}

/// The text forms alone.
pub fn parse_text(text: &str) -> Option<Micros> {
    let text = text.trim();
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let mark = |at: usize| text.as_bytes().get(at).copied();
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    if mark(4)? != b'-'
        || mark(7)? != b'-'
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
    {
        return None;
    }
    let mut seconds = days_from_civil(year, month, day).checked_mul(86_400)?;
    if text.len() == 10 {
        return seconds.checked_mul(1_000_000);
    }
    if !matches!(mark(10)?, b'T' | b't' | b' ') || mark(13)? != b':' {
        return None;
    }
    let (hour, minute) = (digits(11, 13)?, digits(14, 16)?);
    let mut at = 16;
    let mut second = 0;
    let mut micros = 0;
    if mark(at) == Some(b':') {
        second = digits(17, 19)?;
        at = 19;
        if mark(at) == Some(b'.') {
            let fraction = text.get(20..)?;
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let padded: String =
                fraction.chars().take(length).chain("000000".chars()).take(6).collect();
            micros = padded.parse().ok()?;
            at = length.checked_add(20)?;
        }
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let zone = zone_seconds(text.get(at..)?)?;
    let of_day =
        hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    seconds = seconds.checked_add(of_day)?.checked_sub(zone)?;
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

fn zone_seconds(zone: &str) -> Option<i64> {
    let zone = zone.trim();
    if zone.is_empty() || zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1_i64, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 =
        digits.get(2..).filter(|rest| !rest.is_empty()).unwrap_or("0").parse().ok()?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    sign.checked_mul(hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?)
}

/// Days since 1970-01-01 (Howard Hinnant's `days_from_civil`; years here have four digits, so
/// nothing can overflow).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year.wrapping_sub(1) } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let shifted = if month > 2 { month.wrapping_sub(3) } else { month.wrapping_add(9) };
    let doy =
        shifted.wrapping_mul(153).wrapping_add(2).wrapping_div(5).wrapping_add(day).wrapping_sub(1);
    let doe = yoe
        .wrapping_mul(365)
        .wrapping_add(yoe.wrapping_div(4))
        .wrapping_sub(yoe.wrapping_div(100))
        .wrapping_add(doy);
    era.wrapping_mul(146_097).wrapping_add(doe).wrapping_sub(719_468)
}

/// `YYYY-MM-DDTHH:mm:ss.SSSZ`, of the years 0 to 9999: what is beyond is shown as the first or the
/// last year.
pub fn text(micros: Micros) -> String {
    let millis = micros.div_euclid(1000);
    match u64::try_from(millis) {
        Ok(millis) => crate::core::time::iso8601(millis),
        Err(_) => before_1970(millis),
    }
}

/// The calendar repeats every 400 years: 2000 years later the same day has the same date.
fn before_1970(millis: i64) -> String {
    const YEARS: i32 = 2000;
    const SPAN: i64 = 5 * 146_097 * 86_400_000;
    const YEAR_0: i64 = -62_167_219_200_000;
    let later = millis.max(YEAR_0).saturating_add(SPAN);
    let later = crate::core::time::iso8601(u64::try_from(later).unwrap_or(0));
    let (year, rest) = later.split_at_checked(4).unwrap_or(("2000", ""));
    let year = year.parse().unwrap_or(YEARS).saturating_sub(YEARS);
    format!("{year:04}{rest}")
}
