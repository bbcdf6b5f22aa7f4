//! Whatever governance sets a parameter to, the code keeps it within bounds where it would break a promise,
//! or lock somebody out.

use frame_support::traits::{tokens::ConversionToAssetBalance, Get};
use l_exchange_runtime::{
	configs::{
		parameters::{buyback, compute, custody, exchange, fees, RuntimeParameters},
		AtFeePrice,
	},
	Parameters, Runtime,
};
use lx_primitives::{
	call_log::{BATCH_LIFETIME, MAX_CALL_AGE},
	units::{Balance, CRED, CRED_ASSET, LCO, LCO_ASSET, USDT, USDT_ASSET},
	Moment, TIER_MEMORY,
};
use pallet_whale_voting::Origin;
use scenarios::{whales::DAY, Chain};
use sp_runtime::traits::Convert;

/// An hour of a development chain, rounded down.
const HOUR: Moment = DAY / 24;

/// A day of the clock.
const CIVIL_DAY: Moment = 24 * 60 * 60 * 1_000;

/// Sets parameters, which succeeds whatever their values are.
fn set(chain: &mut Chain, parameters: impl IntoIterator<Item = RuntimeParameters>) {
	for parameter in parameters {
		let set = || Parameters::set_parameter(Origin::Parameters.into(), parameter);
		chain.with(set).expect("it is a parameter");
	}
}

/// What a setting of a pallet is.
fn value<Setting: Get<V>, V>() -> V {
	Setting::get()
}

fn set_times(chain: &mut Chain, hours: u32) {
	let hours = Some(hours);
	let settlement = [
		compute::Parameters::ChallengeWindowHours(compute::ChallengeWindowHours, hours),
		compute::Parameters::ThawHours(compute::ThawHours, hours),
		compute::Parameters::UnbondingHours(compute::UnbondingHours, hours),
	];
	let custody = [
		custody::Parameters::ReportHours(custody::ReportHours, hours),
		custody::Parameters::WithdrawalHours(custody::WithdrawalHours, hours),
	];
	let average = buyback::Parameters::AverageHours(buyback::AverageHours, hours);
	set(chain, settlement.map(RuntimeParameters::Compute));
	set(chain, custody.map(RuntimeParameters::Custody));
	set(chain, [RuntimeParameters::Buyback(average)]);
}

fn times(chain: &mut Chain) -> [Moment; 6] {
	chain.with(|| {
		[
			value::<<Runtime as pallet_compute::Config>::ChallengeWindow, _>(),
			value::<<Runtime as pallet_compute::Config>::ThawDelay, _>(),
			value::<<Runtime as pallet_compute::Config>::UnbondingDelay, _>(),
			value::<<Runtime as pallet_custody::Config>::ReportLifetime, _>(),
			value::<<Runtime as pallet_custody::Config>::WithdrawalTimeout, _>(),
			value::<<Runtime as pallet_buyback::Config>::AverageWindow, _>(),
		]
	})
}

#[test]
fn no_parameter_makes_a_time_too_short_or_too_long() {
	let mut chain = Chain::development();
	set_times(&mut chain, 0);
	let thaw = 2 * BATCH_LIFETIME;
	// Old reports may count for nothing: that stops minting only.
	assert_eq!(times(&mut chain), [HOUR, thaw, DAY, 0, DAY, HOUR]);
	set_times(&mut chain, u32::MAX);
	let (window, longest) = (CIVIL_DAY, 30 * DAY);
	assert_eq!(times(&mut chain), [window, longest, longest, DAY, longest, 7 * DAY]);
	set_times(&mut chain, 48);
	assert_eq!(times(&mut chain), [2 * DAY, 2 * DAY, 2 * DAY, DAY, 2 * DAY, 2 * DAY]);
}

/// A call of any tier that was posted as old as can be is challenged at the last moment, and the chain can
/// still tell whether the tier was right.
#[test]
fn no_window_outlives_the_memory_of_tiers() {
	let mut chain = Chain::from_preset("production");
	for (hours, window) in [(0, 1), (1, 1), (23, 23), (24, 24), (25, 24), (u32::MAX, 24)] {
		set_times(&mut chain, hours);
		let [set, ..] = times(&mut chain);
		assert_eq!(set, window * CIVIL_DAY / 24, "{hours} hours");
		assert!(MAX_CALL_AGE + set <= TIER_MEMORY, "{hours} hours");
	}
}

fn set_amounts(chain: &mut Chain, amount: Balance) {
	let amount = Some(amount);
	let bonds = [
		compute::Parameters::RelayBond(compute::RelayBond, amount),
		compute::Parameters::AttestorBond(compute::AttestorBond, amount),
		compute::Parameters::ChallengeBond(compute::ChallengeBond, amount),
	];
	let withdrawal = custody::Parameters::MinWithdrawal(custody::MinWithdrawal, amount);
	let holdings = [
		exchange::Parameters::SmallestLco(exchange::SmallestLco, amount),
		exchange::Parameters::SmallestCred(exchange::SmallestCred, amount),
		exchange::Parameters::SmallestUsdt(exchange::SmallestUsdt, amount),
		exchange::Parameters::TriggerDeposit(exchange::TriggerDeposit, amount),
	];
	let slice = buyback::Parameters::SmallestSlice(buyback::SmallestSlice, amount);
	set(chain, bonds.map(RuntimeParameters::Compute));
	set(chain, [RuntimeParameters::Custody(withdrawal)]);
	set(chain, holdings.map(RuntimeParameters::Exchange));
	set(chain, [RuntimeParameters::Buyback(slice)]);
}

/// Bonds of a relay, an attestor and a challenger; the smallest withdrawal; a trigger's deposit; the smallest
/// slice.
fn amounts(chain: &mut Chain) -> [Balance; 6] {
	chain.with(|| {
		[
			value::<<Runtime as pallet_compute::Config>::RelayBond, _>(),
			value::<<Runtime as pallet_compute::Config>::AttestorBond, _>(),
			value::<<Runtime as pallet_compute::Config>::ChallengeBond, _>(),
			value::<<Runtime as pallet_custody::Config>::MinWithdrawal, _>(),
			value::<<Runtime as pallet_orderbook::Config>::TriggerDeposit, _>(),
			value::<<Runtime as pallet_buyback::Config>::SmallestSlice, _>(),
		]
	})
}

fn smallest_holdings(chain: &mut Chain) -> [Option<Balance>; 3] {
	chain.with(|| {
		[LCO_ASSET, CRED_ASSET, USDT_ASSET]
			.map(<Runtime as pallet_clearing::Config>::SmallestHolding::convert)
	})
}

#[test]
fn no_parameter_makes_a_place_free_or_what_anybody_may_do_dear() {
	let mut chain = Chain::development();
	set_amounts(&mut chain, 0);
	assert_eq!(amounts(&mut chain), [100 * CRED, 100 * CRED, 0, USDT, CRED / 10, 0]);
	let least = [LCO, CRED, USDT].map(|unit| Some(unit / 100));
	assert_eq!(smallest_holdings(&mut chain), least);

	set_amounts(&mut chain, Balance::MAX);
	let (bond, challenge) = (1_000_000 * CRED, 1_000 * CRED);
	let most = [bond, bond, challenge, 100 * USDT, 100 * CRED, 100 * CRED];
	assert_eq!(amounts(&mut chain), most);
	let most = [LCO, CRED, USDT].map(|unit| Some(100 * unit));
	assert_eq!(smallest_holdings(&mut chain), most);
}

#[test]
fn a_fee_in_credits_is_never_nothing_nor_out_of_reach() {
	let mut chain = Chain::development();
	let cases = [
		(0, CRED / 1_000),
		(1, CRED / 1_000),
		(CRED, CRED),
		(11 * CRED, 10 * CRED),
		(Balance::MAX, 10 * CRED),
	];
	for (price, fee) in cases {
		let price = fees::Parameters::CreditsPerLco(fees::CreditsPerLco, Some(price));
		set(&mut chain, [RuntimeParameters::Fees(price)]);
		let of_one_lco = chain.with(|| AtFeePrice::to_asset_balance(LCO, CRED_ASSET));
		assert_eq!(of_one_lco, Ok(fee));
	}
}

#[test]
fn a_buyback_always_buys_and_never_at_any_price() {
	let mut chain = Chain::development();
	for (slices, premium, expected) in [(0, 0, (1, 0)), (u32::MAX, u16::MAX, (100, 500))] {
		let parameters = [
			buyback::Parameters::Slices(buyback::Slices, Some(slices)),
			buyback::Parameters::MostOverAverage(buyback::MostOverAverage, Some(premium)),
		];
		set(&mut chain, parameters.map(RuntimeParameters::Buyback));
		let settings = chain.with(|| {
			(
				value::<<Runtime as pallet_buyback::Config>::Slices, u32>(),
				value::<<Runtime as pallet_buyback::Config>::MostOverAverage, u16>(),
			)
		});
		assert_eq!(settings, expected);
	}
}
