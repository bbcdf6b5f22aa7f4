//! Why a transaction did not do what it should, in words, with what to do next.

use subxt::{
	error::{DispatchError, ExtrinsicError, TransactionEventsError},
	tx::TransactionInvalid,
};

use crate::advice::advise;

const GET_USDT: &str =
	"`lx deposit` shows how USDT comes in; on a development chain, `lx faucet` gives some";

/// What to do about an error of the chain, by its name.
fn next_step(name: &str) -> &'static str {
	match name {
		"Custody::ReservesStale" | "Custody::ReservesShort" => {
			"Credits are sold again once the custodians have attested enough USDT"
		},
		"Custody::DailyCapExceeded" => "try again tomorrow, or with less",
		"Custody::NotCustodian" => "sign with a custodian's key: name it with --account",
		"Custody::AlreadyCredited" => {
			"a deposit is credited once; `lx balance` shows what you have"
		},
		"Custody::InvalidNetwork" => "write the network as its custodians do, such as tron",
		"Psm::MintingStopped" | "Psm::AllSwapsStopped" => {
			"this is stopped for now; try again later"
		},
		"Psm::ExceedsMaxPsmDebt" => "no more Credits can be sold at the moment; try less",
		"Psm::FeeTooHigh" => "the exchange asks a fee, which it should not: tell its operators",
		"Compute::NoAccount" => "`lx top-up 10` opens an API balance with 10 CRED",
		"Compute::UnknownRelay" | "Compute::RelayNotActive" | "Launchpad::RelayNotActive" => {
			"ask the relay's operator for its number on this chain"
		},
		"Compute::TooManyPurses" => {
			"withdraw all from a purse that you do not need: `lx balance` shows them"
		},
		"Compute::NoPurse" => "`lx top-up 10` opens one with 10 CRED; --relay-id names its relay",
		"Compute::NotPending" | "Compute::WindowOver" => {
			"a batch can be challenged while it is pending: `lx audit --watch` is in time"
		},
		"Compute::RevokedRecently" => {
			"wait until what is served is collected; all that is at your relays thaws already"
		},
		"Compute::NothingThawing" => "start with an amount: `lx withdraw 10`",
		"Compute::StillThawing" => "`lx withdraw --wait` waits until it has thawed",
		"Compute::NothingToSponsor" => {
			"wait until the Ecosystem Fund has earned CRED, from trading fees or on a Friday, as long as \
			 your week lasts; or choose the other perk: `lx wars no-limit`"
		},
		"ComputeWars::TooManyEnded" => {
			"the Ecosystem Fund cannot pay free calls now: `lx wars no-limit` is the other perk"
		},
		"ComputeWars::NotChampion" => "`lx wars` shows who is, and where you stand",
		"ComputeWars::AlreadyChosen" => "a perk lasts for its week: `lx wars` shows which",
		"StakingTiers::InsufficientFunds" => {
			"try a little less: the smallest balance stays in the wallet, and so may the fee"
		},
		"StakingTiers::BelowSmallestStake" => "a stake is 1 LCO at least, or nothing",
		"StakingTiers::NothingStaked" => "`lx stake 1000` makes the tier Lv2",
		"StakingTiers::InsufficientStake" | "StakingTiers::NothingUnstaking" => {
			"`lx tier` shows what is staked"
		},
		"StakingTiers::StillUnstaking" => "`lx unstake --wait` waits until it is ready",
		"StakingTiers::TooManyRequests" => {
			"`lx unstake` collects what is ready, `lx unstake --cancel` stakes all of it again"
		},
		"Launchpad::TierTooLow" | "Launchpad::NoWeight" => {
			"tier Lv3 takes 10000 LCO, staked since a launch was announced: `lx tier` shows yours"
		},
		"Launchpad::AlreadySubscribed"
		| "Launchpad::NotSubscribed"
		| "Launchpad::ClaimTooLarge"
		| "Launchpad::TooManyRelays" => "`lx launch quota` shows what you take part in, and where",
		"Launchpad::StillInUse" => {
			"try again an hour after the launch has expired: `lx launch quota` says when that is"
		},
		"Launchpad::InsufficientFunds" => {
			"keep 0.41 LCO unstaked for the deposit: `lx tier` shows what is staked"
		},
		launchpad if launchpad.starts_with("Launchpad::") => {
			"`lx launch list` shows the launches, and what can be done in them when"
		},
		"WhaleVoting::VoteStands" => {
			"unstake less, or remove the vote with a wallet: `convictionVoting.removeVote`"
		},
		"StakingTiers::TooManyTierChanges" => "wait a day or two, or stay within the tier",
		_ => "`lx balance` shows where you stand",
	}
}

/// A transaction that the node would not take, told before it was sent.
pub fn invalid(reason: &TransactionInvalid) -> anyhow::Error {
	match reason {
		TransactionInvalid::Payment => {
			advise("the account cannot pay the transaction's fee", GET_USDT)
		},
		TransactionInvalid::Stale | TransactionInvalid::Future => advise(
			"another transaction of this account came in between",
			"try again when it is final",
		),
		TransactionInvalid::BadProof => advise(
			"the node does not accept the signature",
			"the chain was probably upgraded: use an lx of its version",
		),
		other => advise(
			format!("the chain does not accept the transaction: {other:?}"),
			"`lx balance` shows where you stand",
		),
	}
}

/// A transaction that the node's pool refused.
pub fn refused(error: &ExtrinsicError) -> anyhow::Error {
	let problem = error.to_string();
	if problem.contains("1014") || problem.contains("1013") {
		return advise(
			"this account has another transaction waiting",
			"try again in a few seconds",
		);
	}
	advise(problem, "`lx balance` shows where you stand")
}

/// A transaction that is in a block and failed there.
pub fn failed(error: TransactionEventsError) -> anyhow::Error {
	let TransactionEventsError::ExtrinsicFailed(error) = error else { return error.into() };
	let (name, meaning) = describe(&error);
	advise(format!("the chain refused: {name}: {meaning}"), next_step(&name))
}

fn describe(error: &DispatchError) -> (String, String) {
	match error {
		DispatchError::Module(module) => {
			let meaning = module.details().map(|details| details.variant.docs.join(" "));
			(module.details_string(), meaning.unwrap_or_default())
		},
		DispatchError::Token(token) => (format!("Token::{token:?}"), token.to_string()),
		other => (format!("{other:?}"), other.to_string()),
	}
}

#[cfg(test)]
mod tests {
	use subxt::error::TokenError;

	use super::*;

	#[test]
	fn a_dispatch_error_is_named_explained_and_has_a_way_out() {
		let failed = failed(DispatchError::Token(TokenError::FundsUnavailable).into());
		let text = failed.to_string();
		assert!(text.contains("Token::FundsUnavailable"), "{text}");
		assert!(text.contains("next: `lx balance`"), "{text}");
	}

	#[test]
	fn every_error_of_a_pallet_of_many_stages_leads_to_them() {
		assert!(next_step("Launchpad::NoWeight").contains("10000 LCO"));
		assert!(next_step("Launchpad::WindowOver").contains("lx launch list"));
		assert!(next_step("Launchpad::ClaimTooLarge").contains("lx launch quota"));
		assert!(next_step("Launchpad::RelayNotActive").contains("operator"));
	}

	#[test]
	fn a_champion_whom_the_fund_cannot_pay_may_wait_or_choose_otherwise() {
		let next = next_step("Compute::NothingToSponsor");
		assert!(next.starts_with("wait until") && next.contains("Friday"), "{next}");
		assert!(next.ends_with("`lx wars no-limit`"), "{next}");
	}

	#[test]
	fn an_unpayable_fee_says_where_money_comes_from() {
		assert!(invalid(&TransactionInvalid::Payment).to_string().contains("lx faucet"));
	}
}
