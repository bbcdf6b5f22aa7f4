use frame_support::{assert_noop, assert_ok};
use lx_primitives::{call_log::BATCH_LIFETIME, units::CRED, Header};
use sp_core::{sr25519, Pair};
use sp_runtime::DispatchResult;

use super::challenges::{readmit, with_bonded_relay, ODD_BOND};
use crate::{
	mock::*, Attestors, Batches, Equivocation, Error, Event, RelayStatus, Relays, SignedHeader,
	Signer,
};

fn signed_header(header: Header, key: &sr25519::Pair) -> SignedHeader {
	SignedHeader { header, signature: key.sign(hash(&header).as_bytes()) }
}

fn evidence(by: Signer, key: &sr25519::Pair, first: Header, second: Header) -> Equivocation {
	let [first, second] = [first, second].map(|header| signed_header(header, key));
	Equivocation { by, first, second }
}

fn by_relay(first: Header, second: Header) -> Equivocation {
	evidence(Signer::Relay, &relay_pair(), first, second)
}

fn by_attestor(id: u32, first: Header, second: Header) -> Equivocation {
	evidence(Signer::Attestor(id), &attestor_pair(id), first, second)
}

fn report(equivocation: Equivocation) -> DispatchResult {
	let reported = Compute::report_equivocation(signed(CAROL), equivocation);
	reported.map(drop).map_err(|error| error.error)
}

/// The header of the relay's next batch, with another total for each number.
fn next(number: u128) -> Header {
	batch(vec![line(ALICE, CRED + number)]).header
}

#[test]
fn a_relay_that_signs_two_batches_for_one_place_loses_its_bond() {
	with_bonded_relay(|| {
		let posted = batch(vec![line(ALICE, CRED), line(BOB, CRED)]);
		let other = next(0);
		assert_ok!(sign(posted.clone()).post());
		let (slashed, reward) = (ODD_BOND, ODD_BOND / 2);
		let reserve = wallet(&RESERVE);
		assert_ok!(report(by_relay(posted.header, other)));
		assert_event(Event::BatchReversed {
			relay: 0,
			sequence: 0,
			hash: hash(&posted.header),
			charge: 2 * CRED,
		});
		assert_event(Event::RelayPunished { relay: 0, slashed, reporter: CAROL });
		assert_eq!(wallet(&CAROL), WEALTH + reward);
		assert_eq!(wallet(&RESERVE), reserve + slashed - reward);
		assert_eq!((purse(ALICE).free, purse(BOB).free), (10 * CRED, 10 * CRED));
		assert!(!Batches::<Test>::contains_key(0, 0));
		assert_eq!(Relays::<Test>::get(0).unwrap().status, RelayStatus::Suspended);
	});
}

#[test]
fn it_is_punished_although_the_chain_took_neither() {
	with_bonded_relay(|| {
		assert_ok!(post(vec![line(BOB, CRED)]));
		assert_ok!(report(by_relay(next(1), next(2))));
		// What it posted for another place stands.
		assert_eq!(purse(BOB).pending, CRED);
		finalise();
		assert_eq!(Ledger::settled(&BOB), CRED);
	});
}

#[test]
fn what_is_past_its_window_is_not_reversed() {
	with_bonded_relay(|| {
		let (first, other) = (batch(vec![line(ALICE, CRED)]), next(1));
		assert_ok!(sign(first.clone()).post());
		wait(WINDOW);
		assert_ok!(report(by_relay(first.header, other)));
		assert_eq!(purse(ALICE).pending, CRED);
		next_block();
		assert_eq!(Ledger::settled(&ALICE), CRED);
		assert_eq!(Relays::<Test>::get(0).unwrap().bond, 0);
	});
}

#[test]
fn headers_that_do_not_conflict_prove_nothing() {
	with_bonded_relay(|| {
		let (one, two) = (next(1), next(2));
		let none = || Error::<Test>::NoEquivocation;
		assert_noop!(report(by_relay(one, one)), none());
		assert_noop!(report(by_relay(one, Header { sequence: 1, ..two })), none());
		assert_noop!(report(by_relay(one, Header { relay: 1, ..two })), none());
		let later = |ms| Header { time: one.time + ms, ..two };
		assert_noop!(report(by_relay(one, later(BATCH_LIFETIME + 1))), none());
		assert_noop!(report(by_relay(later(BATCH_LIFETIME + 1), one)), none());
		// The time that a header says has to have come.
		assert_noop!(report(by_relay(one, later(BATCH_LIFETIME))), none());
		wait(BATCH_LIFETIME - 1);
		assert_noop!(report(by_relay(one, later(BATCH_LIFETIME))), none());
		wait(1);
		assert_ok!(report(by_relay(one, later(BATCH_LIFETIME))));
	});
}

#[test]
fn each_must_be_signed_by_the_accused() {
	with_bonded_relay(|| {
		let (one, two) = (next(1), next(2));
		let bad = || Error::<Test>::BadSignature;
		let forged = evidence(Signer::Relay, &pair(9), one, two);
		assert_noop!(report(forged), bad());
		let mut half = by_relay(one, two);
		half.second = signed_header(two, &attestor_pair(0));
		assert_noop!(report(half), bad());
		assert_noop!(report(evidence(Signer::Attestor(1), &attestor_pair(0), one, two)), bad());
		let unknown = evidence(Signer::Attestor(9), &pair(9), one, two);
		assert_noop!(report(unknown), Error::<Test>::UnknownAttestor);
		let stranger = |header| Header { relay: 8, ..header };
		let of_nobody = by_relay(stranger(one), stranger(two));
		assert_noop!(report(of_nobody), Error::<Test>::UnknownRelay);
	});
}

#[test]
fn old_evidence_punishes_no_second_time() {
	with_bonded_relay(|| {
		let (one, two, three) = (next(1), next(2), next(3));
		wait(1);
		assert_ok!(report(by_relay(one, two)));
		let again = || Error::<Test>::AlreadyPunished;
		assert_noop!(report(by_relay(one, two)), again());
		readmit();
		// Neither the same nor other signatures from before.
		assert_noop!(report(by_relay(two, one)), again());
		assert_noop!(report(by_relay(one, three)), again());
		// New ones count.
		wait(1);
		assert_ok!(report(by_relay(next(4), next(5))));
	});
}

#[test]
fn a_relay_that_has_left_cannot_be_punished() {
	with_bonded_relay(|| {
		let (one, two) = (next(1), next(2));
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		wait(UNBONDING);
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		assert_noop!(report(by_relay(one, two)), Error::<Test>::UnknownRelay);
	});
}

#[test]
fn leaving_does_not_outrun_a_report() {
	with_bonded_relay(|| {
		let (one, two) = (next(1), next(2));
		let bond = Relays::<Test>::get(0).unwrap().bond;
		assert!(bond > 0);
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		wait(UNBONDING);
		assert_ok!(report(by_relay(one, two)));
		assert_event(Event::RelayPunished { relay: 0, slashed: bond, reporter: CAROL });
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		assert_event(Event::RelayRetired { relay: 0, bond: 0 });
	});
}

#[test]
fn an_attestor_that_signs_two_batches_for_one_place_loses_its_bond_and_its_voice() {
	with_bonded_relay(|| {
		give(&OPERATOR, ODD_BOND);
		assert_ok!(Compute::bond_attestor(signed(OPERATOR), 1));
		let posted = batch(vec![line(ALICE, CRED)]);
		let other = next(1);
		assert_ok!(sign(posted.clone()).post());
		let reserve = wallet(&RESERVE);
		assert_ok!(report(by_attestor(1, posted.header, other)));
		assert_event(Event::AttestorPunished { attestor: 1, slashed: ODD_BOND, reporter: CAROL });
		assert_eq!(wallet(&CAROL), WEALTH + ODD_BOND / 2);
		assert_eq!(wallet(&RESERVE), reserve + ODD_BOND / 2 + 1);
		// The relay signed one only, and so did the other attestor.
		assert_eq!(purse(ALICE).pending, CRED);
		assert_eq!(Relays::<Test>::get(0).unwrap().status, RelayStatus::Active);
		let by = |ids: &[u32]| sign_by(batch(vec![line(BOB, CRED)]), &relay_pair(), ids).post();
		assert_noop!(by(&[0, 1]), Error::<Test>::AttestorSuspended);
		assert_ok!(by(&[0, 2]));
	});
}

#[test]
fn a_suspended_attestor_counts_again_once_it_is_bonded_and_named() {
	with_bonded_relay(|| {
		let set = || Compute::set_quorum(RuntimeOrigin::root(), members(&[0, 1, 2]), 2);
		let (one, two) = (next(1), next(2));
		wait(1);
		assert_ok!(report(by_attestor(1, one, two)));
		assert_noop!(set(), Error::<Test>::NotBonded);
		give(&OPERATOR, ODD_BOND);
		assert_ok!(Compute::bond_attestor(signed(OPERATOR), 1));
		assert!(Attestors::<Test>::get(1).unwrap().is_suspended);
		assert_ok!(set());
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_noop!(report(by_attestor(1, one, two)), Error::<Test>::AlreadyPunished);
	});
}
