//! JSON as text. An event is serialised once, by the host's own `JSON.stringify`; from then on
//! members are spliced in and texts are joined, and no tree is ever built.

/// Appends a JSON string, quotes included (RFC 8259 §7).
pub fn push_string(out: &mut String, value: &str) {
    out.push('"');
    let mut rest = value;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let mut chars = special.chars();
        match chars.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some(control) => {
                out.push_str("\\u00");
                for nibble in [control as u8 >> 4, control as u8 & 15] {
                    out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
                }
            }
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Appends `,"name":value`; `value` is JSON already, `name` needs no escaping.
pub fn push_member(out: &mut String, name: &str, value: &str) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
    out.push_str(value);
}

/// Appends `,"name":"value"`, the value escaped.
pub fn push_text_member(out: &mut String, name: &str, value: &str) {
    push_member(out, name, "");
    push_string(out, value);
}

/// Appends the texts with commas between them.
pub fn push_joined<'a>(out: &mut String, texts: impl Iterator<Item = &'a str>) {
    for (index, text) in texts.enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(text);
    }
}

/// Whether a text occurs in another. The standard library's search is larger than all that is here.
pub fn contains(text: &str, what: &str) -> bool {
    text.as_bytes().windows(what.len()).any(|window| window == what.as_bytes())
}

/// Whether a JSON object text is the empty object.
pub fn is_empty_object(text: &str) -> bool {
    text.trim_start().strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('}'))
}
