//! The end of a schedule: nothing goes wrong any more.

use crate::network::Weather;
use crate::path::disk::Wear;
use crate::path::tab::{Life, Tab};
use crate::path::world::Path;

impl Path {
    /// The world is well again: everything held is settled, and then nothing happens any more.
    pub fn heals(&mut self) {
        self.network.weather = Weather::FINE;
        self.disk.wear = Wear { latency_ms_max: 5, ..Wear::default() };
        self.network.body_bytes_max = usize::MAX;
        (self.poison, self.padding_max) = (0, 5);
        self.is_orderly = false;
        for page in 0..self.tabs.len() {
            match self.tabs[page].life {
                Life::Frozen => self.thaws(page),
                Life::Seen | Life::Hidden => self.shows(page),
                Life::Gone => {}
            }
        }
        if self.some(Tab::runs).is_none() {
            self.opens();
        }
        // What was left waits for a word about anything: each page gets one.
        for _ in 0..3 {
            self.drains();
            // Whoever could not write tries again no sooner.
            self.time += 120_000;
            for page in 0..self.tabs.len() {
                if self.tabs[page].runs() {
                    self.shows(page);
                    self.offers(page);
                }
            }
        }
        self.drains();
        for (page, tab) in self.tabs.iter().enumerate().filter(|(_, tab)| !tab.is_gone()) {
            let held: Vec<_> = tab.model.all_held.iter().map(|e| &tab.model.events[e]).collect();
            assert!(held.is_empty(), "page {page} still holds {held:?}");
            assert_eq!(tab.sleep.0, None, "page {page} wants to be woken for nothing");
        }
        let stored: Vec<usize> = self.disk.stored().iter().map(|entry| entry.id).collect();
        assert!(
            stored.is_empty(),
            "stored, but held by nobody: {stored:?} in {:?}",
            self.disk.logs.keys()
        );
        assert!(self.disk.faults > 0 || self.disk.logs.is_empty(), "{:?}", self.disk.logs);
        self.ends_well();
    }

    fn drains(&mut self) {
        // An hour of `Retry-After`, a minute of backoff, and the clock's jumps.
        let latest = self.time + 3 * 3_600_000;
        let mut rounds = 0;
        while self.goes_on(latest) {
            rounds += 1;
            assert!(rounds < 20_000, "it never comes to rest");
        }
    }
}
