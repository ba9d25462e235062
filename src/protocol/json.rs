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

/// Whether a JSON object text is the empty object.
pub fn is_empty_object(text: &str) -> bool {
    text.trim_start().strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('}'))
}

/// Whether the object has a member of this name at its top level. The text must be valid JSON
/// without white space between tokens, as `JSON.stringify` writes it.
pub fn has_member(object: &str, name: &str) -> bool {
    let mut quoted = String::new();
    push_string(&mut quoted, name);
    quoted.push(':');
    // Nearly always the answer is no, and one substring search tells.
    if !object.as_bytes().windows(quoted.len()).any(|window| window == quoted.as_bytes()) {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    for (at, byte) in object.bytes().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => {
                let is_key = depth == 1 && matches!(byte_before(object, at), Some(b'{' | b','));
                if is_key && object.get(at..).is_some_and(|rest| rest.starts_with(&quoted)) {
                    return true;
                }
                in_string = true;
            }
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn byte_before(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at.checked_sub(1)?).copied()
}
