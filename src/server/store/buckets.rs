//! Initial State's buckets: whose they are and which stream they fill.

use super::Outcome;
use std::collections::BTreeMap;

/// A bucket that is looked for, or made. Several owners may have buckets of the same key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Whose: a hash of the access key, never the key itself.
    pub owner: String,
    /// The bucket's key. It has no colon.
    pub key: String,
    /// The name it gets when it is made; none: it is only looked for.
    pub name: Option<String>,
}

impl Bucket {
    /// The stream of a bucket whose key is another owner's already. No key can be like it, because
    /// keys have no colon; it is the same on every server.
    pub fn second_stream(&self) -> String {
        let hash = md5::compute(&self.owner).0;
        let mut stream = [&self.key, ":"].concat();
        for nibble in hash.iter().take(4).flat_map(|byte| [byte >> 4, byte & 15]) {
            stream.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        stream
    }

    fn size(&self) -> usize {
        const BUCKET_BYTES: usize = 256;
        let name = self.name.as_ref().map_or(0, String::len);
        let texts = self.key.len().saturating_mul(2).saturating_add(self.owner.len());
        texts.saturating_add(name).saturating_add(BUCKET_BYTES)
    }
}

/// The memory store's.
#[derive(Debug, Default)]
pub struct Buckets {
    /// By stream.
    buckets: BTreeMap<String, Bucket>,
    bytes: usize,
}

impl Buckets {
    /// Finds or makes a bucket, for which there is so much room.
    pub fn run(&mut self, bucket: Bucket, room: usize) -> Outcome {
        let found = self.find(&bucket);
        if found.is_some() || bucket.name.is_none() {
            return Outcome::Bucket { created: false, stream: found };
        }
        if bucket.size() > room {
            return Outcome::Full;
        }
        Outcome::Bucket { created: true, stream: Some(self.make(bucket)) }
    }

    /// About how much memory they take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn find(&self, wanted: &Bucket) -> Option<String> {
        let streams = [wanted.key.clone(), wanted.second_stream()];
        let is_it =
            |stream: &String| self.buckets.get(stream).is_some_and(|it| it.owner == wanted.owner);
        streams.into_iter().find(is_it)
    }

    fn make(&mut self, bucket: Bucket) -> String {
        let stream = match self.buckets.contains_key(&bucket.key) {
            true => bucket.second_stream(),
            false => bucket.key.clone(),
        };
        self.bytes = self.bytes.saturating_add(bucket.size());
        self.buckets.insert(stream.clone(), bucket);
        stream
    }

    /// Forgets the bucket of a stream; whether there was one.
    pub fn forget(&mut self, stream: &str) -> bool {
        let bucket = self.buckets.remove(stream);
        self.bytes = self.bytes.saturating_sub(bucket.as_ref().map_or(0, Bucket::size));
        bucket.is_some()
    }
}
