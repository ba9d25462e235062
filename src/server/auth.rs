//! API keys and what each may do.

use std::collections::BTreeMap;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Only collect.
    Write,
    /// Only read.
    Read,
    /// Everything.
    Admin,
}

impl Role {
    /// From the name in the options.
    pub fn parse(name: &str) -> Option<Role> {
        match name {
            "write" => Some(Role::Write),
            "read" => Some(Role::Read),
            "admin" => Some(Role::Admin),
            _ => None,
        }
    }
}

/// What a request wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Store events.
    Write,
    /// See events.
    Read,
    /// Drop streams.
    Admin,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// No key came with the request.
    Missing,
    /// A key that nobody gave out.
    Unknown,
    /// A key that may not do this.
    Forbidden,
}

/// The keys. Without any, everybody may do everything: for development.
#[derive(Debug, Clone, Default)]
pub struct Keys(Option<BTreeMap<String, Role>>);

impl Keys {
    /// These keys and no others.
    pub fn new(keys: BTreeMap<String, Role>) -> Self {
        Keys(Some(keys))
    }

    /// Whether this key has this right.
    pub fn check(&self, key: Option<&str>, right: Right) -> Result<(), Denied> {
        let Some(keys) = &self.0 else { return Ok(()) };
        let role = keys.get(key.ok_or(Denied::Missing)?).ok_or(Denied::Unknown)?;
        match (role, right) {
            (Role::Admin, _) | (Role::Write, Right::Write) | (Role::Read, Right::Read) => Ok(()),
            _ => Err(Denied::Forbidden),
        }
    }
}
