//! A launch, and quotas of it.

use codec::Encode;
use frame_support::{
	ensure,
	storage::unhashed,
	weights::{constants::ParityDbWeight, Weight},
};
use lx_primitives::{
	traits::Quotas, Claim, LaunchId, Offer, Price, QuotaError, Rates, RelayId, Units,
};

use super::*;

/// One launch, whose claims lie in storage.
pub struct Launched;
impl Launched {
	fn key(who: &AccountId, launch: LaunchId, relay: RelayId) -> Vec<u8> {
		(b"claim", launch, relay, who).encode()
	}
	pub fn claimed(who: &AccountId, relay: RelayId) -> Option<Claim> {
		unhashed::get(&Self::key(who, LAUNCH, relay))
	}
	pub fn claim(who: &AccountId, relay: RelayId, units: Units) {
		unhashed::put(&Self::key(who, LAUNCH, relay), &Claim { relay, units, used: 0 });
	}
	fn redeemed(
		who: &AccountId,
		launch: LaunchId,
		relay: RelayId,
		units: Units,
	) -> Result<(Vec<u8>, Claim), QuotaError> {
		let key = Self::key(who, launch, relay);
		let mut claim: Claim = unhashed::get(&key).ok_or(QuotaError::Missing)?;
		ensure!(Now::get() <= QuotaExpiry::get(), QuotaError::Expired);
		claim.take(units)?;
		Ok((key, claim))
	}
}
impl Quotas<AccountId> for Launched {
	fn offer(launch: LaunchId) -> Option<Offer> {
		let (list, cost) = (Rates::Unit(SCARCE_RATE), Rates::Unit(SCARCE_COST_RATE));
		let price = Price { list, cost, active_from: START };
		let offer = Offer { model: scarce(), price, expires_at: QuotaExpiry::get() };
		(launch == LAUNCH).then_some(offer)
	}
	fn may_redeem(
		who: &AccountId,
		launch: LaunchId,
		relay: RelayId,
		units: Units,
	) -> Result<(), QuotaError> {
		Self::redeemed(who, launch, relay, units).map(drop)
	}
	fn redeem(
		who: &AccountId,
		launch: LaunchId,
		relay: RelayId,
		units: Units,
	) -> Result<(), QuotaError> {
		let (key, claim) = Self::redeemed(who, launch, relay, units)?;
		unhashed::put(&key, &claim);
		Ok(())
	}
	fn restore(who: &AccountId, launch: LaunchId, relay: RelayId, units: Units) {
		let key = Self::key(who, launch, relay);
		let mut claim: Claim = unhashed::get(&key).unwrap();
		claim.used -= units;
		unhashed::put(&key, &claim);
	}
	fn offer_weight() -> Weight {
		ParityDbWeight::get().reads(1)
	}
	fn redeem_weight() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}
}
