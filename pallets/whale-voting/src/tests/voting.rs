use frame_support::{assert_noop, assert_ok, traits::Get};
use lx_primitives::{
	traits::MayUnstake,
	units::{Balance, LCO},
};
use pallet_conviction_voting::{AccountVote, Conviction, Status, Vote, VotingHooks};
use sp_runtime::DispatchResult;

use crate::{mock::*, Error, PollIndex, Standing, Turnout};

fn aye(balance: Balance) -> AccountVote<Balance> {
	AccountVote::Standard { vote: Vote { aye: true, conviction: Conviction::None }, balance }
}

/// What the voting pallet asks before it records a vote.
fn vote(who: AccountId, poll: PollIndex, vote: AccountVote<Balance>) -> DispatchResult {
	WhaleVoting::on_before_vote(&who, poll, vote)
}

/// What it tells when a vote is removed.
fn remove(who: AccountId, poll: PollIndex) {
	<WhaleVoting as VotingHooks<AccountId, PollIndex, Balance>>::on_remove_vote(
		&who,
		poll,
		Status::Ongoing,
	);
}

fn unstake(who: AccountId, left: Balance) -> DispatchResult {
	WhaleVoting::may_unstake(&who, left)
}

#[test]
fn a_whale_votes_with_its_stake() {
	build_and_execute(|| {
		stake(ALICE, WHALE);
		assert_ok!(vote(ALICE, 3, aye(WHALE)));
		assert_eq!(Standing::<Test>::get(ALICE).into_inner(), [(3, WHALE)]);
		assert_ok!(vote(ALICE, 3, AccountVote::Split { aye: LCO, nay: 2 * LCO }));
		assert_eq!(Standing::<Test>::get(ALICE).into_inner(), [(3, 3 * LCO)]);
		remove(ALICE, 3);
		assert!(!Standing::<Test>::contains_key(ALICE));
	});
}

#[test]
fn nobody_below_a_whale_votes() {
	build_and_execute(|| {
		assert_noop!(vote(ALICE, 0, aye(0)), Error::<Test>::NotWhale);
		stake(ALICE, WHALE - 1);
		assert_noop!(vote(ALICE, 0, aye(1)), Error::<Test>::NotWhale);
	});
}

#[test]
fn nobody_votes_with_more_than_his_stake() {
	build_and_execute(|| {
		stake(ALICE, WHALE);
		assert_noop!(vote(ALICE, 0, aye(WHALE + 1)), Error::<Test>::VoteAboveStake);
		let split = AccountVote::SplitAbstain { aye: WHALE, nay: 0, abstain: 1 };
		assert_noop!(vote(ALICE, 0, split), Error::<Test>::VoteAboveStake);
		let overflow = AccountVote::Split { aye: Balance::MAX, nay: Balance::MAX };
		assert_noop!(vote(ALICE, 0, overflow), Error::<Test>::VoteAboveStake);
	});
}

#[test]
fn nobody_votes_for_what_he_cannot_read() {
	build_and_execute(|| {
		stake(ALICE, WHALE);
		Unreadable::set(Some(4));
		assert_noop!(vote(ALICE, 4, aye(WHALE)), Error::<Test>::StalePreimage);
		// The others count as support too.
		let split = AccountVote::Split { aye: 0, nay: WHALE };
		assert_noop!(vote(ALICE, 4, split), Error::<Test>::StalePreimage);
		let abstention = AccountVote::SplitAbstain { aye: 0, nay: 0, abstain: WHALE };
		assert_noop!(vote(ALICE, 4, abstention), Error::<Test>::StalePreimage);
		assert_ok!(vote(ALICE, 5, aye(WHALE)));
	});
}

#[test]
fn a_whale_is_against_what_it_cannot_read() {
	build_and_execute(|| {
		stake(ALICE, WHALE);
		Unreadable::set(Some(4));
		let vote_of = Vote { aye: false, conviction: Conviction::None };
		let nay = |balance| AccountVote::Standard { vote: vote_of, balance };
		assert_noop!(vote(ALICE, 4, nay(WHALE + 1)), Error::<Test>::VoteAboveStake);
		assert_noop!(vote(BOB, 4, nay(0)), Error::<Test>::NotWhale);
		assert_ok!(vote(ALICE, 4, nay(WHALE)));
		assert_eq!(Standing::<Test>::get(ALICE).into_inner(), [(4, WHALE)]);
	});
}

#[test]
fn votes_that_stand_are_bounded() {
	build_and_execute(|| {
		stake(ALICE, WHALE);
		assert_ok!(vote(ALICE, 0, aye(1)));
		assert_ok!(vote(ALICE, 1, aye(1)));
		assert_noop!(vote(ALICE, 2, aye(1)), Error::<Test>::TooManyVotes);
		assert_ok!(vote(ALICE, 1, aye(2)));
		remove(ALICE, 0);
		assert_ok!(vote(ALICE, 2, aye(1)));
	});
}

#[test]
fn a_vote_that_stands_keeps_its_stake() {
	build_and_execute(|| {
		stake(ALICE, 3 * WHALE);
		assert_ok!(unstake(ALICE, 0));
		assert_ok!(vote(ALICE, 0, aye(LCO)));
		assert_noop!(unstake(ALICE, WHALE - 1), Error::<Test>::VoteStands);
		assert_ok!(unstake(ALICE, WHALE));
		assert_ok!(vote(ALICE, 1, aye(2 * WHALE)));
		assert_noop!(unstake(ALICE, 2 * WHALE - 1), Error::<Test>::VoteStands);
		assert_ok!(unstake(ALICE, 2 * WHALE));
		remove(ALICE, 1);
		assert_ok!(unstake(ALICE, WHALE));
		remove(ALICE, 0);
		assert_ok!(unstake(ALICE, 0));
	});
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
	build_and_execute(|| {
		stake(ALICE, WHALE);
		assert_ok!(vote(ALICE, 0, aye(LCO)));
		remove(ALICE, 1);
		remove(BOB, 0);
		assert_eq!(Standing::<Test>::get(ALICE).into_inner(), [(0, LCO)]);
		assert!(!Standing::<Test>::contains_key(BOB));
	});
}

#[test]
fn turnout_is_measured_against_whales_only() {
	build_and_execute(|| {
		assert_eq!(Turnout::<Test>::get(), WHALE);
		stake(ALICE, WHALE - 1);
		assert_eq!(Turnout::<Test>::get(), WHALE);
		stake(ALICE, 2 * WHALE);
		stake(BOB, WHALE + 1);
		assert_eq!(Turnout::<Test>::get(), 3 * WHALE + 1);
	});
}

#[test]
fn the_invariants_catch_votes_without_stake() {
	build_and_execute(|| {
		stake(ALICE, 2 * WHALE);
		assert_ok!(vote(ALICE, 0, aye(2 * WHALE)));
		stake(ALICE, WHALE);
		let above = "a vote stands that is above its voter's stake";
		assert_noop!(WhaleVoting::do_try_state(), above);
		stake(ALICE, WHALE - 1);
		let small = "a vote stands that is not a whale's";
		assert_noop!(WhaleVoting::do_try_state(), small);
		remove(ALICE, 0);
	});
}
