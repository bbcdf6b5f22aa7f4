use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lx_primitives::{units::USDT, Balance, Moment};
use proptest::prelude::*;

use crate::{mock::*, Event, Ledger, Queue};

/// Accounts that custodians are chosen from, and one that never is.
const PEOPLE: [AccountId; 5] = [ANN, BEN, CAT, DAN, OTHER];
const USERS: [AccountId; 2] = [USER, OTHER];

#[derive(Clone, Debug)]
enum Step {
	Attest { by: usize, deposit: u8, who: usize, amount: Balance },
	Report { by: usize, amount: Balance, paid_out: Balance },
	Withdraw { who: usize, amount: Balance },
	Payout { by: usize, id: u64, payment: u8 },
	Appoint { members: BTreeSet<usize>, threshold: u32 },
	Cap(Balance),
	Block { user: usize, on: bool },
	Pass(Moment),
}

fn amount() -> impl Strategy<Value = Balance> {
	prop_oneof![
		Just(0),
		Just(MIN_BALANCE - 1),
		Just(MIN_BALANCE),
		(1u128..60).prop_map(|n| n * USDT),
		Just(50 * USDT),
		Just(50 * USDT - 1),
		Just(DAILY_CAP),
	]
}

fn step() -> impl Strategy<Value = Step> {
	let by = || 0..PEOPLE.len();
	let user = || 0..USERS.len();
	prop_oneof![
		8 => (by(), 0u8..6, user(), prop_oneof![Just(50 * USDT), amount()])
			.prop_map(|(by, deposit, who, amount)| Step::Attest { by, deposit, who, amount }),
		3 => (by(), prop_oneof![Just(1_000_000 * USDT), amount()], prop_oneof![Just(0), amount()])
			.prop_map(|(by, amount, paid_out)| Step::Report { by, amount, paid_out }),
		4 => (user(), amount()).prop_map(|(who, amount)| Step::Withdraw { who, amount }),
		6 => (by(), 0u64..6, 0u8..4)
			.prop_map(|(by, id, payment)| Step::Payout { by, id, payment }),
		1 => (prop::collection::btree_set(0..PEOPLE.len() - 1, 1..4), 1u32..4)
			.prop_map(|(members, threshold)| Step::Appoint { members, threshold }),
		1 => amount().prop_map(Step::Cap),
		1 => (user(), any::<bool>()).prop_map(|(user, on)| Step::Block { user, on }),
		3 => prop_oneof![Just(1), Just(HOUR), Just(DAY), Just(TIMEOUT)].prop_map(Step::Pass),
	]
}

/// Whether a step succeeds is for the other tests; what it leaves is checked here.
fn apply(step: Step) {
	let person = |index: usize| PEOPLE[index].clone();
	let user = |index: usize| USERS[index].clone();
	match step {
		Step::Attest { by, deposit, who, amount } => {
			let _ = attest(person(by), &format!("in-{deposit}"), user(who), amount);
		},
		Step::Report { by, amount, paid_out } => {
			let _ = report_as_of(person(by), amount, paid_out);
		},
		Step::Withdraw { who, amount } => {
			let _ = withdraw(user(who), amount);
		},
		Step::Payout { by, id, payment } => {
			let _ = payout(person(by), id, &format!("out-{payment}"));
		},
		Step::Appoint { members, threshold } => {
			let members: Vec<_> = members.into_iter().map(person).collect();
			let _ = appoint(&members, threshold);
		},
		Step::Cap(cap) => Custody::set_daily_cap(RuntimeOrigin::root(), cap).unwrap(),
		Step::Block { user: index, on: true } if usdt(user(index)) > 0 => block(&user(index)),
		Step::Block { user: index, on: false } if usdt(user(index)) > 0 => unblock(&user(index)),
		Step::Block { .. } => {},
		Step::Pass(time) => pass(time),
	}
}

/// Custodians who report what is in custody, and who decide together.
const HONEST: [AccountId; 2] = [ANN, BEN];

/// What happens between a count of the USDT in custody and the block that includes the report.
#[derive(Clone, Debug)]
enum Action {
	Withdraw(Balance),
	/// Custody sends what was asked for first.
	Send,
	/// The custodians attest what was sent first.
	Settle,
	/// A custodian counts what is in custody.
	Count(usize),
	/// What it counted last is included.
	Include(usize),
}

fn action() -> impl Strategy<Value = Action> {
	let by = || 0..HONEST.len();
	prop_oneof![
		(10u128..200).prop_map(|n| Action::Withdraw(n * USDT)),
		Just(Action::Send),
		Just(Action::Settle),
		by().prop_map(Action::Count),
		by().prop_map(Action::Include),
	]
}

/// What the public record says, kept apart from the pallet's own books.
#[derive(Default)]
struct Record {
	credited: BTreeSet<Vec<u8>>,
	payments: BTreeSet<Vec<u8>>,
	/// Open withdrawals.
	open: BTreeMap<u64, Balance>,
	deposited: Balance,
	paid: Balance,
}

impl Record {
	fn follow(&mut self, event: Event<Test>) {
		match event {
			Event::DepositCredited { amount, reference, .. } => {
				assert!(self.credited.insert(reference.into_inner()), "credited twice");
				self.deposited += amount;
			},
			Event::WithdrawalRequested { id, amount, .. } => {
				assert_eq!(self.open.insert(id, amount), None);
			},
			Event::WithdrawalPaid { id, amount, reference, .. } => {
				assert!(self.payments.insert(reference.into_inner()), "one payment for two");
				assert_eq!(self.open.remove(&id), Some(amount), "not open when paid");
				self.paid += amount;
			},
			Event::WithdrawalRefunded { id, amount, .. } => {
				assert_eq!(self.open.remove(&id), Some(amount), "not open when refunded");
			},
			Event::RefundDeferred { id, new_id, .. } => {
				let amount = self.open.remove(&id).expect("not open when deferred");
				assert_eq!(self.open.insert(new_id, amount), None);
			},
			_ => {},
		}
	}

	fn check(&self) {
		Custody::do_try_state().unwrap();
		let ledger = Ledger::<Test>::get();
		assert_eq!((ledger.deposited, ledger.paid_out), (self.deposited, self.paid));
		assert_eq!(pending(), self.open.values().sum::<Balance>());
		// Nobody loses dust here, so the backing is exact.
		assert_eq!(issuance() + pending(), self.deposited - self.paid);
		assert_eq!(issuance(), USERS.into_iter().map(usdt).sum::<Balance>());
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(96))]

	#[test]
	fn any_course_of_events_keeps_the_books(steps in prop::collection::vec(step(), 1..120)) {
		new_test_ext().execute_with(|| {
			report_all(1_000_000 * USDT);
			let mut record = Record::default();
			for step in steps {
				let was_covered = Custody::reserves();
				let before = record.deposited;
				apply(step);
				take_events().into_iter().for_each(|event| record.follow(event));
				record.check();
				if record.deposited > before {
					let covered = was_covered.attested.expect("credited with stale reserves");
					assert!(issuance() + pending() <= covered, "credited beyond the reserves");
				}
			}
		});
	}

	/// Two of three are honest: they attest what happened outside, and nothing else.
	#[test]
	fn one_corrupt_custodian_changes_nothing(
		corrupt_steps in prop::collection::vec(step(), 1..60),
		real in prop::collection::vec((0u8..6, 10u128..100), 1..6),
	) {
		new_test_ext().execute_with(|| {
			report_all(1_000_000 * USDT);
			let mut seen = BTreeSet::new();
			for (index, step) in corrupt_steps.into_iter().enumerate() {
				match step {
					Step::Attest { deposit, amount, .. } => {
						let _ = attest(CAT, &format!("in-{deposit}"), CAT, amount);
					},
					Step::Report { amount, paid_out, .. } => {
						let _ = report_as_of(CAT, amount, paid_out);
					},
					Step::Payout { id, payment, .. } => {
						let _ = payout(CAT, id, &format!("out-{payment}"));
					},
					Step::Pass(time) => {
						pass(time);
						report(ANN, 1_000_000 * USDT).unwrap();
						report(BEN, 1_000_000 * USDT).unwrap();
					},
					_ => {},
				}
				let (deposit, amount) = real[index % real.len()];
				if seen.insert(deposit) {
					let reference = format!("in-{deposit}");
					attest(ANN, &reference, USER, amount * USDT).unwrap();
					attest(BEN, &reference, USER, amount * USDT).unwrap();
					withdraw(USER, 10 * USDT).unwrap();
				}
				Custody::do_try_state().unwrap();
			}
			let events = take_events();
			let credited: Balance = events.iter().map(|event| match event {
				Event::DepositCredited { who, amount, .. } => {
					assert_eq!(*who, USER);
					*amount
				},
				_ => 0,
			}).sum();
			assert_eq!(issuance() + pending(), credited);
			assert_eq!(usdt(CAT), 0);
			// Every withdrawal comes back, as nobody honest has paid one.
			pass(TIMEOUT);
			for _ in 0..MAX_WITHDRAWALS {
				next_block();
			}
			assert_eq!(usdt(USER), credited);
		});
	}

	/// Whenever a report was computed and whenever it is included, it says what is there.
	#[test]
	fn a_report_counts_no_money_that_is_gone(actions in prop::collection::vec(action(), 1..80)) {
		new_test_ext().execute_with(|| {
			let mut held = 1_000 * USDT;
			for custodian in HONEST {
				report(custodian, held).unwrap();
			}
			deposit("aa", USER, held);
			// What was sent counts until it is settled.
			let mut countable = held;
			let mut counts = HONEST.map(|_| (countable, 0));
			let mut asked: VecDeque<(u64, Balance)> = VecDeque::new();
			let mut sent: VecDeque<(u64, Balance)> = VecDeque::new();
			for action in actions {
				match action {
					Action::Withdraw(amount) => {
						let id = Queue::<Test>::get().next;
						if withdraw(USER, amount).is_ok() {
							asked.push_back((id, amount));
						}
					},
					Action::Send => {
						if let Some((id, amount)) = asked.pop_front() {
							held -= amount;
							sent.push_back((id, amount));
						}
					},
					Action::Settle => {
						if let Some((id, _)) = sent.pop_front() {
							for custodian in HONEST {
								payout(custodian, id, &format!("out-{id}")).unwrap();
							}
						}
					},
					Action::Count(by) => counts[by] = (countable, paid_out()),
					Action::Include(by) => {
						let (amount, paid_out) = counts[by];
						report_as_of(HONEST[by].clone(), amount, paid_out).unwrap();
					},
				}
				countable = held + sent.iter().map(|(_, amount)| *amount).sum::<Balance>();
				assert_eq!(Custody::reserves().attested, Some(countable));
				Custody::do_try_state().unwrap();
			}
		});
	}
}
