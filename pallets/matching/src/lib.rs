#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod bits;
mod book;
#[cfg(feature = "std")]
pub mod desk;
mod engine;
mod failure;
mod fillable;
mod index;
mod invariants;
#[cfg(feature = "std")]
pub mod memory;
mod queue;
#[cfg(feature = "std")]
pub mod replay;
mod taker;
mod types;
mod walk;

pub use bits::Bits;
pub use book::{Book, Level, Node, Orders, Page, PAGE_SIZE};
pub use engine::{amend, cancel, find, place, Change, Context, Outcome, Placed};
pub use failure::{Corrupt, Failure};
pub use invariants::{check, check_side, Checked};
pub use types::*;
pub use walk::{depth, orders_at};
