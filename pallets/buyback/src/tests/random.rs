//! Random weeks: whatever people do, every planck that is bought is burned, every µCRED is accounted for, and
//! the receipts chain.

use lx_primitives::{
	buyback::Link,
	units::{CRED, CRED_ASSET, LCO},
	Balance, Credits,
};
use proptest::{collection::vec, prelude::*};

use crate::{mock::*, CurrentRound, Receipts};

#[derive(Clone, Debug)]
enum Step {
	Earn { revenue: Credits, cost: Credits },
	Refund(Credits),
	Ask { tick: u32, lots: u64 },
	AskForTenSeconds { tick: u32, lots: u64 },
	Bid { tick: u32, lots: u64 },
	GiveToTheAshes(Balance),
	GiveToTheFund(Credits),
	Block { passed: u64, random: u64 },
	NextFriday,
	NextDay,
}

fn step() -> impl Strategy<Value = Step> {
	let tick = || 19_000u32..21_000;
	let lots = || 50u64..2_000;
	let random = prop_oneof![3 => Just(0u64), 1 => Just(u64::MAX), 2 => any::<u64>()];
	prop_oneof![
		2 => (0u128..500, 0u128..500).prop_map(|(revenue, less)| {
			Step::Earn { revenue, cost: revenue.saturating_sub(less) }
		}),
		1 => (1u128..100).prop_map(Step::Refund),
		4 => (tick(), lots()).prop_map(|(tick, lots)| Step::Ask { tick, lots }),
		1 => (tick(), lots()).prop_map(|(tick, lots)| Step::AskForTenSeconds { tick, lots }),
		3 => (tick(), lots()).prop_map(|(tick, lots)| Step::Bid { tick, lots }),
		1 => (1u128..9).prop_map(Step::GiveToTheAshes),
		1 => (1u128..9).prop_map(Step::GiveToTheFund),
		6 => (0u64..3 * BLOCK, random).prop_map(|(passed, random)| Step::Block { passed, random }),
		3 => Just(Step::NextFriday),
		1 => Just(Step::NextDay),
	]
}

/// Takes a step. What is refused changes nothing, as `assert_noop` shows elsewhere.
fn take(step: Step) {
	let alice = RuntimeOrigin::signed(ALICE);
	match step {
		Step::Earn { revenue, cost } => earn(revenue, cost),
		Step::Refund(amount) => {
			let _ = Buyback::refund(RuntimeOrigin::root(), USER, amount * CRED);
		},
		Step::Ask { tick, lots } => {
			let _ = ask(tick, lots);
		},
		Step::AskForTenSeconds { tick, lots } => {
			let _ = ask_until(tick, lots, Now::get() + 10_000);
		},
		Step::Bid { tick, lots } => {
			let _ = bid(tick, lots);
		},
		Step::GiveToTheAshes(amount) => {
			Balances::transfer_allow_death(alice, ASHES, amount * LCO).unwrap();
		},
		Step::GiveToTheFund(amount) => {
			Assets::transfer(alice, CRED_ASSET, FUND, amount * CRED).unwrap();
		},
		Step::Block { passed, random } => {
			Random::set(random);
			block_after(passed);
		},
		Step::NextFriday => next_friday(),
		Step::NextDay => next_day(),
	}
}

/// What the receipts have spent, and what they have been given for it.
fn spent_and_given() -> (Credits, Credits) {
	let round = CurrentRound::<Test>::get().map(|round| round.receipt);
	let receipts = Receipts::<Test>::iter_values().chain(round);
	receipts
		.fold((0, 0), |(spent, given), receipt| (spent + receipt.spent, given + receipt.burning))
}

/// µCRED that are anywhere.
fn all_credits() -> Credits {
	use frame_support::traits::fungibles::Inspect;
	<Assets as Inspect<AccountId>>::total_issuance(CRED_ASSET)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

	#[test]
	fn every_planck_that_is_bought_is_burned(steps in vec(step(), 1..80)) {
		new_test_ext().execute_with(|| {
			let (mut minted, mut gifts) = (all_credits(), 0);
			for step in steps {
				if let Step::Earn { revenue, cost } = step {
					minted += (revenue - cost) * CRED;
				}
				if let Step::GiveToTheFund(amount) = step {
					gifts += amount * CRED;
				}
				take(step);
				check_invariants();
				prop_assert_eq!(all_credits(), minted);
				let (spent, given) = spent_and_given();
				prop_assert_eq!(cred(&FUND), given - spent + gifts);
			}
			let mut link = Link::first(System::block_hash(0));
			for number in 0..Buyback::head().number {
				link = link.follow(&Receipts::<Test>::get(number).unwrap()).unwrap();
			}
			prop_assert_eq!(link, Buyback::head());
			Ok(())
		})?;
	}

	/// A Friday's slices never pay more than 1.5 % over the average that was there before them, and the
	/// average is not above what was traded.
	#[test]
	fn no_slice_pays_more_than_the_guard_allows(
		asks in vec((19_500u32..21_500, 60u64..800), 1..30),
		budget in 2u128..2_000,
	) {
		new_test_ext().execute_with(|| {
			friday_with(budget);
			for (tick, lots) in asks {
				ask(tick, lots).unwrap();
			}
			for _ in 0..SLICES {
				let before = round().receipt;
				blocks(1);
				let highest = Buyback::highest_price().unwrap();
				let after = round().receipt;
				// In µCRED per lot, of which the buyer gets 99.8 %.
				let lots = (after.bought - before.bought) * 1_000 / 998;
				let most = lots.div_ceil(LCO / 100) * u128::from(highest);
				prop_assert!(after.spent - before.spent <= most);
				check_invariants();
			}
			Ok(())
		})?;
	}
}
