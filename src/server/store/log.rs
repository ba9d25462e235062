//! The bytes of one stream's events, one behind the other in segments that are never moved: an
//! append is one copy, and dropping the stream gives everything back at once.

const FIRST_SEGMENT: usize = 4 * 1024;
const LARGEST_SEGMENT: usize = 1024 * 1024;

/// The segments.
#[derive(Debug, Default)]
pub struct Log {
    segments: Vec<Vec<u8>>,
}

/// Where something stands in a log.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    segment: u32,
    start: u32,
}

impl Log {
    /// Appends these parts as one piece.
    pub fn append(&mut self, parts: [&[u8]; 2]) -> Span {
        let wanted = parts.iter().map(|part| part.len()).fold(0, usize::saturating_add);
        let room = |segment: &Vec<u8>| segment.capacity().saturating_sub(segment.len());
        if self.segments.last().is_none_or(|last| room(last) < wanted) {
            let last = self.segments.last().map_or(0, Vec::capacity);
            let next = last.saturating_mul(2).clamp(FIRST_SEGMENT, LARGEST_SEGMENT);
            self.segments.push(Vec::with_capacity(next.max(wanted)));
        }
        let segment = self.segments.len().saturating_sub(1) as u32;
        let Some(last) = self.segments.last_mut() else { return Span { segment, start: 0 } };
        let start = last.len() as u32;
        for part in parts {
            last.extend_from_slice(part);
        }
        Span { segment, start }
    }

    /// So many bytes from the start of a span, after skipping some.
    pub fn text(&self, span: Span, skip: u32, length: u32) -> &str {
        let start = span.start.saturating_add(skip) as usize;
        let end = start.saturating_add(length as usize);
        let bytes = self.segments.get(span.segment as usize).and_then(|s| s.get(start..end));
        // It was a text when it came.
        std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
    }
}
