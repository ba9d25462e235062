//! The statements. What differs between the dialects stands in braces; `?1` is the first parameter.
//! Tested on every engine by the contract that all stores keep.

use super::super::PAGE_MAX;
use super::super::remote::{DATE_LENGTH, Param, Walk, groups_json};
use super::{Dialect, number};
use std::borrow::Cow;

/// The last sequence.
pub const END: &str = "SELECT value FROM {t}_meta WHERE name = 'sequence'";

/// The same before FOLLOW. Until PostgreSQL has counted a table, it takes what follows for little,
/// and would sort all of it for each page.
pub const END_IN_ORDER: &str = "SELECT value{in_order} FROM {t}_meta WHERE name = 'sequence'";

/// Begins what writes: the next one waits until this one is done.
pub const LOCK: &str = "SELECT value FROM {t}_meta WHERE name = 'sequence'{for_update}";

/// `[[term, name], …]`
pub const INSERT_STREAMS: &str = "INSERT INTO {t}_streams (term, name) \
    SELECT CAST(v->>0 AS BIGINT), v->>1 FROM {rows} WHERE true ON CONFLICT (term) DO NOTHING";

/// `[[stream, id, date, flags, date text, id text, body, terms], …]`, the time, and since when an
/// id counts as seen. The first of an id is kept. The plus keeps SQLite from looking through the whole
/// stream for an id, when it could ask the index of ids.
pub const INSERT: &str = "WITH given AS (\
    SELECT k, CAST(v->>0 AS BIGINT) AS stream, CAST(v->>1 AS BIGINT) AS id_term, \
        CAST(v->>2 AS BIGINT) AS at, CAST(v->>3 AS BIGINT) AS flags, v->>4 AS place, v->>5 AS id, \
        v->>6 AS body, v->>7 AS terms FROM {rows}), \
    numbered AS (\
    SELECT given.*, row_number() OVER (PARTITION BY stream, id ORDER BY k) AS nth FROM given), \
    fresh AS (\
    SELECT n.*, (SELECT value FROM {t}_meta WHERE name = 'sequence') \
        + row_number() OVER (ORDER BY k) AS seq \
    FROM numbered n WHERE nth = 1 AND NOT EXISTS (SELECT 1 FROM {t} e WHERE e.id_term = n.id_term \
        AND +e.stream = n.stream AND e.id = n.id AND e.received >= CAST(?3 AS BIGINT))) \
    INSERT INTO {t} (seq, place, stream, at, received, flags, id_term, id, body, terms) \
    SELECT seq, place || substr(CAST(10000000000000 + seq AS TEXT), 2), stream, at, \
        CAST(?2 AS BIGINT), flags, id_term, id, body, terms FROM fresh";

/// The places of the events that were just inserted.
pub const INSERT_TERMS: &str = "INSERT INTO {t}_terms (term, place) \
    SELECT CAST(x.value AS BIGINT), e.place FROM {t} e, {each:e.terms} \
    WHERE e.seq > (SELECT value FROM {t}_meta WHERE name = 'sequence')";

/// Ends an insert.
pub const ADVANCE: &str = "UPDATE {t}_meta SET value = (SELECT max(seq) FROM {t}) \
    WHERE name = 'sequence' AND value < (SELECT max(seq) FROM {t})";

/// Tells other servers.
pub const NOTIFY: &str = "SELECT pg_notify('{name}', '')";

/// The names of all streams that have events.
pub const STREAMS: &str = "SELECT name FROM {t}_streams s \
    WHERE EXISTS (SELECT 1 FROM {t} e WHERE e.stream = s.term)";

/// Of one stream: how many, the earliest and the latest date.
pub const STREAM: &str = "SELECT (SELECT count(*) FROM {t}_terms WHERE term = CAST(?1 AS BIGINT)) \
    AS count, (SELECT CAST(at AS TEXT) FROM {t} WHERE seq = CAST(substr((SELECT min(place) FROM {t}_terms \
    WHERE term = CAST(?1 AS BIGINT)), {after_date}) AS BIGINT)) AS earliest, \
    (SELECT CAST(at AS TEXT) FROM {t} WHERE seq = CAST(substr((SELECT max(place) FROM {t}_terms \
    WHERE term = CAST(?1 AS BIGINT)), {after_date}) AS BIGINT)) AS latest";

/// One row when a stream has events.
pub const HAS_EVENTS: &str = "SELECT 1 AS one FROM {t} WHERE stream = CAST(?1 AS BIGINT) LIMIT 1";

/// Forgets the places of a stream's events,
pub const DROP_TERMS: &str = "DELETE FROM {t}_terms WHERE (term, place) IN (\
    SELECT CAST(x.value AS BIGINT), e.place FROM {t} e, {each:e.terms} \
    WHERE e.stream = CAST(?1 AS BIGINT))";

/// the events themselves,
pub const DROP_EVENTS: &str = "DELETE FROM {t} WHERE stream = CAST(?1 AS BIGINT)";

/// and the name.
pub const DROP_STREAM: &str = "DELETE FROM {t}_streams WHERE term = CAST(?1 AS BIGINT)";

/// One row when a stream is a bucket.
pub const HAS_BUCKET: &str = "SELECT 1 AS one FROM {t}_buckets WHERE stream = CAST(?1 AS TEXT)";

/// Forgets the bucket of a stream.
pub const DROP_BUCKET: &str = "DELETE FROM {t}_buckets WHERE stream = CAST(?1 AS TEXT)";

/// The stream of an owner's bucket: one of two.
pub const FIND_BUCKET: &str = "SELECT stream FROM {t}_buckets WHERE owner = CAST(?1 AS TEXT) \
    AND stream IN (CAST(?2 AS TEXT), CAST(?3 AS TEXT))";

/// Makes an owner's bucket, unless it is there: the first stream, or the second when the first is
/// another owner's.
pub const MAKE_BUCKET: &str = "INSERT INTO {t}_buckets (stream, owner, name) \
    SELECT CASE WHEN EXISTS (SELECT 1 FROM {t}_buckets WHERE stream = CAST(?2 AS TEXT)) \
    THEN CAST(?3 AS TEXT) ELSE CAST(?2 AS TEXT) END, CAST(?1 AS TEXT), CAST(?4 AS TEXT) \
    WHERE NOT EXISTS (SELECT 1 FROM {t}_buckets WHERE owner = CAST(?1 AS TEXT) \
    AND stream IN (CAST(?2 AS TEXT), CAST(?3 AS TEXT)))";

/// The sequence of an id. In several streams: the first, for too much is better than too little.
pub const LOCATE: &str = "SELECT min(seq) AS seq FROM {t} \
    WHERE id_term = CAST(?1 AS BIGINT) AND id = CAST(?2 AS TEXT)";

/// The sequence of an id in one stream. For the plus see INSERT.
pub const LOCATE_IN_STREAM: &str = "SELECT max(seq) AS seq FROM {t} \
    WHERE id_term = CAST(?1 AS BIGINT) AND id = CAST(?2 AS TEXT) AND +stream = CAST(?3 AS BIGINT)";

/// Events from a sequence on: at most so many, and about so many bytes.
pub const FOLLOW: &str = "SELECT seq, CAST(at AS TEXT) AS at, received, flags, id, body, terms FROM (\
    SELECT c.*, sum(length(body)) OVER (ORDER BY seq) AS running FROM (\
    SELECT * FROM {t} WHERE seq >= CAST(?1 AS BIGINT) ORDER BY seq LIMIT CAST(?2 AS BIGINT)) c) d \
    WHERE running - length(body) < CAST(?3 AS BIGINT) ORDER BY seq";

/// The same of one stream.
pub const FOLLOW_STREAM: &str = "SELECT seq, CAST(at AS TEXT) AS at, received, flags, id, body, terms FROM (\
    SELECT c.*, sum(length(body)) OVER (ORDER BY seq) AS running FROM (\
    SELECT * FROM {t} WHERE stream = CAST(?4 AS BIGINT) AND seq >= CAST(?1 AS BIGINT) \
    ORDER BY seq LIMIT CAST(?2 AS BIGINT)) c) d \
    WHERE running - length(body) < CAST(?3 AS BIGINT) ORDER BY seq";

/// Replaces what differs between the dialects.
#[derive(Debug, Clone)]
pub struct Texts {
    /// Which SQL is spoken.
    pub dialect: Dialect,
    table: String,
}

impl Texts {
    /// For tables of this name.
    pub fn new(dialect: Dialect, table: &str) -> Self {
        Texts { dialect, table: table.to_owned() }
    }

    /// A statement as this database reads it.
    pub fn of(&self, sql: &str) -> String {
        let is_sqlite = self.dialect == Dialect::Sqlite;
        let mut out = String::with_capacity(sql.len().saturating_add(64));
        let mut rest = sql;
        while let Some(at) = rest.find(['{', '?']) {
            let (plain, special) = rest.split_at(at);
            out.push_str(plain);
            if let Some(number) = special.strip_prefix('?') {
                out.push(if is_sqlite { '?' } else { '$' });
                rest = number;
                continue;
            }
            let (name, after) = special.split_once('}').unwrap_or((special, ""));
            let name = name.get(1..).unwrap_or_default();
            if name == "t" {
                // The whole name stands in quotes: a table may be called like a word of SQL.
                let end = after.find(|c: char| !c.is_ascii_lowercase() && c != '_');
                let (suffix, behind) = after.split_at(end.unwrap_or(after.len()));
                out.push_str(&["\"", &self.table, suffix, "\""].concat());
                rest = behind;
                continue;
            }
            out.push_str(&match name.split_once(':') {
                Some((_, list)) => self.each(list),
                None => self.word(name, is_sqlite).into(),
            });
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn word(&self, name: &str, is_sqlite: bool) -> &str {
        match (name, is_sqlite) {
            ("name", _) => &self.table,
            ("after_date", _) => AFTER_DATE,
            ("integer", true) => "INTEGER",
            ("integer", false) => "BIGINT",
            ("without_rowid", true) => " WITHOUT ROWID",
            ("collate", false) => " COLLATE \"C\"",
            ("for_update", false) => " FOR UPDATE",
            ("rows", true) => "(SELECT key AS k, value AS v FROM json_each(?1)) j",
            ("rows", false) => {
                "(SELECT k, v FROM json_array_elements(CAST($1 AS json)) \
                WITH ORDINALITY AS a (v, k)) j"
            }
            ("in_order", false) => ", set_config('enable_sort', 'off', true)",
            ("text", false) => "::text COLLATE \"C\"",
            _ => "",
        }
    }

    /// The elements of a JSON list as `x.value`.
    fn each(&self, list: &str) -> Cow<'static, str> {
        match (list, self.dialect) {
            (AT, Dialect::Sqlite) => "json_each(?1, '$[' || w.next || ']') x".into(),
            (AT, Dialect::Postgres) => {
                "json_array_elements_text(CAST($1 AS json) -> w.next) AS x (value)".into()
            }
            (list, Dialect::Sqlite) => ["json_each(", list, ") x"].concat().into(),
            (list, Dialect::Postgres) => {
                ["json_array_elements_text(CAST(", list, " AS json)) AS x (value)"].concat().into()
            }
        }
    }
}

/// The group of the walk's next step.
const AT: &str = "at";

/// Where the sequence begins in a place: `DATE_LENGTH` and one.
const AFTER_DATE: &str = "12";
const _: () = assert!(DATE_LENGTH == 11);

/// A page. One term alone is read off its list. Several are leapfrogged: each step goes from the
/// place where it is to the next of the next group's, and where all groups in a row have the same
/// place, there is an event. It stops when the page is full.
pub fn items(groups: &[Vec<i64>], walk: Walk) -> (Cow<'static, str>, Vec<Param>) {
    let up = matches!(walk, Walk::Up(_));
    let order = if up { "ASC" } else { "DESC" };
    let alone = match groups {
        [group] => match group.as_slice() {
            [term] => Some(*term),
            _ => None,
        },
        _ => None,
    };
    let (with, hits, hits_order, param) = match alone {
        Some(term) => {
            let hits = "{t}_terms WHERE term = CAST(?1 AS BIGINT)".to_owned();
            (String::new(), hits, format!("ORDER BY place {order}"), number(term))
        }
        None => {
            let (with, hits) = leapfrog(groups.len(), up);
            (with, hits, String::new(), Param::Text(groups_json(groups)))
        }
    };
    let (limit, offset) = match walk {
        Walk::Down(skip, take) => (take.to_string(), skip.to_string()),
        Walk::Up(take) => (take.to_string(), String::from("0")),
        Walk::Counted(start, end) => slice(&format!("(SELECT count(*) FROM {hits})"), start, end),
    };
    let sql = format!(
        "{with}SELECT e.body FROM (SELECT place FROM {hits} {hits_order} LIMIT {limit} \
        OFFSET {offset}) h JOIN {{t}} e ON e.seq = CAST(substr(h.place, {{after_date}}) AS BIGINT) \
        ORDER BY h.place {order}"
    );
    (sql.into(), vec![param])
}

/// The walk as a common table expression, and its hits.
fn leapfrog(groups: usize, up: bool) -> (String, String) {
    // Of the place where the walk stands: how many groups in a row have it.
    let streak = "CASE WHEN w.place = w.previous THEN w.streak + 1 ELSE 1 END";
    let (start, farthest, bound) = match up {
        true => ("''", "min", [">=", "w.place || '~'", "w.place"]),
        // No character of a place is above a tilde.
        false => ("'~'", "max", ["<", "w.place", "w.place || '~'"]),
    };
    let [than, past, at] = bound;
    let with = format!(
        "WITH RECURSIVE w (next, place, previous, streak) AS (\
        SELECT 0, {start}{{text}}, {start}{{text}}, -9 UNION ALL \
        SELECT (w.next + 1) % {groups}, (SELECT {farthest}((SELECT {farthest}(p.place) \
        FROM {{t}}_terms p WHERE p.term = CAST(x.value AS BIGINT) AND p.place {than} \
        CASE WHEN {streak} = {groups} THEN {past} ELSE {at} END)) FROM {{each:at}}), \
        w.place, {streak} FROM w WHERE w.place IS NOT NULL) "
    );
    (with, format!("w WHERE w.place IS NOT NULL AND {streak} = {groups}"))
}

/// A Python slice as LIMIT and OFFSET, of a list whose length is this expression.
fn slice(length: &str, start: i64, end: Option<i64>) -> (String, String) {
    let place = |index: i64| match index {
        0.. => index.to_string(),
        _ => {
            format!("(CASE WHEN {length} < {0} THEN 0 ELSE {length} - {0} END)", index.abs_diff(0))
        }
    };
    let start = place(start);
    let end = end.map_or_else(|| length.to_owned(), place);
    let limit = format!(
        "(CASE WHEN {end} <= {start} THEN 0 WHEN {end} - {start} > {PAGE_MAX} THEN {PAGE_MAX} \
        ELSE {end} - {start} END)"
    );
    (limit, start)
}
