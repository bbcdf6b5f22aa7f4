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
mod tests {
	use super::*;
	use crate::units::{CRED, LCO};
	use proptest::{collection::vec, prelude::*};

	const GENESIS: H256 = H256::repeat_byte(7);

	fn books(revenue: Credits, cost: Credits, refunds: Credits) -> Books {
		Books { revenue: revenue * CRED, cost: cost * CRED, refunds: refunds * CRED }
	}

	fn slice(spent: Credits, bought: Balance) -> Slice {
		Slice { block: 5, spent: spent * CRED, bought: bought * LCO, burned: bought * LCO }
	}

	/// A week with a profit, one with a loss, and one that earns it.
	fn three() -> Vec<Receipt> {
		let first = Receipt::start(&Link::first(GENESIS), 10).close(books(1_000, 500, 0)).unwrap();
		let first = first.enter(slice(60, 40)).unwrap().enter(slice(30, 5)).unwrap();
		let second = Receipt::start(&Link::after(&first), 11).close(books(10, 5, 25)).unwrap();
		let third = Receipt::start(&Link::after(&second), 13).close(books(100, 30, 0)).unwrap();
		let third = third.enter(slice(20, 7)).unwrap();
		vec![first, second, third]
	}

	fn follow(receipts: &[Receipt]) -> Result<Link, &'static str> {
		receipts.iter().try_fold(Link::first(GENESIS), |link, receipt| link.follow(receipt))
	}

	#[test]
	fn a_week_is_the_sum_of_its_books_and_slices() {
		let receipts = three();
		let [first, second, third] = &receipts[..] else { panic!("there are three") };
		assert_eq!((first.profit, first.loss), (500 * CRED, 0));
		assert_eq!((first.burning, first.prizes), (100 * CRED, 10 * CRED));
		assert_eq!((first.spent, first.bought, first.burned), (90 * CRED, 45 * LCO, 45 * LCO));
		assert_eq!((first.average_price, first.left), (2 * CRED, 10 * CRED));
		assert_eq!((second.profit, second.loss), (0, 20 * CRED));
		assert_eq!((second.burning, second.carried, second.left), (0, 10 * CRED, 10 * CRED));
		assert_eq!((second.average_price, second.bought), (0, 0));
		assert_eq!((third.profit, third.loss, third.loss_before), (50 * CRED, 0, 20 * CRED));
		assert_eq!((third.carried, third.burning, third.left), (10 * CRED, 10 * CRED, 0));
	}

	#[test]
	fn no_more_is_spent_than_there_is_and_in_no_more_slices() {
		let link = Link { left: 2 * CRED, ..Link::first(GENESIS) };
		let receipt = Receipt::start(&link, 1);
		assert_eq!(receipt.clone().enter(slice(3, 1)), None);
		let free = slice(0, 0);
		let full = (0..MAX_SLICES).try_fold(receipt, |receipt, _| receipt.enter(free)).unwrap();
		assert_eq!(full.enter(free), None);
	}

	#[test]
	fn books_that_overflow_are_not_closed() {
		let start = || Receipt::start(&Link { loss: 1, left: 1, ..Link::first(GENESIS) }, 1);
		let most = Credits::MAX;
		assert_eq!(start().close(Books { cost: most, ..Books::default() }), None);
		assert!(start().close(Books { revenue: most, ..Books::default() }).is_some());
	}

	#[test]
	fn receipts_follow_each_other_from_the_genesis_on() {
		let receipts = three();
		let end = follow(&receipts).unwrap();
		assert_eq!((end.number, end.week, end.loss, end.left), (3, Some(13), 0, 0));
		assert_eq!(end.hash, receipts[2].hash());
		assert_eq!(receipts[0].previous, GENESIS);
		let gap = [receipts[0].clone(), receipts[2].clone()];
		assert_eq!(follow(&gap), Err("its number is not the next one"));
		let elsewhere = Link::first(H256::repeat_byte(8)).follow(&receipts[0]);
		assert_eq!(elsewhere, Err("it does not commit to the one before"));
	}

	#[test]
	fn every_lie_is_found() {
		type Lie = fn(&mut Receipt);
		let lies: [(Lie, &str); 14] = [
			(|it| it.number = 2, "its number is not the next one"),
			(|it| it.previous = GENESIS, "it does not commit to the one before"),
			(|it| it.week = 10, "its week is not a later one"),
			(|it| it.loss_before = 1, "it forgets a loss, or invents one"),
			(|it| it.books.revenue += CRED, "its loss is not what the books say"),
			(|it| it.profit = 1, "its profit is not what the books say"),
			(|it| it.burning = 1, "another share of the profit buys LCO"),
			(|it| it.prizes = 1, "another share of the profit is for prizes"),
			(|it| it.carried = 0, "it does not carry on what was left"),
			(|it| it.spent = 1, "its slices have spent something else"),
			(|it| it.bought = 1, "its slices have bought something else"),
			(|it| it.burned = 1, "its slices have burned something else"),
			(|it| it.average_price = 1, "its average price is another"),
			(|it| it.left = 0, "something else is left than was not spent"),
		];
		for (lie, flaw) in lies {
			let mut receipts = three();
			lie(&mut receipts[1]);
			assert_eq!(follow(&receipts), Err(flaw));
		}
	}

	#[test]
	fn slices_that_cannot_be_are_found() {
		let with = |slice: Slice| {
			let mut receipts = three();
			receipts[1].slices.try_push(slice).unwrap();
			follow(&receipts)
		};
		assert_eq!(with(slice(11, 1)), Err("its slices have spent more than there was"));
		assert_eq!(with(slice(10, 1)), Err("its slices have spent something else"));
		let mut receipts = three();
		let kept = Slice { burned: 6 * LCO, ..slice(1, 7) };
		receipts.truncate(2);
		receipts[1] = receipts[1].clone().enter(kept).unwrap();
		assert_eq!(follow(&receipts), Err("not all was burned"));
	}

	/// A block number and the slices' blocks are no sums: only the hash holds them.
	#[test]
	fn whatever_is_changed_changes_the_hash() {
		let changes: [fn(&mut Receipt); 3] = [
			|it| it.block = 6,
			|it| it.slices[0].block = 6,
			|it| <[Slice]>::swap(it.slices.as_mut(), 0, 1),
		];
		for change in changes {
			let mut receipts = three();
			change(&mut receipts[0]);
			assert_eq!(follow(&receipts), Err("it does not commit to the one before"));
		}
	}

	proptest! {
		#[test]
		fn honest_receipts_follow_and_nothing_is_lost(
			weeks in vec((0u128..1_000, 0u128..1_000, 0u128..100, vec((0u128..50, 0u128..9), 0..5)), 0..12),
		) {
			let mut link = Link::first(GENESIS);
			let (mut earned, mut set_aside, mut spent) = (0i128, 0, 0);
			for (week, (revenue, cost, refunds, slices)) in (1..).zip(weeks) {
				earned += (revenue - cost.min(revenue)) as i128 - refunds as i128;
				let books = books(revenue, cost.min(revenue), refunds);
				let mut receipt = Receipt::start(&link, week).close(books).unwrap();
				for (paid, bought) in slices {
					let entered = receipt.clone().enter(slice(paid, bought));
					prop_assert_eq!(entered.is_some(), paid * CRED <= receipt.left);
					receipt = entered.unwrap_or(receipt);
				}
				set_aside += receipt.burning;
				spent += receipt.spent;
				earned -= (receipt.profit / CRED) as i128;
				link = link.follow(&receipt).unwrap();
			}
			prop_assert_eq!(set_aside, spent + link.left);
			prop_assert_eq!(earned, -((link.loss / CRED) as i128));
		}
	}
}
