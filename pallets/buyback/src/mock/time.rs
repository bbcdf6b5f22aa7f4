//! Time, and the blocks in which it passes.

use frame_support::{
	parameter_types,
	traits::{ConstU64, Hooks},
	weights::{Weight, WeightMeter},
};
use lx_math::calendar::{self, FRIDAY};
use lx_primitives::{
	traits::{Calendar, CalendarOf},
	Moment,
};

use super::*;

pub const BLOCK: Moment = 2_000;
pub const DAY: Moment = 120 * BLOCK;
/// A third of a day, like eight hours.
pub const WINDOW: Moment = DAY / 3;

/// When the chain starts: the first Monday of 1970, as its days pass.
pub const START: Moment = 4 * DAY;
/// The week that it starts in.
pub const WEEK: u32 = 1;
/// When the first Friday begins.
pub const FIRST_FRIDAY: Moment = 8 * DAY;

parameter_types! {
	pub static Now: Moment = START;
}

pub type Clock = CalendarOf<Now, ConstU64<DAY>>;

/// Makes a block `passed` ms after the last one: what the buyback has weighed in it.
pub fn block_after(passed: Moment) -> Weight {
	block_with(passed, Weight::MAX)
}

/// Makes a block in which the buyback may weigh so much.
pub fn block_with(passed: Moment, limit: Weight) -> Weight {
	Now::set(Now::get() + passed);
	System::set_block_number(System::block_number() + 1);
	Orderbook::on_poll(System::block_number(), &mut WeightMeter::new());
	let mut meter = WeightMeter::with_limit(limit);
	Buyback::on_poll(System::block_number(), &mut meter);
	meter.consumed()
}

/// Makes so many blocks.
pub fn blocks(count: u32) {
	for _ in 0..count {
		block_after(BLOCK);
	}
}

/// Makes a block at this moment.
pub fn block_at(moment: Moment) {
	block_after(moment - Now::get());
}

/// Makes the first block of the next Friday.
pub fn next_friday() {
	let tomorrow = Clock::day() + 1;
	let friday = (tomorrow..).find(|day| calendar::weekday(*day) == FRIDAY).unwrap();
	block_at(Moment::from(friday) * DAY);
}

/// Makes the first block of the next day.
pub fn next_day() {
	block_at(calendar::end(Clock::day(), DAY));
}
