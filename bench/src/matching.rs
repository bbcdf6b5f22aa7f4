//! `lx-bench matching`: the engine alone, over a book in memory.

use std::{
	convert::Infallible,
	time::{Duration, Instant},
};

use lx_matching::{
	amend, cancel, memory::Memory, place, CancelReason, Change, Context, NewOrder, Place, Report,
	SelfTrade, Side, Tick, TimeInForce,
};
use rand::{rngs::SmallRng, Rng, SeedableRng};
use sc_cli::Result;

/// Measures the engine over a book in memory, and prints a table.
#[derive(Debug, clap::Parser)]
pub struct MatchingCmd {
	/// Orders that rest.
	#[arg(long, default_value_t = 100_000)]
	resting: u32,

	/// Operations of the mix.
	#[arg(long, default_value_t = 5_000_000)]
	operations: u32,

	/// How often each measurement is taken; the median is printed.
	#[arg(long, default_value_t = 5)]
	repeat: usize,
}

/// The middle of the book, and how far orders lie from it at most.
const MIDDLE: Tick = 1_000_000;
const SPREAD: Tick = 500;

/// So many accounts trade.
const OWNERS: u32 = 10_000;

/// Of a hundred operations, so many take, and so many amend; the others place and cancel by turns.
const TAKES: u32 = 6;
const AMENDS: u32 = 6;

const CONTEXT: Context = Context { now: 1, max_matches: None };

impl MatchingCmd {
	/// Measures, and prints a table.
	pub fn run(self) -> Result<()> {
		println!("| engine, in memory | number | ms | ns each |");
		println!("|---|---|---|---|");
		let Self { resting, operations, repeat } = self;
		let mixed = || Desk::mixed(resting).map(|mut desk| desk.mix(operations));
		print(&format!("placing, cancelling, amending, taking; {resting} rest"), operations, {
			median(repeat, mixed)?
		});
		for size in [resting / 10, resting] {
			let sweep = || Desk::levels(size).map(|mut desk| desk.sweep());
			print("fills of one sweep, each at a price of its own", size, median(repeat, sweep)?);
			let queue = || Desk::queue(size).map(|mut desk| desk.sweep());
			print("fills of one sweep, all at one price", size, median(repeat, queue)?);
			let cancels = || Desk::queue(size).map(|mut desk| desk.cancel_all());
			print("cancels within one price, in no order", size, median(repeat, cancels)?);
		}
		Ok(())
	}
}

fn print(what: &str, number: u32, took: Duration) {
	let each = took.as_secs_f64() * 1e9 / f64::from(number);
	println!("| {what} | {number} | {:.0} | {each:.0} |", took.as_secs_f64() * 1e3);
}

fn median(repeat: usize, measure: impl Fn() -> Result<Duration>) -> Result<Duration> {
	let mut times = (0..repeat.max(1)).map(|_| measure()).collect::<Result<Vec<_>>>()?;
	times.sort();
	Ok(times[times.len() / 2])
}

/// A book, and the places of its orders as their owners know them.
struct Desk {
	book: Memory<u32>,
	places: Vec<Place>,
	random: SmallRng,
}

impl Desk {
	fn new() -> Self {
		Self { book: Memory::default(), places: Vec::new(), random: SmallRng::seed_from_u64(1) }
	}

	/// Orders around the middle.
	fn mixed(resting: u32) -> Result<Self> {
		let mut desk = Self::new();
		while desk.places.len() < resting as usize {
			let order = desk.order(TimeInForce::PostOnly);
			desk.place(order)?;
		}
		Ok(desk)
	}

	/// Each at a price of its own.
	fn levels(size: u32) -> Result<Self> {
		let mut desk = Self::new();
		for tick in MIDDLE..MIDDLE + size {
			desk.place(ask(tick))?;
		}
		Ok(desk)
	}

	/// All at one price.
	fn queue(size: u32) -> Result<Self> {
		let mut desk = Self::new();
		for _ in 0..size {
			desk.place(ask(MIDDLE))?;
		}
		Ok(desk)
	}

	fn place(&mut self, order: NewOrder<u32>) -> Result<()> {
		let placed = place(&mut self.book, order, CONTEXT, &mut ignore);
		self.places.extend(placed.map_err(|failure| format!("{failure:?}"))?.rested);
		Ok(())
	}

	/// An order near the middle, more often nearer.
	fn order(&mut self, time_in_force: TimeInForce) -> NewOrder<u32> {
		let random = &mut self.random;
		let distance = 1 + random.random_range(0..SPREAD).min(random.random_range(0..SPREAD));
		let (side, tick) = match random.random() {
			true => (Side::Bid, MIDDLE - distance),
			false => (Side::Ask, MIDDLE + distance),
		};
		NewOrder {
			owner: random.random_range(0..OWNERS),
			side,
			tick,
			lots: random.random_range(1..=100),
			time_in_force,
			self_trade: SelfTrade::CancelMaker,
			reduce_only: false,
		}
	}

	/// Operations as makers and takers send them; the number that rest stays about the same.
	fn mix(&mut self, operations: u32) -> Duration {
		let (resting, began) = (self.places.len(), Instant::now());
		for _ in 0..operations {
			match self.random.random_range(0..100) {
				choice if choice < TAKES => self.take(),
				choice if choice < TAKES + AMENDS => self.amend(),
				_ if self.places.len() < resting => {
					let order = self.order(TimeInForce::PostOnly);
					let placed = place(&mut self.book, order, CONTEXT, &mut ignore);
					self.places.extend(placed.ok().and_then(|placed| placed.rested));
				},
				_ => self.cancel(),
			}
		}
		began.elapsed()
	}

	fn take(&mut self) {
		let order = self.order(TimeInForce::ImmediateOrCancel);
		let tick = match order.side {
			Side::Bid => MIDDLE + SPREAD,
			Side::Ask => MIDDLE - SPREAD,
		};
		// What cannot be filled is gone, and that is no failure.
		let _ = place(&mut self.book, NewOrder { tick, ..order }, CONTEXT, &mut ignore);
	}

	/// Amends one at its price; one that was filled meanwhile is forgotten.
	fn amend(&mut self) {
		let index = self.random.random_range(0..self.places.len());
		let Place { tick, .. } = self.places[index];
		let (time_in_force, self_trade) = (TimeInForce::PostOnly, SelfTrade::CancelMaker);
		let lots = self.random.random_range(1..=100);
		let change = Change { tick, lots, time_in_force, self_trade };
		let amended = amend(&mut self.book, self.places[index], change, CONTEXT, &mut ignore);
		if let Some(place) = amended.ok().and_then(|placed| placed.rested) {
			self.places[index] = place;
		}
	}

	/// Cancels one, after those that were filled meanwhile.
	fn cancel(&mut self) {
		while !self.places.is_empty() {
			let index = self.random.random_range(0..self.places.len());
			let place = self.places.swap_remove(index);
			if cancel(&mut self.book, place, CancelReason::Requested, &mut ignore).is_ok() {
				return;
			}
		}
	}

	/// One order takes all asks.
	fn sweep(&mut self) -> Duration {
		let lots = self.places.len() as u64;
		let side = Side::Bid;
		let tick = lx_matching::TICKS - 1;
		let time_in_force = TimeInForce::ImmediateOrCancel;
		let order = NewOrder { owner: OWNERS, side, tick, lots, time_in_force, ..ask(tick) };
		let began = Instant::now();
		let filled = place(&mut self.book, order, CONTEXT, &mut ignore).map(|placed| placed.filled);
		let took = began.elapsed();
		assert_eq!(filled, Ok(lots), "not all was taken");
		took
	}

	fn cancel_all(&mut self) -> Duration {
		let began = Instant::now();
		while !self.places.is_empty() {
			self.cancel();
		}
		began.elapsed()
	}
}

fn ask(tick: Tick) -> NewOrder<u32> {
	NewOrder {
		owner: 0,
		side: Side::Ask,
		tick,
		lots: 1,
		time_in_force: TimeInForce::GoodTilCancelled,
		self_trade: SelfTrade::CancelMaker,
		reduce_only: false,
	}
}

/// Measures the engine alone, without anybody who listens.
fn ignore(_: Report<u32>) -> std::result::Result<(), Infallible> {
	Ok(())
}
