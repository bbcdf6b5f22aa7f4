use frame_support::traits::GetStorageVersion;
use sp_runtime::BuildStorage;

use crate::{mock::*, GenesisConfig, Guardian, SunsetWhales};

#[test]
fn a_chain_can_start_without_a_guardian() {
	let storage = RuntimeGenesisConfig::default().build_storage().unwrap();
	sp_io::TestExternalities::from(storage).execute_with(|| {
		assert_eq!(Guardian::<Test>::get(), None);
		assert_eq!(SunsetWhales::<Test>::get(), 0);
		WhaleVoting::do_try_state().unwrap();
	});
}

#[test]
#[should_panic(expected = "the guardian has no time to act")]
fn genesis_refuses_a_guardian_without_an_end() {
	let whale_voting = GenesisConfig { guardian: Some(GUARDIAN), sunset_whales: 0 };
	let genesis = RuntimeGenesisConfig { whale_voting, ..Default::default() };
	genesis.build_storage().unwrap();
}

#[test]
fn the_storage_version_is_set_at_genesis() {
	build_and_execute(|| {
		assert_eq!(WhaleVoting::on_chain_storage_version(), 1);
		assert_eq!(WhaleVoting::in_code_storage_version(), 1);
	});
}
