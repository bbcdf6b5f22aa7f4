//! What a week has earned, and how a part of it buys LCO (protocol, section 9; whitepaper 3.2).
//!
//! Prices are in ticks of a market. An average of them is kept finer, in units of which a tick has
//! [`SCALE`], so that it follows the price however short the steps are.

/// The percentage of a profit that buys LCO, to be burned.
pub const BURNING_PERCENT: u128 = 20;

/// The percentage of a profit that goes to prizes.
pub const PRIZES_PERCENT: u128 = 2;

/// So many units of an average are one tick.
pub const SCALE: u64 = 1 << 32;

/// However dear a price is, it counts in an average for no more than so many times as much as that.
pub const MOST_TIMES: u64 = 2;

const PERCENT: u128 = 100;

const BASIS_POINTS: u128 = 10_000;

const PLANCK_PER_LCO: u128 = 1_000_000_000_000;

/// What `revenue` leaves when `cost`, `refunds` and the `loss` of earlier weeks are paid: a profit, and
/// a loss to be carried forward. One of them is 0. `None` on overflow.
pub fn result(revenue: u128, cost: u128, refunds: u128, loss: u128) -> Option<(u128, u128)> {
	let paid = cost.checked_add(refunds)?.checked_add(loss)?;
	Some((revenue.saturating_sub(paid), paid.saturating_sub(revenue)))
}

/// The part of a profit that buys LCO: rounded down.
pub const fn burning(profit: u128) -> u128 {
	percent_of(profit, BURNING_PERCENT)
}

/// The part of a profit that goes to prizes: rounded down.
pub const fn prizes(profit: u128) -> u128 {
	percent_of(profit, PRIZES_PERCENT)
}

/// Rounded down. Taken of the hundreds and of the rest by themselves, so that nothing overflows.
const fn percent_of(amount: u128, percent: u128) -> u128 {
	amount / PERCENT * percent + amount % PERCENT * percent / PERCENT
}

/// How many slices a budget is spent in: at most `most`, none of them smaller than `smallest`. A
/// smaller budget is not spent.
pub fn slices(budget: u128, smallest: u128, most: u32) -> u32 {
	let affordable = budget.checked_div(smallest).unwrap_or(budget);
	u32::try_from(affordable).unwrap_or(u32::MAX).min(most)
}

/// How much of `left` the next of so many slices may spend: rounded up, so that the last one may spend
/// all that there is.
pub fn slice(left: u128, slices: u32) -> u128 {
	if slices == 0 {
		return 0;
	}
	left.div_ceil(slices.into())
}

/// Whether a slice is due, `elapsed` ms after this was last asked, when there were `remaining` ms left.
///
/// Each of the `slices` falls on any moment of what remains with the same chance, wherever the others
/// do: selection sampling. `random` decides, of which every value is as likely.
pub fn is_drawn(random: u64, slices: u32, elapsed: u64, remaining: u64) -> bool {
	let part = u128::from(slices) * u128::from(elapsed);
	let whole = u128::from(remaining);
	if part >= whole {
		return part > 0;
	}
	// Both products have room: `part` is below 2^64.
	u128::from(random) * whole < part << u64::BITS
}

/// An average after a price has stood for `elapsed` ms: in short steps it goes 1 − 1/e of the way there
/// within a `window` of ms. Rounded down, and never beyond the price.
pub fn average(before: u64, price: u64, elapsed: u64, window: u64) -> u64 {
	let whole = u128::from(elapsed) + u128::from(window);
	if whole == 0 {
		return before;
	}
	// Neither is more than the gap, which fits.
	let part = |gap: u64| u128::from(gap) * u128::from(elapsed);
	if price >= before {
		before + (part(price - before) / whole) as u64
	} else {
		before - part(before - price).div_ceil(whole) as u64
	}
}

/// An average that has been taken for `age` ms, after a price has stood for `elapsed` ms more: over all
/// that time alike as long as it is not a whole `window`, as an [`average`] over the window then.
///
/// A price counts for no more than [`MOST_TIMES`] the average, or than one tick if that is more. So whoever
/// lets an absurd price stand for a moment moves nothing; what rises for good is followed all the same.
pub fn follow(before: u64, price: u64, elapsed: u64, age: u64, window: u64) -> u64 {
	let most = before.saturating_mul(MOST_TIMES).max(SCALE);
	average(before, price.min(most), elapsed, age.min(window))
}

/// The highest price that is at most so many basis points over an average, in whole ticks: rounded
/// down.
pub fn highest(average: u64, basis_points: u16) -> u32 {
	let share = BASIS_POINTS + u128::from(basis_points);
	let price = u128::from(average) * share / BASIS_POINTS / u128::from(SCALE);
	u32::try_from(price).unwrap_or(u32::MAX)
}

/// The µCRED that one LCO has cost, of which `bought` planck were had for `spent` µCRED: rounded down, 0
/// if nothing was bought. Saturates only beyond 10^20 CRED.
pub fn price(spent: u128, bought: u128) -> u128 {
	spent.saturating_mul(PLANCK_PER_LCO).checked_div(bought).unwrap_or_default()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const CRED: u128 = 1_000_000;
	const LCO: u128 = PLANCK_PER_LCO;

	#[test]
	fn a_fifth_of_the_profit_is_burned_and_a_fiftieth_is_for_prizes() {
		assert_eq!((burning(1_000 * CRED), prizes(1_000 * CRED)), (200 * CRED, 20 * CRED));
		assert_eq!((burning(4), burning(5), prizes(49), prizes(50)), (0, 1, 0, 1));
		assert_eq!((burning(0), prizes(0)), (0, 0));
		assert_eq!(burning(u128::MAX), u128::MAX / 5);
		assert_eq!(prizes(u128::MAX), u128::MAX / 50);
	}

	#[test]
	fn a_loss_is_carried_until_it_is_earned() {
		assert_eq!(result(100, 60, 10, 0), Some((30, 0)));
		assert_eq!(result(100, 60, 60, 0), Some((0, 20)));
		assert_eq!(result(15, 5, 0, 20), Some((0, 10)));
		assert_eq!(result(15, 5, 0, 10), Some((0, 0)));
		assert_eq!(result(25, 5, 0, 10), Some((10, 0)));
		assert_eq!(result(0, 0, 0, 0), Some((0, 0)));
		assert_eq!(result(u128::MAX, u128::MAX, 0, 0), Some((0, 0)));
		assert_eq!(result(0, u128::MAX, 1, 0), None);
		assert_eq!(result(0, u128::MAX, 0, 1), None);
	}

	#[test]
	fn no_slice_is_smaller_than_the_smallest() {
		assert_eq!(slices(240 * CRED, 2 * CRED, 24), 24);
		assert_eq!(slices(47 * CRED, 2 * CRED, 24), 23);
		assert_eq!(slices(2 * CRED, 2 * CRED, 24), 1);
		assert_eq!(slices(2 * CRED - 1, 2 * CRED, 24), 0);
		assert_eq!(slices(u128::MAX, 0, 24), 24);
		assert_eq!((slices(0, 0, 24), slices(CRED, CRED, 0)), (0, 0));
		assert_eq!(slices(u128::MAX, 1, u32::MAX), u32::MAX);
	}

	#[test]
	fn the_last_slice_may_spend_all() {
		assert_eq!((slice(10, 3), slice(6, 2), slice(3, 1)), (4, 3, 3));
		assert_eq!((slice(10, 0), slice(0, 3)), (0, 0));
		assert_eq!(slice(u128::MAX, 1), u128::MAX);
	}

	#[test]
	fn what_has_to_come_in_the_rest_of_the_day_is_drawn() {
		assert!(is_drawn(u64::MAX, 1, 10, 10));
		assert!(is_drawn(u64::MAX, 2, 5, 10));
		assert!(is_drawn(u64::MAX, 1, 10, 0));
		assert!(is_drawn(0, 1, 1, u64::MAX));
		assert!(!is_drawn(0, 0, 10, 10));
		assert!(!is_drawn(0, 1, 0, 0));
		assert!(!is_drawn(0, 1, 0, 10));
		assert!(!is_drawn(u64::MAX, 1, u64::MAX - 1, u64::MAX));
		assert!(is_drawn(u64::MAX, u32::MAX, u64::MAX, u64::MAX));
	}

	#[test]
	fn half_of_the_numbers_draw_at_half_the_chance() {
		assert!(is_drawn((1 << 63) - 1, 1, 5, 10));
		assert!(!is_drawn(1 << 63, 1, 5, 10));
	}

	#[test]
	fn an_average_follows_the_price() {
		assert_eq!(average(100, 200, 10, 10), 150);
		assert_eq!(average(200, 100, 10, 10), 150);
		assert_eq!(average(100, 200, 0, 10), 100);
		assert_eq!(average(100, 200, 10, 0), 200);
		assert_eq!(average(100, 200, 0, 0), 100);
		// Both are rounded down.
		assert_eq!((average(0, 1, 1, 1), average(1, 0, 1, 1)), (0, 0));
		assert_eq!(average(0, u64::MAX, u64::MAX, u64::MAX), u64::MAX / 2);
		assert_eq!(average(u64::MAX, 0, u64::MAX, u64::MAX), u64::MAX / 2);
	}

	#[test]
	fn blocks_of_two_seconds_move_an_average_of_eight_hours() {
		const WINDOW: u64 = 8 * 60 * 60 * 1_000;
		let price = |tick: u64| tick * SCALE;
		let mut now = price(20_000);
		for _ in 0..WINDOW / 2_000 {
			now = average(now, price(20_001), 2_000, WINDOW);
		}
		// 1 - 1/e of the way.
		let moved = now - price(20_000);
		assert!((SCALE * 63 / 100..SCALE * 64 / 100).contains(&moved), "{moved}");
	}

	/// An average of a price of 2 CRED, of which so many windows were watched, after the dearest price that
	/// there is has stood for a block, in millionths of what it was before.
	fn after_a_spike(windows: u64) -> u64 {
		const WINDOW: u64 = 8 * 60 * 60 * 1_000;
		let (before, spike) = (20_000 * SCALE, ((1 << 24) - 1) * SCALE);
		follow(before, spike, 2_000, windows * WINDOW, WINDOW) / (before / 1_000_000)
	}

	#[test]
	fn an_absurd_price_that_stands_for_a_moment_moves_nothing() {
		for windows in [1, 2, 1_000] {
			let moved = after_a_spike(windows);
			assert!((1_000_000..1_000_070).contains(&moved), "{windows}: {moved}");
		}
	}

	#[test]
	fn a_young_average_is_of_all_its_time_alike() {
		let price = |tick: u64| tick * SCALE;
		assert_eq!(follow(price(10), price(15), 30, 0, 100), price(15));
		assert_eq!(follow(price(10), price(15), 10, 40, 100), price(11));
		assert_eq!(follow(price(10), price(15), 25, 100, 100), price(11));
		assert_eq!(follow(price(10), price(15), 25, 900, 100), price(11));
		// What is dearer counts for twice the average, and what is cheaper as it is.
		assert_eq!(follow(price(10), price(20), 10, 40, 100), price(12));
		assert_eq!(follow(price(10), price(900), 10, 40, 100), price(12));
		assert_eq!(follow(price(10), price(5), 10, 40, 100), price(9));
		assert_eq!(follow(price(10), 0, 0, 0, 0), price(10));
	}

	#[test]
	fn an_average_that_is_too_low_is_left_behind_soon() {
		const WINDOW: u64 = 8 * 60 * 60 * 1_000;
		let price = 20_000 * SCALE;
		let (mut now, mut age) = (price / 2_000, 0);
		while age < WINDOW {
			now = follow(now, price, 2_000, age, WINDOW);
			age += 2_000;
		}
		assert!(
			now > price / 2,
			"a first price of next to nothing is forgotten within the first window"
		);
		now /= 20;
		for _ in 0..4 * WINDOW / 2_000 {
			now = follow(now, price, 2_000, age, WINDOW);
		}
		assert!(now > price / 2, "and a twentieth within four");
	}

	#[test]
	fn the_highest_price_is_a_share_over_the_average() {
		assert_eq!(highest(20_000 * SCALE, 150), 20_300);
		assert_eq!(highest(20_000 * SCALE - 1, 150), 20_299);
		assert_eq!(highest(20_000 * SCALE, 0), 20_000);
		assert_eq!(highest(0, u16::MAX), 0);
		assert_eq!(highest(u64::MAX, u16::MAX), u32::MAX);
	}

	#[test]
	fn a_price_is_what_one_lco_has_cost() {
		assert_eq!(price(200 * CRED, 100 * LCO), 2 * CRED);
		assert_eq!(price(1, 3 * LCO), 0);
		assert_eq!(price(0, LCO), 0);
		assert_eq!(price(CRED, 0), 0);
	}

	proptest! {
		#[test]
		fn shares_are_exact(profit in any::<u64>()) {
			let profit = u128::from(profit);
			prop_assert_eq!(burning(profit), profit * 20 / 100);
			prop_assert_eq!(prizes(profit), profit * 2 / 100);
			prop_assert!(burning(profit) + prizes(profit) <= profit);
		}

		#[test]
		fn weeks_together_earn_what_they_earn_one_by_one(
			weeks in prop::collection::vec((0u32..1_000, 0u32..1_000), 0..30),
		) {
			let (mut profits, mut loss) = (0i128, 0);
			for (revenue, cost) in &weeks {
				let (profit, new_loss) = result((*revenue).into(), (*cost).into(), 0, loss).unwrap();
				prop_assert!(profit == 0 || new_loss == 0);
				profits += profit as i128;
				loss = new_loss;
			}
			let earned: i128 = weeks.iter().map(|(r, c)| i128::from(*r) - i128::from(*c)).sum();
			prop_assert_eq!(profits - loss as i128, earned);
		}

		#[test]
		fn slices_spend_the_whole_budget(budget in any::<u128>(), count in 1u32..200) {
			let mut left = budget;
			for slices in (1..=count).rev() {
				left -= slice(left, slices);
			}
			prop_assert_eq!(left, 0);
		}

		/// However often it is asked: as many are drawn as there are, if there are not more of them than
		/// moments.
		#[test]
		fn all_slices_are_drawn(
			randoms in prop::collection::vec(any::<u64>(), 1..200),
			slices in 0u32..200,
		) {
			let (moments, mut left) = (randoms.len() as u64, slices);
			for (asked, random) in (0..).zip(&randoms) {
				left -= u32::from(is_drawn(*random, left, 1, moments - asked));
			}
			prop_assert_eq!(left, slices.saturating_sub(moments as u32));
		}

		#[test]
		fn an_average_stays_between_what_it_was_and_the_price(
			before in any::<u64>(), price in any::<u64>(), elapsed in any::<u64>(), window in any::<u64>(),
		) {
			let after = average(before, price, elapsed, window);
			prop_assert!((before.min(price)..=before.max(price)).contains(&after));
		}

		#[test]
		fn no_price_more_than_doubles_an_average(
			before in SCALE..1 << 56, price in any::<u64>(), elapsed in any::<u64>(), age in any::<u64>(),
			window in any::<u64>(),
		) {
			let after = follow(before, price, elapsed, age, window);
			prop_assert!((before.min(price)..=before.max(price.min(2 * before))).contains(&after));
			prop_assert_eq!(follow(before, price, 0, age, window), before);
		}

		#[test]
		fn where_more_is_to_come_more_numbers_draw(
			random in any::<u64>(), slices in 0u32..100, elapsed in 0u64..10_000, remaining in any::<u64>(),
		) {
			if is_drawn(random, slices, elapsed, remaining) {
				prop_assert!(is_drawn(random, slices + 1, elapsed, remaining));
				prop_assert!(is_drawn(random / 2, slices, elapsed, remaining));
			}
		}

		#[test]
		fn a_price_times_what_was_bought_is_no_more_than_was_spent(
			spent in 0..1u128 << 70, bought in 1..1u128 << 56,
		) {
			let price = price(spent, bought);
			prop_assert!(price * bought <= spent * LCO);
			prop_assert!(spent * LCO - price * bought < bought);
		}
	}
}
