//! What became of each event that some page accepted, over all pages, and what may be lost.

use crate::network::EventId;
use crate::path::world::Path;
use std::fmt::{Display, Formatter};

/// Why an event is nowhere any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Its page ended before it was stored.
    Window,
    /// Its page ended, and could not store it.
    Storage,
    /// Its record was damaged.
    Damage,
    /// The power failed before it was flushed.
    Power,
    /// A page that went away handed it over, and nobody heard that the server did not get it.
    Unheard,
}

#[derive(Debug, Clone, Default)]
pub struct Story {
    pub accepted_at: u64,
    /// Requests that had it.
    pub sends: u32,
    /// Dead letters that had it.
    pub reports: u32,
    /// Pages that took it for delivered.
    pub settles: u32,
    pub lost: Option<Cause>,
}

/// What a schedule came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub steps: u64,
    pub events: u64,
    pub received: u64,
    pub reported: u64,
    /// By cause, in its order.
    pub lost: [u64; 5],
    pub network_faults: u64,
    pub disk_faults: u64,
    pub kills: u64,
    pub adopted: u64,
    pub freezes: u64,
    /// Schedules in which nothing may be sent twice.
    pub calm: u64,
    pub digest: u64,
}

impl Summary {
    pub fn add(&mut self, other: &Summary) {
        let sums = [
            (&mut self.steps, other.steps),
            (&mut self.events, other.events),
            (&mut self.received, other.received),
            (&mut self.reported, other.reported),
            (&mut self.network_faults, other.network_faults),
            (&mut self.disk_faults, other.disk_faults),
            (&mut self.kills, other.kills),
            (&mut self.adopted, other.adopted),
            (&mut self.freezes, other.freezes),
            (&mut self.calm, other.calm),
        ];
        let lost = self.lost.iter_mut().zip(other.lost);
        sums.into_iter().chain(lost).for_each(|(sum, count)| *sum += count);
    }
}

impl Display for Summary {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        let [window, storage, damage, power, unheard] = self.lost;
        write!(
            out,
            "{} of them calm, {} steps; faults: {} of the network, {} of the disk, {} kills; {} \
             freezes, {} adoptions; {} events: {} received, {} reported; lost: {window} in the \
             window, {storage} not stored, {damage} damaged, {power} with the power, {unheard} unheard",
            self.calm,
            self.steps,
            self.network_faults,
            self.disk_faults,
            self.kills,
            self.freezes,
            self.adopted,
            self.events,
            self.received,
            self.reported,
        )
    }
}

impl Path {
    pub fn loses(&mut self, id: EventId, cause: Cause, ready_at: u64) {
        let story = &mut self.stories[id];
        story.lost = Some(cause);
        // Without trouble it is stored as soon as those before it are.
        let longest = self.disk.wear.latency_ms_max * (self.disk.longest_queue as u64 + 2);
        let age = self.time.saturating_sub(story.accepted_at.max(ready_at));
        let is_bounded = cause != Cause::Window || age <= longest;
        assert!(is_bounded, "event {id} was lost {age} ms after it came, {longest} at most");
    }

    /// Every event is in exactly one place when all is over.
    pub fn ends_well(&mut self) {
        if self.disk.faults > 0 {
            self.is_forced("a record was not written, or damaged");
        }
        for (id, story) in self.stories.iter().enumerate() {
            self.summary.events += 1;
            if self.network.received.contains(&id) {
                self.summary.received += 1;
            } else if story.reports > 0 {
                self.summary.reported += 1;
            } else {
                let unheard = story.settles > 0 && self.network.refused.contains(&id);
                let damage = self.disk.damaged.contains(&id);
                let cause = story.lost.or(damage.then_some(Cause::Damage));
                let cause = cause.or(unheard.then_some(Cause::Unheard));
                let cause = cause.unwrap_or_else(|| panic!("event {id} is nowhere: {story:?}"));
                self.summary.lost[cause as usize] += 1;
            }
            if self.forced.is_none() {
                assert!(story.sends <= 1, "event {id} was sent {} times", story.sends);
                assert!(story.reports <= 1, "event {id} was reported twice");
                assert_eq!(story.lost, None, "event {id}");
            }
        }
        self.summary.calm = u64::from(self.forced.is_none());
    }
}
