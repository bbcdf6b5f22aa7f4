//! Random operations keep the invariants, whatever becomes of each.

use frame_support::weights::Weight;
use lx_primitives::{traits::Quotas, units::LCO, Balance, LaunchId, Moment, RelayId, Units};
use proptest::{collection::vec, prelude::*};

use crate::{mock::*, Launches, Subscriptions, Terms, WeightInfo};

const WHO: [AccountId; 5] = [ALICE, BOB, CAROL, 300, 70_000];

#[derive(Clone, Debug)]
enum Operation {
	Launch(Units, [Moment; 4]),
	Reoffer(LaunchId, [Moment; 4]),
	Stake(AccountId, Balance),
	Subscribe(AccountId, LaunchId, Units),
	Claim(AccountId, LaunchId, RelayId, Units),
	Redeem(AccountId, LaunchId, RelayId, Units),
	Restore(AccountId, LaunchId, RelayId, Units),
	Release(AccountId, LaunchId),
	Wait(Moment),
}

use Operation::*;

fn operation() -> impl Strategy<Value = Operation> {
	let who = || prop::sample::select(WHO.to_vec());
	let id = || 0..4u32;
	// One account can claim at more relays than may be, and at some that serve no calls.
	let relay = || prop_oneof![3 => RELAY..RELAY + 2, 1 => 0..NO_RELAY + 2];
	let units = || prop_oneof![0..12u64, 0..1_500u64];
	let hours = || prop::array::uniform4(0..30 * HOUR);
	let lco = prop_oneof![Just(0), Just(9_999), Just(10_000), 10_000..120_000u128];
	prop_oneof![
		2 => (units(), hours()).prop_map(|(units, hours)| Launch(units, hours)),
		1 => (id(), hours()).prop_map(|(id, hours)| Reoffer(id, hours)),
		4 => (who(), lco).prop_map(|(who, lco)| Stake(who, lco)),
		8 => (who(), id(), units()).prop_map(|(who, id, units)| Subscribe(who, id, units)),
		9 => (who(), id(), relay(), units())
			.prop_map(|(who, id, relay, units)| Claim(who, id, relay, units)),
		6 => (who(), id(), relay(), units())
			.prop_map(|(who, id, relay, units)| Redeem(who, id, relay, units)),
		1 => (who(), id(), relay(), units())
			.prop_map(|(who, id, relay, units)| Restore(who, id, relay, units)),
		2 => (who(), id()).prop_map(|(who, id)| Release(who, id)),
		6 => (1..20 * HOUR).prop_map(Wait),
	]
}

/// Each moment so long after the one before.
fn soon([notice, opening, closing, expiry]: [Moment; 4]) -> Terms {
	let snapshot_at = Now::get() + notice;
	let opens_at = snapshot_at + opening;
	let closes_at = opens_at + closing;
	Terms { snapshot_at, opens_at, closes_at, expires_at: closes_at + expiry, ..terms() }
}

/// Does it, and says whether it could be done.
fn run(operation: Operation) -> bool {
	let root = RuntimeOrigin::root;
	let signed = RuntimeOrigin::signed;
	match operation {
		Launch(units, hours) => {
			Launchpad::launch(root(), model("scarce"), units, soon(hours)).is_ok()
		},
		Reoffer(id, hours) => Launchpad::reoffer(root(), id, soon(hours)).is_ok(),
		Stake(who, lco) => {
			stake(who, lco * LCO);
			true
		},
		Subscribe(who, id, units) => Launchpad::subscribe(signed(who), id, units).is_ok(),
		Claim(who, id, relay, units) => Launchpad::claim(signed(who), id, relay, units).is_ok(),
		Redeem(who, id, relay, units) => {
			let may = Launchpad::may_redeem(&who, id, relay, units);
			assert_eq!(Launchpad::redeem(&who, id, relay, units), may);
			may.is_ok()
		},
		Restore(who, id, relay, units) => {
			// As of a batch that is reversed: what was used before.
			let used = Launchpad::claimed(id, who, relay).map_or(0, |claim| claim.used);
			Launchpad::restore(&who, id, relay, units.min(used));
			true
		},
		Release(who, id) => Launchpad::release(signed(99), id, who).is_ok(),
		Wait(time) => {
			wait(time);
			next_block();
			true
		},
	}
}

/// All that is stored.
fn state() -> impl PartialEq + core::fmt::Debug {
	let mut launches: Vec<_> = Launches::<Test>::iter().collect();
	launches.sort_by_key(|(id, _)| *id);
	let mut subscriptions: Vec<_> = Subscriptions::<Test>::iter().collect();
	subscriptions.sort_by_key(|(id, who, _)| (*id, *who));
	(launches, subscriptions, WHO.map(held))
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

	#[test]
	fn random_operations_keep_the_invariants(
		operations in vec(operation(), 1..120),
		is_slow in any::<bool>(),
	) {
		new_test_ext().execute_with(|| {
			ShortestNotice::set(0);
			if is_slow {
				StepWeight::set(<() as WeightInfo>::next_due());
			}
			WHO.into_iter().for_each(endow);
			let total: Balance = WHO.into_iter().map(|who| free(who) + held(who)).sum();
			for operation in operations {
				let before = state();
				// What cannot be done changes nothing.
				if !run(operation) {
					prop_assert_eq!(state(), before);
				}
				Launchpad::do_try_state().unwrap();
				let after: Balance = WHO.into_iter().map(|who| free(who) + held(who)).sum();
				prop_assert_eq!(after, total);
			}
			StepWeight::set(Weight::MAX);
			wait(100 * DAY);
			next_block();
			Launchpad::do_try_state().unwrap();
			prop_assert!(Launchpad::live().is_empty(), "everything comes to its end");
			for (id, who, _) in Subscriptions::<Test>::iter().collect::<Vec<_>>() {
				Launchpad::release(RuntimeOrigin::signed(99), id, who).unwrap();
			}
			prop_assert_eq!(WHO.map(held), [0; 5]);
			Ok(())
		})?;
	}
}
