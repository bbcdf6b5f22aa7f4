//! Stakes, tiers and what calls cost by them, on the real runtime.

use l_exchange_runtime::{Balances, Compute, Mining, Runtime, StakingTiers};
use lx_primitives::{
	call_log::call_time,
	traits::OnUsageSettled,
	units::{Balance, CRED, CRED_ASSET, LCO},
	Leaf, Tier, Usage,
};
use pallet_compute::Fraud;
use pallet_staking_tiers::{Call, Error, Stakers, Totals};
use scenarios::{
	dispute::{Dispute, CALLERS},
	relay, Chain,
};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{AccountId32, DispatchResult};

const EVE: Sr25519Keyring = CALLERS[0];

/// Seven days of a development chain.
const WEEK: u64 = 7 * 85_715;

/// A little of each kind of token: no tier pays a whole number of µCRED for it.
const USED: Usage = Usage::Tokens { input: 1_001, cached_input: 200, output: 501 };

/// A chain on which Eve has mined enough to be a whale.
fn wealthy() -> Dispute {
	let mut dispute = Dispute::new();
	let eve = EVE.to_account_id();
	dispute
		.chain
		.with(|| <Mining as OnUsageSettled<_>>::on_usage_settled(&eve, 10_001 * CRED))
		.expect("there is room in the first epoch");
	assert_eq!(free(&mut dispute.chain), 100_010 * LCO);
	dispute
}

fn free(chain: &mut Chain) -> Balance {
	chain.with(|| Balances::free_balance(EVE.to_account_id()))
}

fn submit(chain: &mut Chain, call: Call<Runtime>) -> DispatchResult {
	chain.submit(EVE, Some(CRED_ASSET), call).expect("it is valid")
}

/// A call by Eve, as the relay makes it: at the tier that the chain tells.
fn call(dispute: &mut Dispute) -> Leaf<AccountId32> {
	let eve = EVE.to_account_id();
	let tier = dispute.chain.with(|| Compute::tier(eve.clone()));
	let price = relay::price(&mut dispute.chain);
	let time = dispute.chain.with(relay::now);
	let leaf = dispute.relay.call(eve, price, USED, time);
	let charge = price.1.charge(&USED, tier).expect("the usage is of the price's kind");
	Leaf { tier, charge, ..leaf }
}

#[test]
fn a_call_costs_what_the_tier_pays_from_its_threshold_on() {
	let mut dispute = wealthy();
	let mut staked = 0;
	for tier in [Tier::Lv2, Tier::Lv3, Tier::Lv4, Tier::Whale] {
		let threshold = tier.min_stake();
		for target in [threshold - 1, threshold, threshold + 1] {
			submit(&mut dispute.chain, Call::stake { amount: target - staked }).unwrap();
			staked = target;
			let made = call(&mut dispute);
			assert_eq!(made.tier == tier, target >= threshold);
			assert_eq!(made.tier == Tier::Whale, made.charge == made.cost);
			let before = dispute.purses()[0].0;
			let charge = made.charge;
			dispute.post(&[made]);
			assert_eq!(dispute.purses()[0].0, before - charge, "{tier:?}");
		}
	}
	let told = dispute.chain.with(|| StakingTiers::totals().whale);
	assert_eq!((told.stakers, told.staked), (1, staked));
}

#[test]
fn the_tier_of_a_call_is_told_after_it_has_dropped() {
	let mut dispute = wealthy();
	let eve = EVE.to_account_id();
	submit(&mut dispute.chain, Call::stake { amount: 100_000 * LCO }).unwrap();
	let made = call(&mut dispute);
	assert_eq!((made.tier, made.charge), (Tier::Whale, made.cost));
	submit(&mut dispute.chain, Call::request_unstake { amount: 99_000 * LCO }).unwrap();
	let (then, now) = (call_time(&made.call_id), dispute.chain.with(relay::now));
	dispute.chain.with(|| {
		assert_eq!(Compute::tier(eve.clone()), Tier::Lv2);
		let history = Compute::tier_history(eve.clone());
		for (time, tier) in [(then - 1, Tier::Lv1), (then, Tier::Whale), (now, Tier::Lv2)] {
			assert_eq!(Compute::tier_at(eve.clone(), time), tier);
			assert_eq!(history.at(time), tier);
		}
	});
	// The next call pays its own tier, in the same batch.
	let next = call(&mut dispute);
	assert_eq!(next.tier, Tier::Lv2);
	dispute.post(&[made, next]);
}

/// Nothing else is looked at, whatever is asked of an account's stake and whoever asks.
#[test]
fn every_question_about_a_tier_reads_one_value() {
	let mut dispute = wealthy();
	let chain = &mut dispute.chain;
	submit(chain, Call::stake { amount: 100_000 * LCO }).unwrap();
	submit(chain, Call::request_unstake { amount: 99_000 * LCO }).unwrap();
	let (eve, now) = (EVE.to_account_id(), chain.with(relay::now));
	let key = Stakers::<Runtime>::hashed_key_for(&eve);
	let tiers = [
		chain.with_only(&key, || StakingTiers::tier(eve.clone())),
		chain.with_only(&key, || Compute::tier(eve.clone())),
		chain.with_only(&key, || Compute::tier_at(eve.clone(), now)),
		chain.with_only(&key, || Compute::tier_history(eve.clone())).current,
	];
	assert_eq!(tiers, [Tier::Lv2; 4]);
	let lowest = chain.with_only(&key, || StakingTiers::lowest_stake(eve.clone(), now - 1, now));
	assert_eq!(lowest, 1_000 * LCO);
	let totals = chain.with_only(&Totals::<Runtime>::hashed_key(), StakingTiers::totals);
	assert_eq!(totals.all().staked, 1_000 * LCO);
	let nobody = Sr25519Keyring::One.to_account_id();
	let key = Stakers::<Runtime>::hashed_key_for(&nobody);
	assert_eq!(chain.with_only(&key, || Compute::tier(nobody.clone())), Tier::Lv1);
}

#[test]
#[should_panic(expected = "more of the state is read than one value")]
fn whoever_reads_more_is_found_out() {
	let mut dispute = wealthy();
	let eve = EVE.to_account_id();
	let key = Stakers::<Runtime>::hashed_key_for(&eve);
	dispute
		.chain
		.with_only(&key, || (StakingTiers::tier(eve.clone()), Balances::free_balance(&eve)));
}

#[test]
fn a_tier_that_the_payer_did_not_have_is_proven() {
	let mut dispute = wealthy();
	submit(&mut dispute.chain, Call::stake { amount: 100_000 * LCO }).unwrap();
	let calls = dispute.calls();
	assert_eq!((calls[0].account.clone(), calls[0].tier), (EVE.to_account_id(), Tier::Lv1));
	let wrong = dispute.chain.with(|| dispute.relay.batch(&calls));
	dispute.expect_reversal(wrong, Fraud::WrongPrice(relay::proof(&calls, 0)));
}

#[test]
fn unstaking_takes_a_week_of_the_calendar() {
	let mut dispute = wealthy();
	let chain = &mut dispute.chain;
	let before = free(chain);
	submit(chain, Call::stake { amount: 10_000 * LCO }).unwrap();
	submit(chain, Call::request_unstake { amount: 10_000 * LCO }).unwrap();
	assert_eq!(free(chain), before - 10_000 * LCO);
	chain.wait(WEEK - 10_000);
	let still = Error::<Runtime>::StillUnstaking.into();
	assert_eq!(submit(chain, Call::complete_unstake {}), Err(still));
	chain.wait(10_000);
	submit(chain, Call::complete_unstake {}).unwrap();
	assert_eq!(free(chain), before);
}
