//! The receipts of the weekly buyback, each of which commits to the one before.
//!
//! Whoever has them all checks the whole chain of them with [`Link::follow`], as the pallet does.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use lx_math::buyback;
use scale_info::TypeInfo;
use sp_core::{ConstU32, H256};
use sp_io::hashing::blake2_256;
use sp_runtime::BoundedVec;

use crate::units::{Balance, Credits};

/// The most slices of one Friday.
pub const MAX_SLICES: u32 = 100;

/// What the platform has earned and paid since its books were closed last.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Books {
	/// µCRED that final batches have charged.
	pub revenue: Credits,
	/// µCRED of it that are owed to providers.
	pub cost: Credits,
	/// µCRED that the platform has given back to users.
	pub refunds: Credits,
}

/// A purchase on a Friday, and what was burned after it.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Slice {
	/// The block in which it was.
	pub block: u32,
	/// µCRED that were paid.
	pub spent: Credits,
	/// Planck that were received.
	pub bought: Balance,
	/// Planck that were burned: what was received, and what somebody had sent to the burn address.
	pub burned: Balance,
}

/// What a week's buyback was.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Receipt {
	/// Contiguous from 0.
	pub number: u32,
	/// The hash of the receipt before this one; of the first, the hash of the chain's genesis block.
	pub previous: H256,
	/// The week that it is of.
	pub week: u32,
	/// What was closed on its Friday.
	pub books: Books,
	/// µCRED of loss that earlier weeks have left.
	pub loss_before: Credits,
	/// µCRED that were earned beyond all that.
	pub profit: Credits,
	/// µCRED of loss that are left to later weeks.
	pub loss: Credits,
	/// µCRED of the profit that are for buying LCO.
	pub burning: Credits,
	/// µCRED of the profit that are for prizes.
	pub prizes: Credits,
	/// µCRED for buying that earlier weeks have left.
	pub carried: Credits,
	/// The purchases, in order.
	pub slices: BoundedVec<Slice, ConstU32<MAX_SLICES>>,
	/// µCRED that they have cost.
	pub spent: Credits,
	/// Planck that they have brought.
	pub bought: Balance,
	/// µCRED that one LCO has cost, rounded down; 0 if nothing was bought.
	pub average_price: Credits,
	/// Planck that were burned.
	pub burned: Balance,
	/// µCRED for buying that are left to later weeks.
	pub left: Credits,
	/// The block in which it was written; 0 before that.
	pub block: u32,
}

/// How far the receipts have got: what the next one goes on from.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Link {
	/// The number of the next receipt, and how many there are.
	pub number: u32,
	/// The hash of the last one; before the first, of the chain's genesis block.
	pub hash: H256,
	/// The week of the last one.
	pub week: Option<u32>,
	/// µCRED of loss that it has left.
	pub loss: Credits,
	/// µCRED for buying that it has left.
	pub left: Credits,
}

impl Receipt {
	/// The receipt of a week in which nothing has happened yet.
	pub fn start(link: &Link, week: u32) -> Self {
		Self {
			number: link.number,
			previous: link.hash,
			week,
			books: Books::default(),
			loss_before: link.loss,
			profit: 0,
			loss: link.loss,
			burning: 0,
			prizes: 0,
			carried: link.left,
			slices: BoundedVec::new(),
			spent: 0,
			bought: 0,
			average_price: 0,
			burned: 0,
			left: link.left,
			block: 0,
		}
	}

	/// The same week with its books closed. `None` on overflow.
	pub fn close(self, books: Books) -> Option<Self> {
		let Books { revenue, cost, refunds } = books;
		let (profit, loss) = buyback::result(revenue, cost, refunds, self.loss_before)?;
		let (burning, prizes) = (buyback::burning(profit), buyback::prizes(profit));
		let left = self.left.checked_add(burning)?;
		Some(Self { books, profit, loss, burning, prizes, left, ..self })
	}

	/// The same week with one more purchase. `None` if there is neither room nor money for it.
	pub fn enter(mut self, slice: Slice) -> Option<Self> {
		self.slices.try_push(slice).ok()?;
		let spent = self.spent.checked_add(slice.spent)?;
		let bought = self.bought.checked_add(slice.bought)?;
		let burned = self.burned.checked_add(slice.burned)?;
		let left = self.left.checked_sub(slice.spent)?;
		let average_price = buyback::price(spent, bought);
		Some(Self { spent, bought, burned, left, average_price, ..self })
	}

	/// What the next receipt commits to: this one, and through it all that were before.
	pub fn hash(&self) -> H256 {
		H256((b"lx/buyback", self).using_encoded(blake2_256))
	}

	/// Checks that what it says follows from its books, its slices and what was left before it.
	fn check(&self, link: &Link) -> Result<(), &'static str> {
		let closed = Self::start(link, self.week).close(self.books);
		let entered = self.slices.iter().try_fold(closed.ok_or("its books overflow")?, enter);
		let expected = Self { block: self.block, ..entered? };
		ensure(self.loss_before == expected.loss_before, "it forgets a loss, or invents one")?;
		ensure(self.profit == expected.profit, "its profit is not what the books say")?;
		ensure(self.loss == expected.loss, "its loss is not what the books say")?;
		ensure(self.burning == expected.burning, "another share of the profit buys LCO")?;
		ensure(self.prizes == expected.prizes, "another share of the profit is for prizes")?;
		ensure(self.carried == expected.carried, "it does not carry on what was left")?;
		ensure(self.spent == expected.spent, "its slices have spent something else")?;
		ensure(self.bought == expected.bought, "its slices have bought something else")?;
		ensure(self.burned == expected.burned, "its slices have burned something else")?;
		ensure(self.average_price == expected.average_price, "its average price is another")?;
		ensure(self.left == expected.left, "something else is left than was not spent")?;
		let has_bought = |one: &Slice| one.spent > 0 && one.bought > 0;
		ensure(self.slices.iter().all(has_bought), "a slice is no purchase")?;
		ensure(self.slices.iter().all(|one| one.burned >= one.bought), "not all was burned")
	}
}

fn ensure(holds: bool, flaw: &'static str) -> Result<(), &'static str> {
	if holds {
		Ok(())
	} else {
		Err(flaw)
	}
}

fn enter(receipt: Receipt, slice: &Slice) -> Result<Receipt, &'static str> {
	receipt.enter(*slice).ok_or("its slices have spent more than there was")
}

impl Link {
	/// What the first receipt of a chain goes on from.
	pub fn first(genesis: H256) -> Self {
		Self { number: 0, hash: genesis, week: None, loss: 0, left: 0 }
	}

	/// What the receipt after this one goes on from.
	pub fn after(receipt: &Receipt) -> Self {
		Self {
			number: receipt.number.saturating_add(1),
			hash: receipt.hash(),
			week: Some(receipt.week),
			loss: receipt.loss,
			left: receipt.left,
		}
	}

	/// What comes after the next receipt, if this is it; or what is wrong with it.
	pub fn follow(&self, receipt: &Receipt) -> Result<Self, &'static str> {
		ensure(receipt.number == self.number, "its number is not the next one")?;
		ensure(receipt.previous == self.hash, "it does not commit to the one before")?;
		ensure(self.week < Some(receipt.week), "its week is not a later one")?;
		receipt.check(self)?;
		Ok(Self::after(receipt))
	}
}

#[cfg(test)]
mod tests;
