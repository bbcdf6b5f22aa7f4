//! Challenging a wrong batch, for `lx audit --challenge`.

use anyhow::Result;
use lx_primitives::RelayId;
use pallet_compute::Fraud;
use serde_json::json;
use sp_core::crypto::AccountId32;
use subxt::{
	dynamic::Value,
	ext::{scale_decode::DecodeAsType, scale_value::ValueDef},
};

use super::Session;
use crate::{
	advice::advise,
	amount::Unit,
	chain::{
		compute,
		state::State,
		submit::{submit, Done},
	},
	output::Reply,
};

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct BatchReversed {
	charge: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct RelayPunished {
	slashed: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct ChallengeFailed {
	flaw: Value,
	stake: u128,
}

/// How the chain judged.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
	/// The batch is wrong: so many µCRED are given back, and so many of the relay's bond are taken.
	Proven { returned: u128, slashed: u128 },
	/// It is not, or the proof has this flaw: the stake is lost.
	NotProven { flaw: String, stake: u128 },
}

/// Fails if the account cannot challenge, and says what a challenge takes and gives.
pub async fn ensure_possible(session: &Session, relay: RelayId) -> Result<()> {
	session.wallet.signer()?;
	let block = session.chain.finalised().await?;
	let state = State(&block);
	let stake = Unit::Cred.of(state.challenge_bond().await?);
	let owned = state.balance(&session.wallet.account, Unit::Cred).await?;
	// The chain leaves some in the wallet.
	if owned.units <= stake.units {
		return Err(advise(
			format!("a challenge stakes {stake} and costs a fee, and you have {owned}"),
			"`lx buy-credits` turns USDT into CRED; without --challenge an audit needs none",
		));
	}
	let bond = Unit::Cred.of(state.relay(relay).await?.map_or(0, |relay| relay.bond));
	session.output.progress(&format!(
		"a challenge stakes {stake}: lost if the chain finds nothing wrong, else back with half of the \
		 relay's bond, which is {bond} now"
	));
	Ok(())
}

/// Proves a batch wrong to the chain, and says how that judged. Returns whether the batch is reversed.
pub async fn run(
	session: &Session,
	relay: RelayId,
	sequence: u64,
	fraud: &Fraud<AccountId32>,
) -> Result<bool> {
	let Session { chain, wallet, output } = session;
	let stake = State(&chain.finalised().await?).challenge_bond().await?;
	let call = compute::challenge(relay, sequence, fraud);
	let spends = Some(Unit::Cred.of(stake));
	let done = submit(chain, wallet.signer()?, &call, spends, output).await?;
	let verdict = verdict(&done)?;
	output.print(&verdict.reply(relay, sequence, &done))?;
	Ok(matches!(verdict, Verdict::Proven { .. }))
}

fn verdict(done: &Done) -> Result<Verdict> {
	if let Some(ChallengeFailed { flaw, stake }) = done.find("Compute", "ChallengeFailed")? {
		let flaw = match flaw.value {
			ValueDef::Variant(variant) => variant.name,
			other => format!("{other:?}"),
		};
		return Ok(Verdict::NotProven { flaw, stake });
	}
	let BatchReversed { charge: returned } = done.event("Compute", "BatchReversed")?;
	let RelayPunished { slashed } = done.event("Compute", "RelayPunished")?;
	Ok(Verdict::Proven { returned, slashed })
}

impl Verdict {
	fn reply(&self, relay: RelayId, sequence: u64, done: &Done) -> Reply {
		let mut told = json!({ "challenged": sequence, "relay": relay });
		match self {
			Self::Proven { returned, slashed } => {
				told["proven"] = true.into();
				told["returned"] = json!(Unit::Cred.of(*returned));
				told["reward"] = json!(Unit::Cred.of(reward(*slashed)));
			},
			Self::NotProven { flaw, stake } => {
				told["proven"] = false.into();
				told["flaw"] = json!(flaw);
				told["stake_lost"] = json!(Unit::Cred.of(*stake));
			},
		}
		Reply::done(self.text(sequence), done, told)
	}

	fn text(&self, sequence: u64) -> String {
		match self {
			Self::Proven { returned, slashed } => format!(
				"batch {sequence} is proven wrong: the chain has reversed it, {} are back with whom it \
				 charged, and the relay is suspended\n  your stake is back; {}",
				Unit::Cred.of(*returned),
				match slashed {
					0 => "the relay had nothing bonded, so there is no reward".into(),
					slashed => format!(
						"your reward is {}, half of what the relay had bonded",
						Unit::Cred.of(reward(*slashed))
					),
				},
			),
			Self::NotProven { flaw, stake } => format!(
				"batch {sequence} stands: the chain says {flaw} of the proof, and keeps your stake of {}",
				Unit::Cred.of(*stake)
			),
		}
	}
}

/// The challenger's half of what a relay loses, rounded down as the chain does.
fn reward(slashed: u128) -> u128 {
	slashed / 2
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_verdict_says_what_becomes_of_stake_and_bond() {
		let proven = |slashed| Verdict::Proven { returned: 5_000_000, slashed }.text(7);
		let rewarded = proven(10_000_000_001);
		assert!(rewarded.contains("batch 7 is proven wrong"), "{rewarded}");
		assert!(rewarded.contains("5 CRED are back with whom it charged"), "{rewarded}");
		assert!(rewarded.contains("your reward is 5000 CRED, half"), "{rewarded}");
		assert!(proven(0).contains("your stake is back; the relay had nothing bonded"));
		let flaw = "RightPrice".to_string();
		let lost = Verdict::NotProven { flaw, stake: 100_000_000 }.text(7);
		assert!(lost.contains("RightPrice") && lost.contains("your stake of 100 CRED"), "{lost}");
	}
}
