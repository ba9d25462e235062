//! The tables.

use super::Dialect;

/// Of the tables' form. A store refuses tables of another one.
pub const VERSION: i64 = 1;

/// Remembers where this store's positions come from, unless that is known already.
pub const ORIGIN: &str = "INSERT INTO {t}_meta (name, value, content) \
    VALUES ('sequence', 0, NULL), ('version', 1, NULL), ('origin', 0, CAST(?1 AS TEXT)) \
    ON CONFLICT (name) DO NOTHING";

/// What is remembered.
pub const READ: &str = "SELECT name, value, content FROM {t}_meta";

const META: &str = "CREATE TABLE IF NOT EXISTS {t}_meta (\
    name TEXT PRIMARY KEY, value BIGINT NOT NULL, content TEXT)";

const STREAMS: &str = "CREATE TABLE IF NOT EXISTS {t}_streams (\
    term BIGINT PRIMARY KEY, name TEXT NOT NULL)";

const BUCKETS: &str = "CREATE TABLE IF NOT EXISTS {t}_buckets (\
    stream TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL)";

// In SQLite only INTEGER makes the sequence the row's own number.
const EVENTS: &str = "CREATE TABLE IF NOT EXISTS {t} (\
    seq {integer} PRIMARY KEY, place TEXT NOT NULL, stream BIGINT NOT NULL, at BIGINT NOT NULL, \
    received BIGINT NOT NULL, flags BIGINT NOT NULL, id_term BIGINT NOT NULL, id TEXT NOT NULL, \
    body TEXT NOT NULL, terms TEXT NOT NULL)";

const TERMS: &str = "CREATE TABLE IF NOT EXISTS {t}_terms (\
    term BIGINT NOT NULL, place TEXT{collate} NOT NULL, PRIMARY KEY (term, place)){without_rowid}";

const IDS: &str = "CREATE INDEX IF NOT EXISTS {t}_by_id ON {t} (id_term)";

const BY_STREAM: &str = "CREATE INDEX IF NOT EXISTS {t}_by_stream ON {t} (stream, seq)";

/// Two servers that make the same tables at once would trip over each other.
const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(hashtext('{name}'))";

/// What makes them.
pub fn statements(dialect: Dialect) -> Vec<&'static str> {
    let mut all = vec![META, STREAMS, BUCKETS, EVENTS, TERMS, IDS, BY_STREAM];
    if dialect == Dialect::Postgres {
        all.insert(0, ONE_AT_A_TIME);
    }
    all
}
