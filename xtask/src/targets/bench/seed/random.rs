//! Numbers that look like chance and are the same at every call.

/// Marsaglia's xorshift of 64 bits.
pub struct Random(u64);

impl Random {
    /// Other numbers for each `seed`.
    pub fn new(seed: u64) -> Self {
        // Seeds that differ by little would begin with numbers that do, too;
        // and of zero nothing else would come.
        let mut mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        Self((mixed ^ mixed >> 32).max(1))
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // Its high half is the better one; it fits every `usize`.
        (self.0 >> 32) as usize % limit
    }
}
