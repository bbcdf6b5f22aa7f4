//! Staking, and the tier that follows.

use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		GetStorageVersion, LockableCurrency, WithdrawReasons,
	},
};
use lx_primitives::{units::LCO, Balance, StakeTotals, Tier, TierTotal};
use sp_runtime::DispatchError;

use crate::{mock::*, Error, Event};

#[test]
fn a_stake_stays_in_its_account_and_makes_a_tier_at_once() {
	build_and_execute(|| {
		assert_eq!(tier(ALICE), Tier::Lv1);
		assert_ok!(stake(ALICE, 999 * LCO));
		assert_eq!((free(ALICE), held(ALICE)), (WEALTH - 999 * LCO, 999 * LCO));
		assert_ok!(stake(ALICE, 9_001 * LCO));
		assert_eq!((tier(ALICE), staked(ALICE)), (Tier::Lv3, 10_000 * LCO));
		assert_eq!(tier(BOB), Tier::Lv1);
		let (who, from, to) = (ALICE, Tier::Lv1, Tier::Lv3);
		let expected = vec![
			Event::Staked { who, amount: 999 * LCO, staked: 999 * LCO },
			Event::Staked { who, amount: 9_001 * LCO, staked: 10_000 * LCO },
			Event::TierChanged { who, from, to },
		];
		assert_eq!(take_events(), expected);
	});
}

#[test]
fn each_tier_begins_at_its_threshold_and_ends_below_it() {
	let mut below = Tier::Lv1;
	for reached in [Tier::Lv2, Tier::Lv3, Tier::Lv4, Tier::Whale] {
		build_and_execute(|| {
			assert_ok!(stake(ALICE, reached.min_stake() - 1));
			assert_eq!(tier(ALICE), below);
			for _ in 0..2 {
				assert_ok!(stake(ALICE, 1));
				assert_eq!(tier(ALICE), reached);
			}
			assert_ok!(request(ALICE, 1));
			assert_eq!(tier(ALICE), reached);
			assert_ok!(request(ALICE, 1));
			assert_eq!(tier(ALICE), below);
			assert_ok!(cancel(ALICE));
			assert_eq!(tier(ALICE), reached);
		});
		below = reached;
	}
}

#[test]
fn what_cannot_be_staked_is_not() {
	build_and_execute(|| {
		assert_noop!(stake(ALICE, 0), Error::<Test>::ZeroAmount);
		assert_noop!(stake(ALICE, SMALLEST_STAKE - 1), Error::<Test>::BelowSmallestStake);
		// The smallest balance stays free.
		let most = WEALTH - EXISTENTIAL_DEPOSIT;
		assert_noop!(stake(ALICE, most + 1), Error::<Test>::InsufficientFunds);
		assert_noop!(stake(ALICE, Balance::MAX), Error::<Test>::InsufficientFunds);
		assert_noop!(stake(9, SMALLEST_STAKE), Error::<Test>::InsufficientFunds);
		assert_ok!(stake(ALICE, most));
		assert_noop!(stake(ALICE, 1), Error::<Test>::InsufficientFunds);
		assert_noop!(stake(ALICE, Balance::MAX), Error::<Test>::InsufficientFunds);
		assert_ok!(stake(BOB, SMALLEST_STAKE));
		assert_ok!(stake(BOB, 1));
	});
}

#[test]
fn every_call_needs_a_signature() {
	build_and_execute(|| {
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			let refused = [
				StakingTiers::stake(origin.clone(), LCO),
				StakingTiers::request_unstake(origin.clone(), LCO),
				StakingTiers::complete_unstake(origin.clone()),
				StakingTiers::cancel_unstake(origin),
			];
			assert_eq!(refused, [Err(DispatchError::BadOrigin); 4]);
		}
	});
}

#[test]
fn what_is_staked_cannot_be_spent_and_can_back_a_vote() {
	build_and_execute(|| {
		assert_ok!(stake(ALICE, 150_000 * LCO));
		let give = |amount| {
			<Balances as Mutate<_>>::transfer(&ALICE, &BOB, amount, Preservation::Preserve)
		};
		assert!(give(50_000 * LCO).is_err());
		// As `pallet-conviction-voting` does.
		let vote = 150_000 * LCO;
		Balances::set_lock(*b"pyconvot", &ALICE, vote, WithdrawReasons::all());
		assert_eq!(<Balances as Inspect<_>>::total_balance(&ALICE), WEALTH);
		assert_ok!(give(40_000 * LCO));
		// What a vote has locked can be staked, and unstaked.
		assert_ok!(stake(ALICE, 5_000 * LCO));
		assert_ok!(request(ALICE, 155_000 * LCO));
		wait(DELAY);
		assert_ok!(complete(ALICE));
		assert_eq!(free(ALICE), 160_000 * LCO);
		assert!(give(10_001 * LCO).is_err());
		assert_ok!(give(9_000 * LCO));
	});
}

#[test]
fn the_totals_follow_every_stake() {
	build_and_execute(|| {
		let some = |stakers, lco: Balance| TierTotal { stakers, staked: lco * LCO };
		assert_ok!(stake(ALICE, 10 * LCO));
		assert_ok!(stake(BOB, 120_000 * LCO));
		let (lv1, whale) = (some(1, 10), some(1, 120_000));
		assert_eq!(StakingTiers::totals(), StakeTotals { lv1, whale, ..Default::default() });
		assert_eq!(StakingTiers::totals().all(), some(2, 120_010));
		assert_ok!(request(BOB, 110_000 * LCO));
		let lv3 = some(1, 10_000);
		assert_eq!(StakingTiers::totals(), StakeTotals { lv1, lv3, ..Default::default() });
		assert_ok!(request(ALICE, 10 * LCO));
		assert_eq!(StakingTiers::totals(), StakeTotals { lv3, ..Default::default() });
		assert_ok!(cancel(BOB));
		wait(DELAY);
		assert_ok!(complete(ALICE));
		assert_eq!(StakingTiers::totals(), StakeTotals { whale, ..Default::default() });
	});
}

#[test]
fn the_storage_version_is_set_at_genesis() {
	build_and_execute(|| {
		assert_eq!(StakingTiers::in_code_storage_version(), 1);
		assert_eq!(StakingTiers::on_chain_storage_version(), 1);
	});
}
