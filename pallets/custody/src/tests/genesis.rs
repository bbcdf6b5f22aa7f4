use frame_support::assert_ok;
use lx_primitives::units::{CRED_ASSET, USDT_ASSET};
use sp_runtime::BuildStorage;

use crate::{mock::*, Custodians, DailyCap};

fn built(change: impl FnOnce(&mut RuntimeGenesisConfig)) -> sp_io::TestExternalities {
	let mut config = genesis();
	change(&mut config);
	config.build_storage().unwrap().into()
}

#[test]
fn it_appoints_the_custodians_and_creates_the_peg() {
	build_and_execute(|| {
		let quorum = Custodians::<Test>::get();
		let accounts: Vec<_> = quorum.members.into_iter().map(|member| member.account).collect();
		assert_eq!((accounts, quorum.threshold), (vec![ANN, BEN, CAT], 2));
		assert_eq!(DailyCap::<Test>::get(), DAILY_CAP);
		assert!(pallet_psm::Psm::<Test>::contains_key(CRED_ASSET));
		assert_eq!(pallet_psm::PsmDebt::<Test>::get(CRED_ASSET, USDT_ASSET), 0);
	});
}

#[test]
fn it_may_name_nobody() {
	built(|config| config.custody.custodians.clear()).execute_with(|| {
		assert_eq!(Custodians::<Test>::get().threshold, 0);
		assert_eq!(Custody::reserves().attested, None);
		assert!(pallet_psm::Psm::<Test>::contains_key(CRED_ASSET));
		Custody::do_try_state().unwrap();
		assert_ok!(appoint(&[ANN, BEN, CAT], 2));
		Custody::do_try_state().unwrap();
	});
}

#[test]
fn an_empty_genesis_sets_up_nothing() {
	let mut ext: sp_io::TestExternalities =
		RuntimeGenesisConfig::default().build_storage().unwrap().into();
	ext.execute_with(|| {
		assert!(!pallet_psm::Psm::<Test>::contains_key(CRED_ASSET));
		Custody::do_try_state().unwrap();
	});
}

#[test]
#[should_panic(expected = "a majority as threshold")]
fn it_refuses_a_minority() {
	built(|config| config.custody.threshold = 1);
}

#[test]
#[should_panic(expected = "at most `MaxCustodians`")]
fn it_refuses_too_many() {
	built(|config| {
		config.custody.custodians = (0..6u8).map(|index| AccountId::new([index; 32])).collect();
	});
}
