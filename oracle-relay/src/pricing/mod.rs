//! Prices: a copy of the chain's registry, and charges by the chain's own formula.

use std::collections::BTreeMap;

use lx_primitives::{
	units::{Credits, Moment},
	LaunchId, ModelId, Offer, Price, Tier, Units, Usage,
};

/// A listed model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
	/// The version of its price.
	pub version: u32,
	/// The price.
	pub price: Price,
}

/// The models that the chain lists, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
	models: BTreeMap<String, Listing>,
}

impl Registry {
	/// The listing of `model`.
	pub fn get(&self, model: &str) -> Option<&Listing> {
		self.models.get(model)
	}

	/// The listed models in the order of their names.
	pub fn iter(&self) -> impl Iterator<Item = (&str, &Listing)> {
		self.models.iter().map(|(name, listing)| (name.as_str(), listing))
	}
}

impl FromIterator<(String, Listing)> for Registry {
	fn from_iter<I: IntoIterator<Item = (String, Listing)>>(models: I) -> Self {
		Self { models: models.into_iter().collect() }
	}
}

/// A launch whose quotas can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Launched {
	/// The launch.
	pub launch: LaunchId,
	/// What calls against its quotas cost.
	pub price: Price,
	/// From when on they cannot be used any more.
	pub expires_at: Moment,
}

/// The launches whose quotas can be used, by model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launches {
	models: BTreeMap<String, Vec<Launched>>,
}

impl Launches {
	/// The launches of `model`, the one that expires first first.
	pub fn of(&self, model: &str) -> &[Launched] {
		self.models.get(model).map_or(&[], Vec::as_slice)
	}

	/// The launched models in the order of their names.
	pub fn iter(&self) -> impl Iterator<Item = (&str, &[Launched])> {
		self.models.iter().map(|(name, launches)| (name.as_str(), launches.as_slice()))
	}
}

impl FromIterator<(LaunchId, Offer)> for Launches {
	fn from_iter<I: IntoIterator<Item = (LaunchId, Offer)>>(offers: I) -> Self {
		let mut models: BTreeMap<String, Vec<Launched>> = BTreeMap::new();
		for (launch, Offer { model, price, expires_at }) in offers {
			// The chain takes no other names.
			let Ok(name) = String::from_utf8(model.into_inner()) else { continue };
			models.entry(name).or_default().push(Launched { launch, price, expires_at });
		}
		for launches in models.values_mut() {
			launches.sort_by_key(|launched| (launched.expires_at, launched.launch));
		}
		Self { models }
	}
}

/// A model's name as the chain stores it; `None` if it is too long to be listed.
pub fn model_id(name: &str) -> Option<ModelId> {
	name.as_bytes().to_vec().try_into().ok()
}

/// The most tokens that a call may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
	/// Input tokens, cached or not.
	pub input: u32,
	/// Output tokens.
	pub output: u32,
}

impl Bounds {
	/// The most that usage within the bounds takes from a quota.
	pub fn units(&self) -> Units {
		Units::from(self.input).saturating_add(self.output.into())
	}

	/// `usage`, as far as it lies within the bounds. What a provider reports beyond what it was
	/// asked for is the relay's loss, not the payer's.
	pub fn clip(&self, usage: Usage) -> Usage {
		match usage {
			Usage::Tokens { input, cached_input, output } => {
				let cached_input = cached_input.min(self.input);
				Usage::Tokens {
					input: input.min(self.input.saturating_sub(cached_input)),
					cached_input,
					output: output.min(self.output),
				}
			},
			units => units,
		}
	}

	/// The most µCRED that usage within the bounds is charged; `None` if the model is not metered
	/// in tokens, or on overflow.
	///
	/// The charge grows with each count, so the dearest usage has all the input either cached or
	/// not cached.
	pub fn reservation(&self, price: &Price, tier: Tier) -> Option<Credits> {
		let (input, output) = (self.input, self.output);
		let fresh = price.charge(&Usage::Tokens { input, cached_input: 0, output }, tier)?;
		let cached =
			price.charge(&Usage::Tokens { input: 0, cached_input: input, output }, tier)?;
		Some(fresh.max(cached))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use lx_primitives::Rates;
	use proptest::prelude::*;

	fn price(input: u128, cached_input: u128, output: u128) -> Price {
		let list = Rates::Tokens { input, cached_input, output };
		Price { list, cost: list, active_from: 0 }
	}

	#[test]
	fn a_model_metered_in_units_has_no_token_reservation() {
		let price = Price { list: Rates::Unit(5), cost: Rates::Unit(1), active_from: 0 };
		assert_eq!(Bounds { input: 1, output: 1 }.reservation(&price, Tier::Lv1), None);
	}

	#[test]
	fn a_reservation_that_overflows_is_refused() {
		let bounds = Bounds { input: 2, output: 0 };
		assert_eq!(bounds.reservation(&price(u128::MAX, 0, 0), Tier::Lv1), None);
	}

	#[test]
	fn the_dearer_kind_of_input_is_reserved() {
		let bounds = Bounds { input: 1_000_000, output: 0 };
		assert_eq!(bounds.reservation(&price(3, 7, 0), Tier::Lv1), Some(7));
		assert_eq!(bounds.reservation(&price(7, 3, 0), Tier::Lv1), Some(7));
	}

	#[test]
	fn the_launch_that_expires_first_comes_first() {
		let offer = |launch, name: &str, expires_at| {
			let model = model_id(name).unwrap();
			(launch, Offer { model, price: price(1, 1, 1), expires_at })
		};
		let offers = [offer(3, "a", 20), offer(4, "b", 5), offer(5, "a", 10), offer(2, "a", 20)];
		let launches: Launches = offers.into_iter().collect();
		let of = |model| launches.of(model).iter().map(|launched| launched.launch);
		assert_eq!(of("a").collect::<Vec<_>>(), [5, 2, 3]);
		assert_eq!(of("b").collect::<Vec<_>>(), [4]);
		assert!(launches.of("c").is_empty());
		assert_eq!(launches.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
	}

	proptest! {
		#[test]
		fn clipped_usage_never_costs_more_than_was_reserved(
			rates in (0u128..1 << 40, 0u128..1 << 40, 0u128..1 << 40),
			bounds in (any::<u32>(), any::<u32>()),
			used in (any::<u32>(), any::<u32>(), any::<u32>()),
		) {
			let price = price(rates.0, rates.1, rates.2);
			let bounds = Bounds { input: bounds.0, output: bounds.1 };
			let usage =
				bounds.clip(Usage::Tokens { input: used.0, cached_input: used.1, output: used.2 });
			for tier in [Tier::Lv1, Tier::Lv2, Tier::Lv3, Tier::Lv4, Tier::Whale] {
				let reserved = bounds.reservation(&price, tier).unwrap();
				prop_assert!(price.charge(&usage, tier).unwrap() <= reserved);
			}
			prop_assert!(usage.units() <= bounds.units());
		}
	}
}
