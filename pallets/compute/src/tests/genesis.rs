use lx_primitives::{Tier, TierHistory};
use sp_core::{crypto::Ss58Codec, Pair};
use sp_runtime::BuildStorage;

use crate::{mock::*, Attestors, GenesisConfig, Quorum, RelayStatus, Relays};

fn build(genesis: GenesisConfig<Test>) {
	RuntimeGenesisConfig { compute: genesis, ..Default::default() }.build_storage().unwrap();
}

fn attestors(keys: &[u8]) -> Vec<(AccountId, sp_core::sr25519::Public)> {
	keys.iter().map(|key| (OPERATOR, pair(*key).public())).collect()
}

#[test]
fn genesis_has_active_unbonded_relays_and_a_quorum() {
	build_and_execute(|| {
		let relay = Relays::<Test>::get(0).unwrap();
		assert_eq!((relay.status, relay.bond), (RelayStatus::Active, 0));
		assert_eq!(Compute::next_batch(0), Some((0, Default::default())));
		assert_eq!(Compute::next_batch(1), None);
		assert_eq!(Attestors::<Test>::get(2).unwrap().bond, 0);
		let quorum = Quorum::<Test>::get();
		assert_eq!((quorum.members, quorum.threshold), (members(&[0, 1, 2]), 2));
		assert_eq!(Compute::tier(ALICE), Tier::Lv1);
		assert_eq!(Compute::tier_at(ALICE, START), Tier::Lv1);
		assert_eq!(Compute::tier_history(ALICE), TierHistory::default());
	});
}

#[test]
fn genesis_reads_as_json() {
	let json = serde_json::json!({
		"relays": [[OPERATOR.to_ss58check(), pair(100).public().to_ss58check()]],
		"attestors": [[OPERATOR.to_ss58check(), pair(0).public().to_ss58check()]],
		"threshold": 1,
	});
	let genesis: GenesisConfig<Test> = serde_json::from_value(json.clone()).unwrap();
	assert_eq!(genesis.relays, vec![(OPERATOR, pair(100).public())]);
	assert_eq!(serde_json::to_value(&genesis).unwrap(), json);
	build(genesis);
}

#[test]
fn an_empty_genesis_is_sound() {
	build(GenesisConfig::default());
}

#[test]
#[should_panic(expected = "quorum")]
fn genesis_refuses_a_threshold_of_zero() {
	build(GenesisConfig { attestors: attestors(&[0]), ..Default::default() });
}

#[test]
#[should_panic(expected = "quorum")]
fn genesis_refuses_a_threshold_that_cannot_be_met() {
	build(GenesisConfig { attestors: attestors(&[0]), threshold: 2, ..Default::default() });
}

#[test]
#[should_panic(expected = "quorum")]
fn genesis_refuses_one_key_twice() {
	build(GenesisConfig { attestors: attestors(&[0, 0]), threshold: 2, ..Default::default() });
}

#[test]
#[should_panic(expected = "too many attestors")]
fn genesis_refuses_more_attestors_than_a_quorum_holds() {
	let keys = (0..17).collect::<Vec<_>>();
	build(GenesisConfig { attestors: attestors(&keys), threshold: 2, ..Default::default() });
}
