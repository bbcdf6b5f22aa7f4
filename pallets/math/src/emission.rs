//! How much LCO a µCRED mines (protocol, section 2; whitepaper 3.1).
//!
//! The emission is a function of one number: `C`, the µCRED that have ever been really paid.
//! [`minted_at`] gives the LCO minted by then, so a settlement mints the difference of two values
//! of it, and however settlements are split or ordered, their rewards add up to the same total.
//!
//! Epoch `k` lasts from `C_k` to `C_(k+1)`, mints exactly 1,000,000 LCO, and costs twice what the
//! epoch before it cost:
//!
//! | epoch | from CRED | LCO per CRED | LCO minted at its end |
//! |---|---|---|---|
//! | 0 | 0 | 10 | 1,000,000 |
//! | 1 | 100,000 | 5 | 2,000,000 |
//! | 2 | 300,000 | 2.5 | 3,000,000 |
//! | 9 | 51,100,000 | 0.01953125 | 10,000,000 |
//! | after | 102,300,000 | 0 | 10,000,000 |

/// The most LCO that can ever be minted, in planck: 10,000,000 LCO.
pub const CAP: u128 = EPOCH_EMISSION * EPOCHS as u128;

/// The number of epochs; the rate halves from each to the next and is zero after the last.
pub const EPOCHS: u32 = 10;

/// What each epoch mints, in planck: 1,000,000 LCO.
pub const EPOCH_EMISSION: u128 = 1_000_000 * PLANCK_PER_LCO;

const PLANCK_PER_LCO: u128 = 1_000_000_000_000;

/// µCRED that the first epoch costs: 100,000 CRED.
const FIRST_EPOCH_COST: u128 = 100_000_000_000;

/// Planck that one µCRED mines in the first epoch: 10 LCO per CRED.
const FIRST_EPOCH_RATE: u128 = EPOCH_EMISSION / FIRST_EPOCH_COST;

/// `C_k`: the µCRED paid when epoch `k` starts. Beyond the last epoch it stays at `C_10`, where the
/// emission ends.
pub const fn epoch_start(k: u32) -> u128 {
	let k = if k < EPOCHS { k } else { EPOCHS };
	FIRST_EPOCH_COST * ((1 << k) - 1)
}

/// The epoch that lies at `c` µCRED paid, from 0; [`EPOCHS`] once the emission has ended.
pub const fn epoch(c: u128) -> u32 {
	// C_k <= c means 2^k <= c / C_1 + 1. The quotient is far below u128::MAX: adding cannot overflow.
	let k = (c / FIRST_EPOCH_COST + 1).ilog2();
	if k < EPOCHS {
		k
	} else {
		EPOCHS
	}
}

/// `f(C)`: the planck minted by the time that `c` µCRED are paid. Never falls, never passes [`CAP`].
///
/// Rounded down, so that the cap holds at every moment; the part of a planck that is cut off is not
/// lost, as the next settlement's difference includes it.
pub const fn minted_at(c: u128) -> u128 {
	let k = epoch(c);
	if k == EPOCHS {
		return CAP;
	}
	// Below C_10 the product stays under 2^69.
	EPOCH_EMISSION * k as u128 + (((c - epoch_start(k)) * FIRST_EPOCH_RATE) >> k)
}

/// The planck that `paid` µCRED mine when `c` µCRED were paid before. Zero after the cap.
pub const fn reward(c: u128, paid: u128) -> u128 {
	// Saturating is exact: it is reached only far beyond C_10, where the emission is flat.
	minted_at(c.saturating_add(paid)) - minted_at(c)
}

/// The µCRED that mine one LCO at the rate that applies at `c` µCRED paid; `None` after the cap.
pub const fn parity(c: u128) -> Option<u128> {
	let k = epoch(c);
	if k == EPOCHS {
		return None;
	}
	Some((PLANCK_PER_LCO / FIRST_EPOCH_RATE) << k)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const CRED: u128 = 1_000_000;
	const LCO: u128 = PLANCK_PER_LCO;
	const END: u128 = epoch_start(EPOCHS);

	#[test]
	fn epochs_start_and_mint_exactly_as_promised() {
		for k in 0..=EPOCHS {
			let start = 100_000_000_000u128 * (2u128.pow(k) - 1);
			assert_eq!(epoch_start(k), start);
			assert_eq!(epoch(start), k);
			assert_eq!(minted_at(start), u128::from(k) * 1_000_000_000_000_000_000);
		}
		assert_eq!(CAP, 10_000_000_000_000_000_000);
	}

	#[test]
	fn one_micro_credit_before_a_boundary_is_still_the_old_epoch() {
		for k in 1..=EPOCHS {
			let last = epoch_start(k) - 1;
			assert_eq!(epoch(last), k - 1);
			assert!(minted_at(last) < u128::from(k) * EPOCH_EMISSION);
			assert!(reward(last, 1) > 0);
		}
	}

	#[test]
	fn the_rate_halves_in_each_epoch() {
		// The first 512 µCRED of an epoch mine a whole number of planck in all ten.
		for k in 0..EPOCHS {
			assert_eq!(reward(epoch_start(k), 512), (512 * 10_000_000) >> k);
		}
	}

	#[test]
	fn a_dollar_mines_ten_lco_at_genesis() {
		assert_eq!(reward(0, CRED), 10 * LCO);
		assert_eq!(reward(epoch_start(1) - CRED, CRED), 10 * LCO);
		assert_eq!(reward(epoch_start(1), CRED), 5 * LCO);
	}

	#[test]
	fn the_whole_emission_costs_102_3_million_dollars() {
		assert_eq!(END, 102_300_000 * CRED);
		assert_eq!(reward(0, END), CAP);
		assert_eq!(reward(0, END - 1) + reward(END - 1, 1), CAP);
	}

	#[test]
	fn nothing_is_mined_after_the_cap() {
		for c in [END, END + 1, 2 * END, u128::MAX - 1, u128::MAX] {
			assert_eq!(epoch(c), EPOCHS);
			assert_eq!(minted_at(c), CAP);
			assert_eq!(reward(c, u128::MAX), 0);
			assert_eq!(parity(c), None);
		}
		assert_eq!(epoch_start(EPOCHS + 1), END);
		assert_eq!(epoch_start(u32::MAX), END);
	}

	#[test]
	fn a_settlement_that_crosses_boundaries_is_paid_at_each_rate() {
		let one_each = reward(epoch_start(1) - CRED, 2 * CRED);
		assert_eq!(one_each, 15 * LCO);
		assert_eq!(reward(epoch_start(3), u128::MAX), 7 * EPOCH_EMISSION);
	}

	#[test]
	fn parity_doubles_in_each_epoch_and_mines_one_lco() {
		assert_eq!(parity(0), Some(100_000));
		for k in 0..EPOCHS {
			let paid = parity(epoch_start(k)).unwrap();
			assert_eq!(paid, 100_000 << k);
			assert_eq!(parity(epoch_start(k + 1) - 1), Some(paid));
			assert_eq!(reward(epoch_start(k), paid), LCO);
		}
	}

	/// The formula as the protocol words it, found by walking the epochs.
	fn minted_by_walking(c: u128) -> u128 {
		let within = |k: u32| c.clamp(epoch_start(k), epoch_start(k + 1)) - epoch_start(k);
		(0..EPOCHS).map(|k| (within(k) * 10_000_000) >> k).sum()
	}

	/// Anywhere on the curve, its boundaries and what lies beyond its end included.
	fn point() -> impl Strategy<Value = u128> {
		let near_boundary = (0..=EPOCHS, -3i8..=3)
			.prop_map(|(k, d)| epoch_start(k).saturating_add_signed(d.into()));
		prop_oneof![0..END, near_boundary, END..END * 2, any::<u128>()]
	}

	proptest! {
		#[test]
		fn minted_is_the_sum_over_the_epochs(c in point()) {
			prop_assert_eq!(minted_at(c), minted_by_walking(c));
		}

		#[test]
		fn any_splitting_mints_the_same(
			start in point(),
			parts in prop::collection::vec(prop_oneof![0..1_000u128, 0..END / 4], 0..40),
		) {
			let mut c = start;
			let mut sum = 0;
			for paid in &parts {
				sum += reward(c, *paid);
				c = c.saturating_add(*paid);
			}
			prop_assert_eq!(sum, reward(start, parts.iter().sum()));
			prop_assert_eq!(sum, minted_at(c) - minted_at(start));
		}

		#[test]
		fn minted_never_falls_and_never_passes_the_cap(a in point(), b in point()) {
			let (low, high) = (a.min(b), a.max(b));
			prop_assert!(minted_at(low) <= minted_at(high));
			prop_assert!(minted_at(high) <= CAP);
			prop_assert_eq!(minted_at(high) == CAP, high >= END);
		}

		#[test]
		fn the_epoch_holds_the_point(c in 0..END) {
			let k = epoch(c);
			prop_assert!(epoch_start(k) <= c && c < epoch_start(k + 1));
		}

		#[test]
		fn a_later_dollar_never_mines_more(a in 0..END, b in 0..END, paid in 0..END) {
			let (early, late) = (a.min(b), a.max(b));
			// One planck of slack: either reward is the difference of two values rounded down.
			prop_assert!(reward(late, paid) <= reward(early, paid) + 1);
		}
	}
}
