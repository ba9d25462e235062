//! `Accept-Version`: a range of versions as npm writes it.

type Version = [u64; 3];

const LAST: Version = [u64::MAX; 3];

/// Whether one of these versions is in the range; none when the text is no range.
pub fn matches(range: &str, versions: &[Version]) -> Option<bool> {
    let mut found = false;
    for all_of in range.split("||") {
        let (low, high) = interval(all_of)?;
        found |= versions.iter().any(|version| low <= *version && *version < high);
    }
    Some(found)
}

/// What all comparators of a text have in common: from here, to before there.
fn interval(text: &str) -> Option<(Version, Version)> {
    if let Some((from, to)) = text.split_once(" - ") {
        return Some((Partial::parse(from.trim())?.floor(), Partial::parse(to.trim())?.after()));
    }
    let (mut low, mut high) = ([0; 3], LAST);
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let digits = word.trim_start_matches(['<', '>', '=', '~', '^']);
        let operator = word.strip_suffix(digits)?;
        // The operator may stand apart.
        let digits = if digits.is_empty() { words.next()? } else { digits };
        let version = Partial::parse(digits)?;
        let (from, to) = match operator {
            "" | "=" => (version.floor(), version.after()),
            ">=" => (version.floor(), LAST),
            ">" => (version.after(), LAST),
            "<" => ([0; 3], version.floor()),
            "<=" => ([0; 3], version.after()),
            "~" | "~>" => (version.floor(), version.first(2).after()),
            "^" => (version.floor(), version.first(version.significant()).after()),
            _ => return None,
        };
        low = low.max(from);
        high = high.min(to);
    }
    Some((low, high))
}

/// A version of which only the first numbers may be given.
#[derive(Clone)]
struct Partial(Vec<u64>);

impl Partial {
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split(['-', '+']).next()?;
        let mut numbers = Vec::new();
        let mut is_open = false;
        for part in text.split('.') {
            is_open |= matches!(part, "x" | "X" | "*");
            if !is_open {
                numbers.push(part.parse::<u32>().ok()?.into());
            }
        }
        (text.split('.').count() <= 3).then_some(Partial(numbers))
    }

    fn number(&self, place: usize) -> u64 {
        self.0.get(place).copied().unwrap_or(0)
    }

    fn first(&self, count: usize) -> Self {
        Partial(self.0.iter().take(count).copied().collect())
    }

    /// The numbers up to the first that is not 0, which `^` keeps.
    fn significant(&self) -> usize {
        let place = self.0.iter().position(|number| *number > 0);
        place.map_or(self.0.len(), |place| place.saturating_add(1))
    }

    fn floor(&self) -> Version {
        [self.number(0), self.number(1), self.number(2)]
    }

    /// The first version behind all that begin like this one.
    fn after(&self) -> Version {
        let [major, minor, patch] = self.floor();
        match self.0.len() {
            0 => LAST,
            1 => [major.saturating_add(1), 0, 0],
            2 => [major, minor.saturating_add(1), 0],
            _ => [major, minor, patch.saturating_add(1)],
        }
    }
}
