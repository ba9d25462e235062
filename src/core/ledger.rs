//! The counts that always balance.

/// accepted = delivered + rejected + expired + dropped + pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Events taken in.
    pub accepted: u64,
    /// Acknowledged by the server.
    pub delivered: u64,
    /// Refused by the server for good.
    pub rejected: u64,
    /// Given up for their age or their attempts.
    pub expired: u64,
    /// Given up by the overflow policy.
    pub dropped: u64,
    /// Still held: counted from what is held, never from the other members.
    pub pending: u64,
}

impl Ledger {
    /// Whether each accepted event is in exactly one place.
    pub fn balances(&self) -> bool {
        let settled = [self.delivered, self.rejected, self.expired, self.dropped, self.pending];
        self.accepted == settled.iter().fold(0, |sum: u64, part| sum.saturating_add(*part))
    }
}
