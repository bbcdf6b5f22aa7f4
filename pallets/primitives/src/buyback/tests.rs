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
	let entered = |slice: Slice| {
		let mut receipts = three();
		receipts[1] = receipts[1].clone().enter(slice).unwrap();
		follow(&receipts[..2]).map(|end| end.left)
	};
	assert_eq!(entered(slice(1, 7)), Ok(9 * CRED));
	assert_eq!(entered(Slice { burned: 6 * LCO, ..slice(1, 7) }), Err("not all was burned"));
	for nothing in [slice(1, 0), slice(0, 1)] {
		assert_eq!(entered(nothing), Err("a slice is no purchase"));
	}
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
		weeks in vec((0u128..1_000, 0u128..1_000, 0u128..100, vec((1u128..50, 1u128..9), 0..5)), 0..12),
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
