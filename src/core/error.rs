//! Errors as plain values: a stable code, whose fault it is, and a sentence for people.

/// Who is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The code that called us.
    Caller,
    /// The far end.
    Server,
    /// What lies between.
    Transport,
}

impl Fault {
    /// The name that JavaScript sees.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Caller => "caller",
            Fault::Server => "server",
            Fault::Transport => "transport",
        }
    }
}

/// The stable codes. A code never changes its meaning or its fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// An argument is missing, of the wrong type, or out of its limits; the message names it.
    InvalidArgument,
    /// The path is not one of the protocol's.
    InvalidPath,
    /// The client was not started, or is closed.
    NotRunning,
    /// The key is missing, unknown, or lacks the right.
    Unauthorized,
    /// One event, or one request, is larger than a limit.
    PayloadTooLarge,
    /// The server asked to wait.
    RateLimited,
    /// The overflow policy gave the event up.
    QueueFull,
    /// The event grew older than `maxAge`, or used up `maxAttempts`.
    Expired,
    /// The server refused it for good.
    Rejected,
    /// The request did not reach the server, or its answer did not reach us.
    Network,
    /// No answer in time.
    Timeout,
    /// Durable storage failed.
    Storage,
    /// WebAssembly cannot be used here.
    WasmUnavailable,
    /// The visitor refused.
    ConsentRefused,
}

impl Code {
    /// Every code once, for tests and docs.
    pub const ALL: [Code; 14] = [
        Code::InvalidArgument,
        Code::InvalidPath,
        Code::NotRunning,
        Code::Unauthorized,
        Code::PayloadTooLarge,
        Code::RateLimited,
        Code::QueueFull,
        Code::Expired,
        Code::Rejected,
        Code::Network,
        Code::Timeout,
        Code::Storage,
        Code::WasmUnavailable,
        Code::ConsentRefused,
    ];

    /// The name that JavaScript sees as `error.code`.
    pub const fn name(self) -> &'static str {
        match self {
            Code::InvalidArgument => "invalid_argument",
            Code::InvalidPath => "invalid_path",
            Code::NotRunning => "not_running",
            Code::Unauthorized => "unauthorized",
            Code::PayloadTooLarge => "payload_too_large",
            Code::RateLimited => "rate_limited",
            Code::QueueFull => "queue_full",
            Code::Expired => "expired",
            Code::Rejected => "rejected",
            Code::Network => "network",
            Code::Timeout => "timeout",
            Code::Storage => "storage",
            Code::WasmUnavailable => "wasm_unavailable",
            Code::ConsentRefused => "consent_refused",
        }
    }

    /// Whose fault it is.
    pub const fn fault(self) -> Fault {
        match self {
            Code::InvalidArgument | Code::InvalidPath | Code::NotRunning | Code::QueueFull => {
                Fault::Caller
            }
            Code::Unauthorized | Code::PayloadTooLarge | Code::RateLimited | Code::Rejected => {
                Fault::Server
            }
            Code::Expired | Code::Network | Code::Timeout => Fault::Transport,
            Code::Storage | Code::WasmUnavailable | Code::ConsentRefused => Fault::Caller,
        }
    }
}

/// What a fallible call gives back instead of its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// A sentence that names the argument and the limit.
    pub message: String,
    /// The HTTP status, where an answer caused the error.
    pub status: Option<u16>,
}

impl Error {
    /// An error without an HTTP status.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Error { code, message: message.into(), status: None }
    }
}
