use frame_support::{assert_ok, traits::GetStorageVersion};
use lx_math::emission::{epoch_start, CAP, EPOCHS, EPOCH_EMISSION};
use lx_primitives::units::{CRED, LCO};
use sp_runtime::BuildStorage;

use crate::mock::*;

#[test]
fn nothing_exists_at_genesis() {
	build_and_execute(|| {
		assert_eq!((issuance(), Mining::minted(), Mining::burned()), (0, 0, 0));
		assert_eq!((Mining::epoch(), Mining::parity()), (0, Some(100_000)));
	});
}

#[test]
#[should_panic(expected = "LCO exists only by being mined")]
fn genesis_refuses_a_premine() {
	let premine = pallet_balances::GenesisConfig {
		balances: vec![(ALICE, EXISTENTIAL_DEPOSIT)],
		..Default::default()
	};
	let genesis = RuntimeGenesisConfig { balances: premine, ..Default::default() };
	let _ = genesis.build_storage();
}

#[test]
fn what_is_unpaid_is_minted_and_not_burned() {
	build_and_execute(|| {
		settle(ALICE, 99);
		assert_eq!(Mining::minted(), 990_000_000);
		assert_eq!((issuance(), Mining::burned()), (0, 0));
	});
}

#[test]
fn a_burn_counts_as_burned() {
	build_and_execute(|| {
		settle(ALICE, CRED);
		assert_ok!(Balances::burn(RuntimeOrigin::signed(ALICE), 3 * LCO, true));
		assert_eq!((Mining::minted(), Mining::burned()), (10 * LCO, 3 * LCO));
		assert_eq!(issuance(), 7 * LCO);

		settle(ALICE, CRED);
		assert_eq!((Mining::minted(), Mining::burned()), (20 * LCO, 3 * LCO));
	});
}

#[test]
fn dust_that_a_transfer_leaves_counts_as_burned() {
	build_and_execute(|| {
		settle(ALICE, CRED);
		let dust = EXISTENTIAL_DEPOSIT - 1;
		let rest = lco(ALICE) - dust;
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(ALICE), BOB, rest));
		assert_eq!((lco(ALICE), lco(BOB)), (0, rest));
		assert_eq!((issuance(), Mining::burned()), (rest, dust));
	});
}

#[test]
fn a_reaped_account_mines_again_from_nothing() {
	build_and_execute(|| {
		settle(ALICE, CRED);
		let all = lco(ALICE);
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(ALICE), BOB, all));
		settle(ALICE, 1);
		assert_eq!((lco(ALICE), crate::Unpaid::<Test>::get(ALICE)), (0, 10_000_000));
	});
}

#[test]
fn parity_doubles_with_each_epoch_and_ends() {
	build_and_execute(|| {
		for k in 0..EPOCHS {
			assert_eq!((Mining::epoch(), Mining::parity()), (k, Some(100_000 << k)));
			assert_eq!(Mining::minted(), u128::from(k) * EPOCH_EMISSION);
			settle(ALICE, epoch_start(k + 1) - epoch_start(k));
		}
		assert_eq!((Mining::epoch(), Mining::parity()), (EPOCHS, None));
		assert_eq!(Mining::minted(), CAP);
	});
}

#[test]
fn burning_makes_no_room_under_the_cap() {
	build_and_execute(|| {
		settle(ALICE, epoch_start(EPOCHS));
		assert_ok!(Balances::burn(RuntimeOrigin::signed(ALICE), CAP / 2, true));
		settle(ALICE, 1_000_000 * CRED);
		assert_eq!((issuance(), Mining::burned(), Mining::minted()), (CAP / 2, CAP / 2, CAP));
	});
}

#[test]
fn the_storage_version_is_set_at_genesis() {
	build_and_execute(|| {
		assert_eq!(Mining::on_chain_storage_version(), Mining::in_code_storage_version());
		assert_eq!(Mining::on_chain_storage_version(), 1);
	});
}
