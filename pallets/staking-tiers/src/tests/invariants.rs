//! A state that is not as it should be is found out.

use frame_support::assert_ok;
use lx_primitives::units::LCO;
use sp_runtime::DispatchError;

use crate::{mock::*, FormerStake, Staker, Stakers, Totals, Unstaking};

/// What is said after something was changed of Alice, who has staked 7 LCO and is unstaking 3.
fn after(change: impl FnOnce(&mut Staker)) -> DispatchError {
	new_test_ext().execute_with(|| {
		assert_ok!(stake(ALICE, 10 * LCO));
		wait(1);
		assert_ok!(request(ALICE, 3 * LCO));
		check_invariants();
		Stakers::<Test>::mutate(ALICE, |staker| change(staker.as_mut().unwrap()));
		StakingTiers::do_try_state().unwrap_err()
	})
}

#[test]
fn what_is_held_is_staked_or_being_unstaked() {
	let problem = "what is held is not what is staked and being unstaked";
	let said = [
		after(|staker| staker.staked += 1),
		after(|staker| staker.staked -= 1),
		after(|staker| staker.unstaking.clear()),
		after(|staker| {
			let part = Unstaking { amount: u128::MAX, ready_at: 0 };
			staker.unstaking.try_push(part).unwrap();
		}),
	];
	assert_eq!(said, [DispatchError::Other(problem); 4]);
}

#[test]
fn totals_that_are_not_the_sums() {
	let problem = DispatchError::Other("the totals are not the sums of the stakes");
	let said = after(|staker| {
		staker.staked += LCO;
		staker.unstaking.iter_mut().for_each(|part| part.amount -= LCO);
	});
	assert_eq!(said, problem);
	let said = after(|_| Totals::<Test>::mutate(|totals| totals.lv1.stakers += 1));
	assert_eq!(said, problem);
	let said = after(|_| Totals::<Test>::kill());
	assert_eq!(said, problem);
}

#[test]
fn an_account_that_is_not_sound() {
	let former = |until| FormerStake { staked: 0, until };
	let said = [
		after(|staker| {
			let part = Unstaking { amount: 0, ready_at: 0 };
			staker.unstaking.try_push(part).unwrap();
		}),
		after(|staker| staker.former.clear()),
		after(|staker| staker.former.try_push(former(START + 2)).unwrap()),
		after(|staker| staker.former.try_push(former(START)).unwrap()),
	];
	let expected = [
		"nothing is being unstaked",
		"it is not known since when an account has staked",
		"a stake ended in the future",
		"former stakes are out of order",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}
