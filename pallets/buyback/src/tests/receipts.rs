//! The receipts that Fridays leave.

use frame_support::assert_ok;
use lx_primitives::{
	buyback::{Link, Receipt},
	units::{CRED, LCO},
};

use crate::{mock::*, Event, Receipts, MAX_RECEIPTS};

/// Three weeks, in the first of which LCO is bought.
fn three_weeks() -> Vec<Receipt> {
	friday_with(40);
	ask(20_000, 100_000).unwrap();
	run_slices();
	next_day();
	for _ in 0..2 {
		earn(20, 10);
		next_friday();
		next_day();
	}
	Buyback::receipts(0, 10)
}

#[test]
fn receipts_commit_to_each_other_and_the_first_to_the_genesis() {
	build_and_execute(|| {
		let receipts = three_weeks();
		assert_eq!(receipts.len(), 3);
		let genesis = System::block_hash(0);
		assert_eq!(receipts[0].previous, genesis);
		assert_eq!(receipts[1].previous, receipts[0].hash());
		assert_eq!(receipts[2].previous, receipts[1].hash());
		let weeks: Vec<_> = receipts.iter().map(|receipt| receipt.week).collect();
		assert_eq!(weeks, [WEEK, WEEK + 1, WEEK + 2]);

		let mut link = Link::first(genesis);
		for receipt in &receipts {
			link = link.follow(receipt).unwrap();
		}
		assert_eq!(link, Buyback::head());
	});
}

#[test]
fn before_the_first_receipt_there_is_the_genesis() {
	build_and_execute(|| {
		assert_eq!(Buyback::head(), Link::first(System::block_hash(0)));
		assert!(Buyback::receipts(0, 10).is_empty());
	});
}

#[test]
fn a_receipt_says_what_was_done() {
	build_and_execute(|| {
		let first = three_weeks().remove(0);
		assert_eq!((first.profit, first.burning, first.prizes), (200 * CRED, 40 * CRED, 4 * CRED));
		assert_eq!(first.slices.len(), SLICES as usize);
		let spent: u128 = first.slices.iter().map(|slice| slice.spent).sum();
		let bought: u128 = first.slices.iter().map(|slice| slice.bought).sum();
		assert_eq!((first.spent, first.bought, first.burned), (spent, bought, bought));
		assert_eq!(first.left, 40 * CRED - spent);
		assert_eq!(cred(&FUND), Buyback::head().left);
		// 2 CRED for 0.998 LCO: the market keeps 0.2 % of what it sells.
		assert_eq!(first.average_price, 2_004_008);
		let blocks: Vec<_> = first.slices.iter().map(|slice| slice.block).collect();
		assert!(blocks.windows(2).all(|pair| pair[0] < pair[1]) && blocks[3] < first.block);
	});
}

#[test]
fn a_written_receipt_is_announced_with_its_hash() {
	build_and_execute(|| {
		friday_with(0);
		next_day();
		let hash = last_receipt().hash();
		assert_eq!(take_events(), [Event::ReceiptWritten { number: 0, week: WEEK, hash }]);
	});
}

#[test]
fn receipts_are_listed_from_any_on_and_so_many_at_most() {
	build_and_execute(|| {
		let receipts = three_weeks();
		assert_eq!(Buyback::receipts(1, 1), receipts[1..2]);
		assert_eq!(Buyback::receipts(1, u32::MAX), receipts[1..]);
		assert!(Buyback::receipts(3, 5).is_empty() && Buyback::receipts(0, 0).is_empty());
		assert!(Buyback::receipts(u32::MAX, u32::MAX).is_empty());

		let extra = receipts[2].clone();
		for number in 3..MAX_RECEIPTS + 5 {
			Receipts::<Test>::insert(number, extra.clone());
		}
		assert_eq!(Buyback::receipts(0, u32::MAX).len(), MAX_RECEIPTS as usize);
		for number in 3..MAX_RECEIPTS + 5 {
			Receipts::<Test>::remove(number);
		}
	});
}

#[test]
fn what_is_sent_to_the_burn_address_is_burned_with_the_next_slice() {
	build_and_execute(|| {
		friday_with(8);
		ask(20_000, 10_000).unwrap();
		let gift = 7 * LCO;
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(ALICE), ASHES, gift));
		run_slices();
		assert_eq!(lco(&ASHES), 0);
		let receipt = round().receipt;
		assert_eq!(receipt.burned, receipt.bought + gift);
		assert_eq!(receipt.slices[0].burned, receipt.slices[0].bought + gift);
		assert_eq!(receipt.slices[1].burned, receipt.slices[1].bought);
	});
}
