//! What the receipts of the buyback say, and what of it the chain bears out.

use std::collections::BTreeMap;

use lx_primitives::buyback::{Link, Receipt};
use sp_core::H256;

use crate::{amount::Unit, chain::buyback::Told, evidence::Check, output::count};

/// What the chain knows that concerns the buyback.
#[derive(Clone, Debug)]
pub struct OnChain {
	/// The chain.
	pub genesis: H256,
	/// What its next receipt goes on from; `None` before the first.
	pub head: Option<Link>,
	/// The receipt that is being written.
	pub under_way: Option<Receipt>,
	/// µCRED that the fund holds which buys LCO.
	pub fund: u128,
	/// Planck that were mined and exist no more.
	pub burned: u128,
	/// The number of the block at which all this was read.
	pub at: u64,
}

/// Checks all receipts of a chain, in order. What comes after the first that is wrong is not looked at.
pub fn check(receipts: &[Receipt], chain: &OnChain) -> Vec<Check> {
	let first = Link::first(chain.genesis);
	let followed = receipts.iter().try_fold(first, |link, receipt| {
		link.follow(receipt).map_err(|flaw| (receipt.number, flaw))
	});
	let link = match followed {
		Ok(link) => link,
		Err((number, flaw)) => return vec![Check::new(false, format!("receipt {number}: {flaw}"))],
	};
	let mut checks = vec![
		Check::new(
			true,
			format!(
				"each receipt commits to the one before, the first to the genesis: {} in all",
				receipts.len()
			),
		),
		Check::new(
			true,
			"each says what follows from its books and slices, and burned all it bought",
		),
		Check::new(
			link == chain.head.unwrap_or(first),
			format!("the chain goes on from the last of them, {:?}", link.hash),
		),
	];
	let mut left = link.left;
	if let Some(receipt) = &chain.under_way {
		let goes_on = link.follow(receipt);
		checks.push(Check::new(goes_on.is_ok(), "so does the Friday that is under way"));
		left = receipt.left;
	}
	checks.push(check_order(receipts, chain));
	checks.extend(check_money(receipts, chain, left));
	checks
}

/// Checks that each purchase, and each receipt, came in a block after the one before, and that there is such
/// a block: events could not bear out what is said of one that nobody will ever make.
fn check_order(receipts: &[Receipt], chain: &OnChain) -> Check {
	let of_slices =
		|receipt: &Receipt| receipt.slices.iter().map(|slice| slice.block).collect::<Vec<_>>();
	let written =
		receipts.iter().flat_map(|receipt| [of_slices(receipt), vec![receipt.block]].concat());
	let blocks: Vec<_> = written.chain(chain.under_way.iter().flat_map(of_slices)).collect();
	let is_past = blocks.last().is_none_or(|last| u64::from(*last) <= chain.at);
	let holds = is_past && blocks.is_sorted_by(|one, next| one < next);
	Check::new(holds, "the blocks that they name follow each other, and are made")
}

/// Checks what is left and what is gone.
fn check_money(receipts: &[Receipt], chain: &OnChain, left: u128) -> [Check; 2] {
	let all = receipts.iter().chain(&chain.under_way);
	let burned = all.fold(0u128, |sum, receipt| sum.saturating_add(receipt.burned));
	let (held, gone) = (Unit::Cred.of(chain.fund), Unit::Lco.of(chain.burned));
	[
		Check::new(
			chain.fund >= left,
			format!("the fund holds the {} that are left to spend: {held}", Unit::Cred.of(left)),
		),
		Check::new(
			chain.burned >= burned,
			format!(
				"the {} that they burned are gone: {gone} that were mined are",
				Unit::Lco.of(burned)
			),
		),
	]
}

/// What the events of each block that receipts name should say.
pub fn expected(receipts: &[Receipt]) -> BTreeMap<u32, Told> {
	let mut blocks = BTreeMap::<u32, Told>::new();
	for receipt in receipts {
		for slice in &receipt.slices {
			let told = blocks.entry(slice.block).or_default();
			told.slices.push([slice.spent, slice.bought, slice.burned]);
		}
		let told = blocks.entry(receipt.block).or_default();
		told.receipts.push((receipt.number, receipt.hash()));
	}
	blocks
}

/// Checks what the events of blocks do say: of those that the node keeps.
pub fn check_blocks(expected: &BTreeMap<u32, Told>, told: &BTreeMap<u32, Told>) -> Vec<Check> {
	let kept = expected.iter().filter_map(|(block, said)| Some((block, said, told.get(block)?)));
	let wrong: Vec<Check> = kept
		.filter(|(_, said, told)| said != told)
		.map(|(block, ..)| Check::new(false, format!("the events of block {block} say the same")))
		.collect();
	if wrong.is_empty() && !told.is_empty() {
		let blocks = count(told.len(), "block", "blocks");
		let what = format!("the events of {blocks} say the same");
		return vec![Check::new(true, what)];
	}
	wrong
}

#[cfg(test)]
mod tests {
	use super::*;
	use lx_primitives::{
		buyback::{Books, Slice},
		units::{CRED, LCO},
	};

	const GENESIS: H256 = H256::repeat_byte(7);

	/// A week that has bought LCO, and one without a call.
	fn two() -> Vec<Receipt> {
		let books = Books { revenue: 100 * CRED, ..Books::default() };
		let slice = |block| Slice { block, spent: 8 * CRED, bought: 4 * LCO, burned: 4 * LCO };
		let first = Receipt::start(&Link::first(GENESIS), 5).close(books).unwrap();
		let first = first.enter(slice(11)).unwrap().enter(slice(12)).unwrap();
		let first = Receipt { block: 20, ..first };
		let second = Receipt { block: 40, ..Receipt::start(&Link::after(&first), 6) };
		vec![first, second]
	}

	fn chain(receipts: &[Receipt]) -> OnChain {
		let head = receipts.last().map(Link::after);
		let (fund, burned) = (4 * CRED, 8 * LCO);
		OnChain { genesis: GENESIS, head, under_way: None, fund, burned, at: 50 }
	}

	fn failed(checks: &[Check]) -> Vec<&str> {
		checks.iter().filter(|check| !check.holds).map(|check| &*check.what).collect()
	}

	#[test]
	fn whole_receipts_pass() {
		let receipts = two();
		let checks = check(&receipts, &chain(&receipts));
		assert_eq!((checks.len(), failed(&checks).len()), (6, 0));
		let none = check(&[], &OnChain { fund: 0, burned: 0, ..chain(&[]) });
		assert!(failed(&none).is_empty());
	}

	#[test]
	fn the_first_flaw_is_named() {
		let mut receipts = two();
		receipts[0].books.cost = CRED;
		let checks = check(&receipts, &chain(&receipts));
		assert_eq!(failed(&checks), ["receipt 0: its profit is not what the books say"]);
		let mut receipts = two();
		receipts[0].block = 21;
		let checks = check(&receipts, &chain(&receipts));
		assert_eq!(failed(&checks), ["receipt 1: it does not commit to the one before"]);
	}

	#[test]
	fn receipts_of_another_chain_or_that_are_not_all_do_not_pass() {
		let receipts = two();
		let other = OnChain { genesis: H256::repeat_byte(8), ..chain(&receipts) };
		assert_eq!(
			failed(&check(&receipts, &other)),
			["receipt 0: it does not commit to the one before"]
		);
		let missing = check(&receipts[..1], &chain(&receipts));
		let last = receipts[0].hash();
		assert_eq!(
			failed(&missing),
			[format!("the chain goes on from the last of them, {last:?}")]
		);
	}

	#[test]
	fn money_that_is_not_there_and_coins_that_are_not_gone_are_found() {
		let receipts = two();
		let poor = OnChain { fund: 4 * CRED - 1, burned: 8 * LCO - 1, ..chain(&receipts) };
		let checks = check(&receipts, &poor);
		let expected = [
			"the fund holds the 4 CRED that are left to spend: 3.999999 CRED",
			"the 8 LCO that they burned are gone: 7.999999999999 LCO that were mined are",
		];
		assert_eq!(failed(&checks), expected);
	}

	#[test]
	fn a_friday_under_way_is_checked_too() {
		let receipts = two();
		let next = Receipt::start(&Link::after(&receipts[1]), 7);
		let slice = Slice { block: 50, spent: 3 * CRED, bought: LCO, burned: LCO };
		let under_way = Some(next.enter(slice).unwrap());
		let (fund, burned) = (CRED, 9 * LCO);
		let on_friday = OnChain { under_way, fund, burned, ..chain(&receipts) };
		assert!(failed(&check(&receipts, &on_friday)).is_empty());
		let mut lies = on_friday;
		lies.under_way.as_mut().unwrap().carried = 0;
		assert_eq!(failed(&check(&receipts, &lies)), ["so does the Friday that is under way"]);
	}

	#[test]
	fn blocks_that_cannot_be_are_found() {
		let flaw = ["the blocks that they name follow each other, and are made"];
		let after = |change: fn(&mut [Receipt])| {
			let mut receipts = two();
			change(&mut receipts);
			// Whoever forges a receipt forges all that come after it, and the chain's head.
			receipts[1].previous = receipts[0].hash();
			let chain = chain(&receipts);
			failed(&check(&receipts, &chain)).join("")
		};
		assert_eq!(after(|_| ()), "");
		let changes: [fn(&mut [Receipt]); 5] = [
			|receipts| receipts[0].slices[1].block = 11,
			|receipts| receipts[0].slices[0].block = 13,
			|receipts| receipts[0].block = 12,
			|receipts| receipts[1].block = 20,
			|receipts| receipts[1].block = 51,
		];
		for change in changes {
			assert_eq!(after(change), flaw[0]);
		}
		let next = Receipt::start(&Link::after(&two()[1]), 7);
		let slice = |block| Slice { block, spent: CRED, bought: LCO, burned: LCO };
		let on_friday = |block| OnChain {
			under_way: next.clone().enter(slice(block)),
			burned: 9 * LCO,
			..chain(&two())
		};
		assert!(failed(&check(&two(), &on_friday(50))).is_empty());
		for block in [40, 51] {
			assert_eq!(failed(&check(&two(), &on_friday(block))), flaw);
		}
	}

	#[test]
	fn blocks_that_are_kept_say_what_receipts_say() {
		let expected = expected(&two());
		let numbers: Vec<_> = expected.keys().copied().collect();
		assert_eq!(numbers, [11, 12, 20, 40]);
		assert!(check_blocks(&expected, &BTreeMap::new()).is_empty());
		let mut told = expected.clone();
		told.remove(&11);
		let checks = check_blocks(&expected, &told);
		assert_eq!(checks, [Check::new(true, "the events of 3 blocks say the same")]);
		told.insert(12, Told::default());
		told.insert(40, Told::default());
		let wrong = check_blocks(&expected, &told);
		let said = failed(&wrong);
		assert_eq!(said, [12, 40].map(|block| format!("the events of block {block} say the same")));
	}
}
