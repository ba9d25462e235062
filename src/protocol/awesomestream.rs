//! AwesomeStream's JSON-RPC, client side. Source: AwesomeStream 0.1 and its later repository
//! state, `awesomestream.jsonrpc.Client`. Not JSON-RPC 1.0 or 2.0: `kwargs` beside `args`.

use super::json;

/// `{"id":…,"method":…,"args":[…],"kwargs":{…}}`. `args` and `kwargs` are JSON texts; an empty
/// `args` means none.
pub fn request(id: &str, method: &str, args: &str, kwargs: &str) -> String {
    let mut out = String::from("{\"id\":");
    json::push_string(&mut out, id);
    json::push_text_member(&mut out, "method", method);
    out.push_str(",\"args\":[");
    out.push_str(args);
    out.push(']');
    json::push_member(&mut out, "kwargs", kwargs);
    out.push('}');
    out
}
