//! Seeded randomness (xoshiro128++, public domain, by Blackman and Vigna): jitter and event ids.
//! The seed comes from outside, so the same seed gives the same run.

/// A generator of random numbers; not for secrets.
#[derive(Debug, Clone)]
pub struct Rng {
    state: [u32; 4],
    /// Where the seed comes from, until the first number is asked for: some hosts give no
    /// entropy while a module loads.
    seed: Option<fn() -> [u32; 4]>,
}

impl Rng {
    /// A generator from 128 bits. All zeros would stay zero for ever, so that seed is replaced.
    pub fn new(seed: [u32; 4]) -> Self {
        Rng { state: if seed == [0; 4] { [1, 2, 3, 4] } else { seed }, seed: None }
    }

    /// A generator that asks for its seed when it gives its first number.
    pub fn seeded_by(seed: fn() -> [u32; 4]) -> Self {
        Rng { state: [0; 4], seed: Some(seed) }
    }

    /// The next 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        if let Some(seed) = self.seed.take() {
            *self = Rng::new(seed());
        }
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(7).wrapping_add(*a);
        let t = *b << 9;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= t;
        *d = d.rotate_left(11);
        result
    }

    /// A number from 0 to `limit`, both included.
    pub fn up_to(&mut self, limit: u32) -> u32 {
        let span = u64::from(limit).saturating_add(1);
        (u64::from(self.next_u32()).wrapping_mul(span) >> 32) as u32
    }

    /// A random UUID (version 4, RFC 9562) in its text form.
    pub fn uuid(&mut self) -> String {
        let mut out = String::with_capacity(36);
        for word in 0..4u8 {
            let mut bits = self.next_u32();
            if word == 1 {
                bits = (bits & 0xffff_0fff) | 0x4000;
            } else if word == 2 {
                bits = (bits & 0x3fff_ffff) | 0x8000_0000;
            }
            for nibble in 0..8u8 {
                // Hyphens stand before the nibbles 8, 12, 16 and 20.
                if matches!((word, nibble), (1 | 2, 0 | 4)) {
                    out.push('-');
                }
                let value = (bits >> 28) as u8;
                bits <<= 4;
                out.push(char::from(value.wrapping_add(if value < 10 { b'0' } else { b'a' - 10 })));
            }
        }
        out
    }
}
