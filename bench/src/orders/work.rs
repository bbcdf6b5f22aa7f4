//! What fills the blocks that are measured.

use l_exchange_runtime::{RuntimeCall, RuntimeEvent};
use lx_matching::{Side, Tick};
use lx_primitives::trading::MarketId;
use pallet_orderbook::{MAX_BATCH, MAX_MATCHES};
use rand::{rngs::SmallRng, seq::SliceRandom, SeedableRng};
use sp_core::sr25519;
use sp_runtime::AccountId32;

use crate::{
	chain::most_in_block,
	trading::{
		batch, beside_quote, cancel, is_fill, is_operation, is_paid, is_transfer, open_market,
		place, remark, rest, resting, taking, transfer, MAKERS, MARKET, MIDDLE, PART_OF_BATCH,
	},
};

/// So many accounts transfer, place, cancel and take, by turns: more than do in a measurement's blocks, so
/// that none is in the node's memory because it just has. Makers come after them.
pub const CROWD: usize = 50_000;

/// So many open orders those have about whose orders are taken.
const ORDERS_EACH: u32 = 8;

/// What a call may weigh is no more than so many times what one of those weighs that are made here, since
/// a call pays for what it has done.
const PART: usize = 4;

/// Calls of one kind, with the place of who makes each, and what they leave.
pub struct Work {
	/// The calls, in order.
	pub calls: Vec<(usize, RuntimeCall)>,
	/// Whether an event says that what is measured was done once.
	pub is_done: fn(&RuntimeEvent) -> bool,
	/// How often each call does it.
	pub each: usize,
}

impl Default for Work {
	fn default() -> Self {
		Self { calls: Vec::new(), is_done: |_| false, each: 1 }
	}
}

impl Work {
	/// Transfers of LCO for a block, from one account on, each to one that has its turn much later.
	pub fn transfers(accounts: &[sr25519::Pair], first: usize) -> Self {
		let call = |number: usize| {
			let from = first + number;
			(from % CROWD, transfer(&accounts[(from + CROWD / 2) % CROWD]))
		};
		Self::of(call, is_transfer, 1, 1, 1)
	}

	/// Transactions that do nothing, for so many blocks.
	pub fn remarks(blocks: usize) -> Self {
		Self::of(|number| (number % CROWD, remark()), is_paid, 1, blocks, 1)
	}

	/// Orders that rest at prices that are there, for so many blocks.
	pub fn places(blocks: usize) -> Self {
		let call = |number: usize| {
			let order = beside_quote(number as u64, (number / CROWD) as u64);
			(number % CROWD, place(MARKET, order))
		};
		Self::of(call, is_operation, 1, blocks, PART)
	}

	/// Cancels of the first so many of [`Work::places`], in no order.
	pub fn cancels(placed: usize) -> Self {
		let mut numbers: Vec<_> = (0..placed).collect();
		numbers.shuffle(&mut SmallRng::seed_from_u64(1));
		let call = |number: usize| (number % CROWD, cancel((number / CROWD) as u64));
		let calls = numbers.into_iter().map(call).collect();
		Self { calls, is_done: is_operation, each: 1 }
	}

	/// Orders that take what is offered, for so many blocks.
	pub fn takes(offers: &Offers, blocks: usize) -> Self {
		let call = |number: usize| (number % CROWD, offers.take());
		Self::of(call, is_fill, offers.each as usize, blocks, PART)
	}

	/// Batches of makers, turn after turn, for so many blocks.
	pub fn batches(blocks: usize) -> Self {
		let call = |number: usize| (CROWD + number % MAKERS, batch(1 + (number / MAKERS) as u64));
		Self::of(call, is_operation, MAX_BATCH as usize, blocks, PART_OF_BATCH)
	}

	fn of(
		call: impl Fn(usize) -> (usize, RuntimeCall),
		is_done: fn(&RuntimeEvent) -> bool,
		each: usize,
		blocks: usize,
		part: usize,
	) -> Self {
		let (_, first) = call(0);
		let calls = (0..blocks * most_in_block(&first, part)).map(call).collect();
		Self { calls, is_done, each }
	}
}

/// Orders that are there to be taken: in a market of their own, each of another account than the ones
/// beside it.
pub struct Offers {
	/// The market.
	market: MarketId,
	/// How many of them one order takes.
	pub each: u32,
	/// How many are at one price.
	at_price: u32,
}

/// Taken one by one.
pub const SINGLE: Offers = Offers { market: 1, each: 1, at_price: 33 };

/// Taken by the price.
pub const QUEUE: Offers = Offers { market: 2, each: 33, at_price: 33 };

/// Taken over as many prices as one order may.
pub const SWEEP: Offers = Offers { market: 3, each: MAX_MATCHES, at_price: 1 };

impl Offers {
	/// How many accounts offer, so that all that is taken in so many blocks is there.
	pub fn sellers(blocks: usize) -> u32 {
		let offered =
			[SINGLE, QUEUE, SWEEP].iter().map(|offers| offers.number(blocks)).sum::<u32>();
		// No order may meet two of one account.
		offered / ORDERS_EACH + MAX_MATCHES
	}

	/// Opens the market and rests as many orders in it as are taken in so many blocks.
	pub fn rest(&self, sellers: &[AccountId32], blocks: usize) {
		assert_eq!(open_market(), self.market, "another market is open");
		for (number, seller) in (0..self.number(blocks)).zip(sellers.iter().cycle()) {
			let tick: Tick = MIDDLE + number / self.at_price;
			rest(seller, self.market, resting(Side::Ask, tick, None));
		}
	}

	fn take(&self) -> RuntimeCall {
		place(self.market, taking(self.each))
	}

	fn number(&self, blocks: usize) -> u32 {
		(blocks * most_in_block(&self.take(), PART)) as u32 * self.each
	}
}
