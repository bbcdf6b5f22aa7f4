//! Launches of scarce models, and the quotas that they give.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	call_log::RelayId,
	pricing::{ModelId, Price},
	units::Moment,
};

/// Identifies a launch, and the quota of it that an account has: at most one.
pub type LaunchId = u32;

/// An amount of quota: tokens of any kind, or the units that else a model is metered in.
pub type Units = u64;

/// What a launch offers to those who have a quota of it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Offer {
	/// The model.
	pub model: ModelId,
	/// What its calls cost. It never changes, and quotas can be used from when it is active.
	pub price: Price,
	/// From when on they can no longer.
	pub expires_at: Moment,
}

impl Offer {
	/// The version that calls against a quota name as that of their price: a launch has one price, and
	/// the registry's versions begin with 1.
	pub const PRICE_VERSION: u32 = 0;

	/// The price of a call of `model` that was made at `time` against a quota, and names `version` as its
	/// price; none if it could not be.
	pub fn price_at(&self, model: &ModelId, version: u32, time: Moment) -> Option<Price> {
		let is_open = self.price.active_from <= time && time < self.expires_at;
		let is_offered = *model == self.model && version == Self::PRICE_VERSION;
		(is_open && is_offered).then_some(self.price)
	}
}

/// What an account has claimed of its quota at one relay. No other relay can use it.
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
pub struct Claim {
	/// The relay.
	pub relay: RelayId,
	/// Units that were claimed there.
	pub units: Units,
	/// Units that calls have used there. Never more.
	pub used: Units,
}

impl Claim {
	/// Units that can still be used.
	pub fn left(&self) -> Units {
		self.units.saturating_sub(self.used)
	}

	/// Uses `units`.
	pub fn take(&mut self, units: Units) -> Result<(), QuotaError> {
		let used = self.used.checked_add(units).filter(|used| *used <= self.units);
		self.used = used.ok_or(QuotaError::Exceeded)?;
		Ok(())
	}
}

/// Why a quota cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaError {
	/// The account has claimed none of that launch at that relay.
	Missing,
	/// It could be used until then.
	Expired,
	/// So much is not left of what was claimed at that relay.
	Exceeded,
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::pricing::Rates;

	#[test]
	fn an_offer_is_for_its_model_and_its_time() {
		let named = |name: &[u8]| ModelId::try_from(name.to_vec()).unwrap();
		let price = Price { list: Rates::Unit(10), cost: Rates::Unit(7), active_from: 10 };
		let offer = Offer { model: named(b"scarce"), price, expires_at: 20 };
		let found = [9, 10, 19, 20].map(|time| offer.price_at(&named(b"scarce"), 0, time));
		assert_eq!(found, [None, Some(price), Some(price), None]);
		assert_eq!(offer.price_at(&named(b"other"), 0, 10), None);
		assert_eq!(offer.price_at(&named(b"scarce"), 1, 10), None, "it has no other version");
	}

	#[test]
	fn no_more_is_used_than_was_claimed() {
		let mut claim = Claim { relay: 0, units: 10, used: 0 };
		assert_eq!(claim.take(11), Err(QuotaError::Exceeded));
		assert_eq!(claim.take(7), Ok(()));
		assert_eq!(claim.take(4), Err(QuotaError::Exceeded));
		assert_eq!(claim.take(Units::MAX), Err(QuotaError::Exceeded));
		assert_eq!((claim.used, claim.left()), (7, 3));
		assert_eq!(claim.take(3), Ok(()));
		assert_eq!((claim.take(0), claim.take(1)), (Ok(()), Err(QuotaError::Exceeded)));
	}
}
