//! A smaller and faster allocator than the default one: a list of free blocks for each of some
//! sizes. Blocks are neither joined nor cut, so memory is at most what every size once needed at
//! the same time, and a quarter more; queues have limits, and so do batches.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr::null_mut;

/// Four sizes for each power of two: 16, 20, 24, 28, 32, 40 …
const STEPS_LOG2: u32 = 2;
/// Growing a memory costs as much as some events, so it grows by at least this: 1 MiB.
const GROWTH_PAGES: usize = 16;
const PAGE: usize = 65_536;
/// Enough for any block of a 32-bit memory.
const SIZES: usize = 128;

struct Lists {
    /// The first free block of each size; each holds the address of the next.
    free: [Cell<*mut u8>; SIZES],
    /// What was never used yet.
    fresh: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: the module has one thread.
unsafe impl Sync for Lists {}

#[global_allocator]
static ALLOCATOR: Lists = Lists {
    free: [const { Cell::new(null_mut()) }; SIZES],
    fresh: Cell::new(0),
    end: Cell::new(0),
};

/// Which list, and how large its blocks are.
fn size_of(layout: Layout) -> (usize, usize) {
    let least = layout.size().max(16).wrapping_sub(1);
    let shift = least.ilog2().wrapping_sub(STEPS_LOG2);
    let steps = (least >> shift).wrapping_add(1);
    ((shift as usize).wrapping_mul(4).wrapping_add(steps), steps << shift)
}

// SAFETY: a block is in one list or handed out, never both; all are aligned to what Rust's own
// types need on a 32-bit machine, 8 bytes.
unsafe impl GlobalAlloc for Lists {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (list, size) = size_of(layout);
        let Some(first) = self.free.get(list) else { return null_mut() };
        let block = first.get();
        if !block.is_null() {
            // SAFETY: a free block begins with the next one's address.
            first.set(unsafe { *block.cast() });
            return block;
        }
        let size = size.wrapping_add(7) & !7;
        if size > self.end.get().wrapping_sub(self.fresh.get()) {
            let pages = size.div_ceil(PAGE).max(GROWTH_PAGES);
            let at = std::arch::wasm32::memory_grow(0, pages);
            if at == usize::MAX {
                return null_mut();
            }
            let at = at.wrapping_mul(PAGE);
            if at != self.end.get() {
                self.fresh.set(at);
            }
            self.end.set(at.wrapping_add(pages.wrapping_mul(PAGE)));
        }
        let at = self.fresh.get();
        self.fresh.set(at.wrapping_add(size));
        at as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(first) = self.free.get(size_of(layout).0) {
            // SAFETY: the block is free now, and has room for an address.
            unsafe { *block.cast() = first.get() };
            first.set(block);
        }
    }
}
