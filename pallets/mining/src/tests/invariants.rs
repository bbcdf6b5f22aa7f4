use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Mutate, Unbalanced},
		tokens::{Fortitude, Precision, Preservation},
	},
};
use lx_math::emission::{epoch_start, minted_at, EPOCHS};
use lx_primitives::{units::CRED, Balance, Credits};
use proptest::prelude::*;

use crate::{mock::*, TotalUnpaid, Unpaid};

#[test]
fn a_mint_from_elsewhere_is_caught() {
	build_and_execute(|| {
		settle(ALICE, CRED);
		settle(BOB, 99);
		assert_ok!(Mining::do_try_state());

		assert_ok!(Balances::mint_into(&ALICE, 1));
		assert_noop!(Mining::do_try_state(), "more LCO exists than was mined");

		let exact = (Preservation::Preserve, Precision::Exact, Fortitude::Polite);
		assert_ok!(Balances::burn_from(&ALICE, 1, exact.0, exact.1, exact.2));
	});
}

#[test]
fn an_inflated_issuance_is_caught() {
	build_and_execute(|| {
		Balances::set_total_issuance(1);
		assert_noop!(Mining::do_try_state(), "more LCO exists than was mined");
		Balances::set_total_issuance(0);
	});
}

#[test]
fn a_lost_unpaid_reward_is_caught() {
	build_and_execute(|| {
		settle(ALICE, 99);
		let unpaid = Unpaid::<Test>::take(ALICE);
		assert_noop!(Mining::do_try_state(), "TotalUnpaid is not the sum of Unpaid");
		Unpaid::<Test>::insert(ALICE, unpaid);

		TotalUnpaid::<Test>::kill();
		assert_noop!(Mining::do_try_state(), "TotalUnpaid is not the sum of Unpaid");
		TotalUnpaid::<Test>::put(unpaid);
	});
}

#[test]
fn an_empty_entry_is_caught() {
	build_and_execute(|| {
		Unpaid::<Test>::insert(ALICE, 0);
		assert_noop!(Mining::do_try_state(), "an empty entry is stored in Unpaid");
		Unpaid::<Test>::remove(ALICE);
	});
}

const ACCOUNTS: AccountId = 5;

/// `TransferAllBut` leaves dust when `left` is below the existential deposit.
#[derive(Clone, Debug)]
enum Operation {
	Settle { who: AccountId, paid: Credits },
	TransferAllBut { from: AccountId, to: AccountId, left: Balance },
	TransferPercent { from: AccountId, to: AccountId, percent: u8 },
	Burn { who: AccountId, percent: u8 },
	Claim { who: AccountId },
}

impl Operation {
	/// Performs the operation; one that the chain refuses changes nothing.
	fn perform(&self) {
		let signed = RuntimeOrigin::signed;
		let percent_of = |who, percent| lco(who) / 100 * Balance::from(percent);
		let _ = match *self {
			Self::Settle { who, paid } => {
				settle(who, paid);
				Ok(())
			},
			Self::TransferAllBut { from, to, left } => {
				let amount = lco(from).saturating_sub(left);
				Balances::transfer_allow_death(signed(from), to, amount).map(drop)
			},
			Self::TransferPercent { from, to, percent } => {
				let amount = percent_of(from, percent);
				Balances::transfer_allow_death(signed(from), to, amount).map(drop)
			},
			Self::Burn { who, percent } => {
				Balances::burn(signed(who), percent_of(who, percent), false)
			},
			Self::Claim { who } => Mining::claim(signed(who), who),
		};
	}

	fn may_burn(&self) -> bool {
		!matches!(self, Self::Settle { .. } | Self::Claim { .. })
	}
}

fn operation() -> impl Strategy<Value = Operation> {
	let who = || 0..ACCOUNTS;
	let paid = prop_oneof![
		6 => 0..300u128,
		2 => 0..1_000 * CRED,
		1 => 0..epoch_start(EPOCHS) / 4,
	];
	prop_oneof![
		4 => (who(), paid).prop_map(|(who, paid)| Operation::Settle { who, paid }),
		2 => (who(), who(), 0..2 * EXISTENTIAL_DEPOSIT)
			.prop_map(|(from, to, left)| Operation::TransferAllBut { from, to, left }),
		2 => (who(), who(), 0..=100u8)
			.prop_map(|(from, to, percent)| Operation::TransferPercent { from, to, percent }),
		1 => (who(), 0..=100u8).prop_map(|(who, percent)| Operation::Burn { who, percent }),
		1 => who().prop_map(|who| Operation::Claim { who }),
	]
}

fn assert_books_balance(paid: Credits) {
	assert_ok!(Mining::do_try_state());
	assert_eq!(Mining::minted(), minted_at(paid));
	assert_eq!(Mining::minted(), issuance() + TotalUnpaid::<Test>::get() + Mining::burned());
	assert_eq!(issuance(), (0..ACCOUNTS).map(lco).sum::<Balance>());
	// Whatever an account could hold has been paid to it.
	assert!(Unpaid::<Test>::iter_values().all(|unpaid| unpaid < EXISTENTIAL_DEPOSIT));
}

proptest! {
	#[test]
	fn the_books_balance_after_any_operations(
		operations in prop::collection::vec(operation(), 1..60),
	) {
		build_and_execute(|| {
			let mut paid = 0;
			for operation in &operations {
				let (burned, existing) = (Mining::burned(), issuance());
				operation.perform();
				if let Operation::Settle { paid: more, .. } = operation {
					paid += more;
				}
				assert_books_balance(paid);
				if operation.may_burn() {
					assert_eq!(Mining::burned() - burned, existing - issuance());
				} else {
					assert_eq!(Mining::burned(), burned);
				}
			}
		});
	}

	#[test]
	fn any_splitting_mines_the_same_total(
		payments in prop::collection::vec((0..ACCOUNTS, 0..50_000 * CRED), 1..30),
	) {
		build_and_execute(|| {
			for (who, paid) in &payments {
				settle(*who, *paid);
			}
			let paid = payments.iter().map(|(_, paid)| paid).sum();
			assert_eq!(issuance() + TotalUnpaid::<Test>::get(), minted_at(paid));
		});
	}
}
