//! Prizes of the Compute Wars (protocol, section 8).

/// What each rank gets of a prize, in percent, the first rank first.
pub const SHARES: [u8; 10] = [30, 20, 13, 10, 8, 6, 5, 4, 2, 2];

const PERCENT: u128 = 100;

/// What the rank at `place`, counted from 0, gets of `prize`. Rounded down, so that the parts never
/// exceed the whole; nothing beyond the ranks of [`SHARES`].
pub fn of_place(prize: u128, place: usize) -> u128 {
	let share = u128::from(SHARES.get(place).copied().unwrap_or_default());
	// In two parts, since the whole prize times its share could overflow. Neither of them can.
	let hundreds = (prize / PERCENT).saturating_mul(share);
	let rest = (prize % PERCENT).saturating_mul(share) / PERCENT;
	hundreds.saturating_add(rest)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn parts(prize: u128) -> [u128; 10] {
		core::array::from_fn(|place| of_place(prize, place))
	}

	#[test]
	fn the_shares_are_the_whole_and_fall_from_rank_to_rank() {
		assert_eq!(SHARES.iter().sum::<u8>(), 100);
		assert!(SHARES.is_sorted_by(|high, low| high >= low));
	}

	#[test]
	fn a_prize_is_shared_by_ten() {
		assert_eq!(parts(1_000), [300, 200, 130, 100, 80, 60, 50, 40, 20, 20]);
		assert_eq!(of_place(1_000, 10), 0);
		assert_eq!(of_place(1_000, usize::MAX), 0);
	}

	#[test]
	fn each_part_is_rounded_down() {
		assert_eq!(parts(0), [0; 10]);
		assert_eq!(parts(9), [2, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
		assert_eq!(parts(199)[0], 59);
	}

	proptest! {
		#[test]
		fn the_parts_are_exact_and_leave_less_than_one_each(prize in 0..u128::MAX / 100) {
			for (place, share) in SHARES.into_iter().enumerate() {
				prop_assert_eq!(of_place(prize, place), prize * u128::from(share) / 100);
			}
			let left = prize - parts(prize).iter().sum::<u128>();
			prop_assert!(left < 10);
		}

		#[test]
		fn no_prize_overflows(prize in any::<u128>()) {
			let sum = parts(prize).into_iter().try_fold(0u128, u128::checked_add);
			prop_assert!(sum.is_some_and(|sum| sum <= prize && prize - sum < 10));
		}
	}
}
