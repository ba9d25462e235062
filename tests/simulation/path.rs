//! The whole path: pages, what outlives them, the network and the server.

#[path = "path/book.rs"]
pub mod book;
#[path = "path/disk.rs"]
pub mod disk;
#[path = "path/heal.rs"]
mod heal;
#[path = "path/life.rs"]
mod life;
#[path = "path/log.rs"]
mod log;
#[path = "path/story.rs"]
pub mod story;
#[path = "path/tab.rs"]
mod tab;
#[path = "path/world.rs"]
pub mod world;
