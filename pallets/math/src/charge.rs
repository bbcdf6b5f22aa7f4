//! What a call costs (protocol, section 2).

/// Rates of tokens are given per this many of them.
const TOKENS_PER_RATE: u128 = 1_000_000;

const PERCENT: u128 = 100;

/// `percent` % of the price of `parts`, each a number of tokens and its rate per 1,000,000.
///
/// Rounded up once, over the whole sum: the user pays for every started µCRED and no more than one
/// is added, however the tokens are divided. `None` on overflow.
pub fn tokens(parts: [(u32, u128); 3], percent: u8) -> Option<u128> {
	let sum = parts.into_iter().try_fold(0u128, |sum, (count, rate)| {
		sum.checked_add(u128::from(count).checked_mul(rate)?)
	})?;
	percent_of(sum, percent, TOKENS_PER_RATE)
}

/// `percent` % of the price of `count` units at `rate` each, rounded up once as [`tokens`] is.
/// `None` on overflow.
pub fn units(count: u32, rate: u128, percent: u8) -> Option<u128> {
	percent_of(u128::from(count).checked_mul(rate)?, percent, 1)
}

fn percent_of(amount: u128, percent: u8, scale: u128) -> Option<u128> {
	let scaled = amount.checked_mul(u128::from(percent))?;
	Some(scaled.div_ceil(PERCENT.checked_mul(scale)?))
}

/// Whether `part` is at most `percent` % of `whole`. Exact; false where it cannot be computed.
pub fn is_within_percent(part: u128, whole: u128, percent: u8) -> bool {
	match (part.checked_mul(PERCENT), whole.checked_mul(u128::from(percent))) {
		(Some(part), Some(limit)) => part <= limit,
		_ => false,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// µCRED per 1,000,000 input, cached-input and output tokens.
	const RATES: [u128; 3] = [2_500_000, 1_250_000, 10_000_000];

	fn parts(counts: [u32; 3]) -> [(u32, u128); 3] {
		[(counts[0], RATES[0]), (counts[1], RATES[1]), (counts[2], RATES[2])]
	}

	#[test]
	fn a_call_costs_the_sum_of_its_tokens() {
		// 1,000 × 2.5 + 200 × 1.25 + 500 × 10 µCRED.
		assert_eq!(tokens(parts([1_000, 200, 500]), 100), Some(7_750));
		assert_eq!(tokens(parts([0, 0, 0]), 100), Some(0));
		assert_eq!(tokens(parts([1_000, 200, 500]), 0), Some(0));
	}

	#[test]
	fn a_charge_is_rounded_up_once() {
		// 2.5 + 1.25 + 10 = 13.75; rounding each part would have made 15.
		assert_eq!(tokens(parts([1, 1, 1]), 100), Some(14));
		assert_eq!(tokens([(1, 1), (0, 0), (0, 0)], 100), Some(1));
		assert_eq!(tokens([(1_000_000, 1), (0, 0), (0, 0)], 100), Some(1));
		assert_eq!(tokens([(1_000_001, 1), (0, 0), (0, 0)], 100), Some(2));
	}

	#[test]
	fn tiers_pay_their_percentage() {
		let used = parts([1_000, 200, 500]);
		// 95 % of 7,750 is 7,362.5.
		assert_eq!(tokens(used, 95), Some(7_363));
		assert_eq!(tokens(used, 85), Some(6_588));
		assert_eq!(tokens(used, 70), Some(5_425));
		assert_eq!(units(3, 40_000, 100), Some(120_000));
		assert_eq!(units(1, 1, 70), Some(1));
		assert_eq!(units(0, 40_000, 100), Some(0));
	}

	#[test]
	fn an_overflow_is_refused() {
		assert_eq!(tokens([(2, u128::MAX), (0, 0), (0, 0)], 100), None);
		assert_eq!(tokens([(1, u128::MAX), (1, 1), (0, 0)], 1), None);
		assert_eq!(tokens([(1, u128::MAX), (0, 0), (0, 0)], 100), None);
		assert_eq!(units(2, u128::MAX, 1), None);
		assert_eq!(units(1, u128::MAX, 2), None);
		assert_eq!(units(1, u128::MAX, 1), Some(u128::MAX.div_ceil(100)));
	}

	#[test]
	fn a_share_is_compared_exactly() {
		assert!(is_within_percent(70, 100, 70));
		assert!(!is_within_percent(71, 100, 70));
		assert!(is_within_percent(0, 0, 70));
		assert!(!is_within_percent(1, 0, 70));
		assert!(!is_within_percent(1, 1, 70));
		assert!(!is_within_percent(u128::MAX, u128::MAX, 100));
	}

	prop_compose! {
		fn usage()(counts in any::<[u32; 3]>(), rates in prop::array::uniform3(0..1u128 << 80))
			-> [(u32, u128); 3]
		{
			[(counts[0], rates[0]), (counts[1], rates[1]), (counts[2], rates[2])]
		}
	}

	proptest! {
		#[test]
		fn a_charge_is_the_price_and_less_than_one_more(used in usage(), percent in 0u8..=100) {
			let exact: u128 = used.iter().map(|(count, rate)| u128::from(*count) * rate).sum();
			let (exact, scale) = (exact * u128::from(percent), 100_000_000);
			let charge = tokens(used, percent).unwrap();
			prop_assert!(charge * scale >= exact);
			prop_assert!(charge * scale < exact + scale);
		}

		#[test]
		fn splitting_a_call_never_makes_it_cheaper(a in usage(), counts in any::<[u32; 3]>()) {
			let b = [(counts[0], a[0].1), (counts[1], a[1].1), (counts[2], a[2].1)];
			let mut both = a;
			for (part, (count, _)) in both.iter_mut().zip(b) {
				part.0 = part.0.saturating_add(count);
			}
			let apart = tokens(a, 100).unwrap() + tokens(b, 100).unwrap();
			prop_assert!(tokens(both, 100).unwrap() <= apart);
		}

		#[test]
		fn a_better_tier_never_pays_more(used in usage(), a in 0u8..=100, b in 0u8..=100) {
			prop_assert!(tokens(used, a.min(b)) <= tokens(used, a.max(b)));
		}

		#[test]
		fn no_tier_pays_less_than_a_cost_within_its_percentage(
			list in 0..1u128 << 80,
			share in 0..=u32::MAX,
			count in any::<u32>(),
		) {
			let limit = list * 70 / 100;
			let cost = limit * u128::from(share) / u128::from(u32::MAX);
			prop_assert!(is_within_percent(cost, list, 70));
			prop_assert!(!is_within_percent(limit + 1, list, 70));
			prop_assert!(units(count, cost, 100) <= units(count, list, 70));

			let input = |rate, percent| tokens([(count, rate), (0, 0), (0, 0)], percent);
			prop_assert!(input(cost, 100) <= input(list, 70));
		}
	}
}
