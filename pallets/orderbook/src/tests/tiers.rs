//! What tiers pay of fees, to the smallest unit.

use frame_support::assert_ok;
use lx_primitives::{
	units::{CRED_ASSET, LCO_ASSET},
	Balance, Tier,
};

use crate::{fee_of, fee_rate, mock::*};

/// What somebody with a tier pays of a fee.
type Paid = (Tier, Balance);

/// What 101 lots cost at 10,001 ticks: at 10 and at 20 basis points no tier's fee is whole.
const WORTH: Balance = 1_010_101;

const TICK: u32 = 10_001;
const LOTS: u64 = 101;

#[test]
fn a_maker_pays_what_its_tier_does() {
	let expected: [Paid; 5] = [
		// 1,010.101, 959.59595, 858.58585 and 707.0707.
		(Tier::Lv1, 1_011),
		(Tier::Lv2, 960),
		(Tier::Lv3, 859),
		(Tier::Lv4, 708),
		(Tier::Whale, 708),
	];
	for (tier, fee) in expected {
		build_and_execute(|| {
			Staked::set(vec![(ALICE, tier)]);
			assert_ok!(place(ALICE, ask(TICK, LOTS)));
			assert_ok!(place(BOB, bid(TICK, LOTS)));
			assert_eq!(holding(FUND, CRED_ASSET), (fee, 0), "{tier:?}");
			assert_eq!(holding(ALICE, CRED_ASSET), (WORTH - fee, 0), "{tier:?}");
			// Bob has no tier, and pays 20 basis points of 1.01 LCO.
			assert_eq!(holding(FUND, LCO_ASSET), (2_020_000_000, 0), "{tier:?}");
		});
	}
}

#[test]
fn a_taker_pays_what_its_tier_does() {
	let expected: [Paid; 5] = [
		// 2,020.202, 1,919.1919, 1,717.1717 and 1,414.1414.
		(Tier::Lv1, 2_021),
		(Tier::Lv2, 1_920),
		(Tier::Lv3, 1_718),
		(Tier::Lv4, 1_415),
		(Tier::Whale, 1_415),
	];
	for (tier, fee) in expected {
		build_and_execute(|| {
			Staked::set(vec![(ALICE, tier)]);
			assert_ok!(place(BOB, bid(TICK, LOTS)));
			assert_ok!(place(ALICE, ask(TICK, LOTS)));
			assert_eq!(holding(FUND, CRED_ASSET), (fee, 0), "{tier:?}");
			assert_eq!(holding(ALICE, CRED_ASSET), (WORTH - fee, 0), "{tier:?}");
		});
	}
}

#[test]
fn a_maker_pays_the_percentage_of_when_it_came() {
	build_and_execute(|| {
		Staked::set(vec![(ALICE, Tier::Lv4)]);
		assert_ok!(place(ALICE, ask(TICK, LOTS)));
		Staked::set(Vec::new());
		assert_ok!(place(ALICE, ask(TICK, LOTS)));
		assert_ok!(place(BOB, bid(TICK, LOTS)));
		assert_eq!(holding(FUND, CRED_ASSET), (708, 0));
		assert_ok!(place(BOB, bid(TICK, LOTS)));
		assert_eq!(holding(FUND, CRED_ASSET), (708 + 1_011, 0));
	});
}

#[test]
fn nobody_pays_more_than_the_markets_fee() {
	build_and_execute(|| {
		FullPercent::set(u8::MAX);
		assert_ok!(place(ALICE, ask(TICK, LOTS)));
		assert_ok!(place(BOB, bid(TICK, LOTS)));
		assert_eq!(holding(FUND, CRED_ASSET), (1_011, 0));
	});
}

#[test]
fn a_tier_that_pays_nothing_owes_nothing() {
	build_and_execute(|| {
		FullPercent::set(0);
		assert_ok!(place(ALICE, ask(TICK, LOTS)));
		assert_ok!(place(BOB, bid(TICK, LOTS)));
		assert_eq!((holding(FUND, CRED_ASSET), holding(FUND, LCO_ASSET)), ((0, 0), (0, 0)));
	});
}

#[test]
fn a_fee_is_rounded_up_once() {
	for (percent, fee) in [(100, 1_000), (95, 950), (85, 850), (70, 700)] {
		let rate = fee_rate(10, percent);
		assert_eq!(fee_of(1_000_000, rate), Some(fee), "it is whole");
		assert_eq!(fee_of(1_000_001, rate), Some(fee + 1));
		assert_eq!((fee_of(1, rate), fee_of(0, rate)), (Some(1), Some(0)));
		assert_eq!(fee_of(Balance::MAX, rate), None);
	}
	assert_eq!(fee_of(1, fee_rate(9_999, 100)), Some(1), "never more than is received");
}
