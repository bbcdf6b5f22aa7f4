//! `lx deposit`: how USDT comes in.

use std::str::FromStr;

use anyhow::Result;
use serde_json::json;
use subxt::utils::AccountId32;

use super::Session;
use crate::{
	advice::advise,
	amount::Unit,
	args::Deposit,
	chain::{
		custody::{report_reserves, Transfer},
		state::State,
		submit::submit,
	},
	output::Reply,
};

/// Explains, follows or attests a deposit, or reports the reserves.
pub async fn run(session: &Session, arguments: &Deposit) -> Result<Reply> {
	let transfer = transfer(arguments);
	if arguments.as_custodian {
		return act(session, arguments, transfer).await;
	}
	match transfer {
		Some(transfer) => follow(session, &transfer).await,
		None => explain(session).await,
	}
}

fn transfer(arguments: &Deposit) -> Option<Transfer> {
	let (network, reference) = (arguments.network.clone()?, arguments.reference.clone()?);
	Some(Transfer { network, reference })
}

/// What a custodian does: the report comes first, as the attestation may stand on it.
async fn act(session: &Session, arguments: &Deposit, transfer: Option<Transfer>) -> Result<Reply> {
	let reported = match arguments.reserves {
		Some(reserves) => Some(report(session, reserves).await?),
		None => None,
	};
	match (transfer, arguments.amount, &arguments.to, reported) {
		(Some(transfer), Some(amount), Some(to), _) => attest(session, &transfer, amount, to).await,
		(_, _, _, Some(reply)) => Ok(reply),
		_ => Err(advise(
			"a custodian attests a deposit or reports the reserves",
			"add --network, --reference, --amount and --to, or --reserves, or all of them",
		)),
	}
}

async fn report(session: &Session, reserves: u128) -> Result<Reply> {
	// What is settled from here on is taken out by the chain.
	let block = session.chain.finalised().await?;
	let call = report_reserves(reserves, State(&block).paid_out().await?);
	let done =
		submit(&session.chain, session.wallet.signer()?, &call, None, &session.output).await?;
	let reserves = Unit::Usdt.of(reserves);
	let text = format!("you reported that custody holds {reserves}");
	Ok(Reply::done(text, &done, json!({ "reserves": reserves })))
}

async fn explain(session: &Session) -> Result<Reply> {
	let block = session.chain.finalised().await?;
	let state = State(&block);
	let quorum = state.custodians().await?;
	let left = Unit::Usdt.of(state.creditable_today().await?);
	let account = &session.wallet.account;
	let text = format!(
		"USDT comes in through the chain's custodians:\n\
		 1. send USDT to the custodians' address on its network, naming your account\n   {account}\n\
		 2. {} of the {} custodians attest that it arrived; the chain then credits it, once\n\
		 3. follow it: lx deposit --network tron --reference <transaction>\n\
		 Up to {left} can still be credited today.\n\
		 On a development chain `lx faucet` does all of this.",
		quorum.threshold,
		quorum.members.len(),
	);
	let members: Vec<_> = quorum.members.iter().map(|member| member.account.to_string()).collect();
	let json = json!({
		"account": account,
		"custodians": members,
		"threshold": quorum.threshold,
		"creditable_today": left,
	});
	Ok(Reply::new(text, json))
}

async fn attest(session: &Session, transfer: &Transfer, amount: u128, to: &str) -> Result<Reply> {
	let account = AccountId32::from_str(to).map_err(|_| {
		advise(
			format!("{to} is not an address"),
			"`lx account show` shows the address of an account",
		)
	})?;
	ensure_not_credited(session, transfer).await?;
	let call = transfer.attestation(&account, amount);
	let done =
		submit(&session.chain, session.wallet.signer()?, &call, None, &session.output).await?;
	let block = session.chain.finalised().await?;
	let credited = State(&block).is_credited(transfer).await?;
	let outcome = if credited { "it is credited" } else { "other custodians must attest it too" };
	let amount = Unit::Usdt.of(amount);
	let text = format!("you attested {amount} for {account}; {outcome}");
	Ok(Reply::done(text, &done, json!({ "amount": amount, "credited": credited })))
}

async fn ensure_not_credited(session: &Session, transfer: &Transfer) -> Result<()> {
	let block = session.chain.finalised().await?;
	if !State(&block).is_credited(transfer).await? {
		return Ok(());
	}
	Err(advise(
		format!("{} on {} is credited already", transfer.reference, transfer.network),
		"nothing is left to do: a deposit is credited once",
	))
}

async fn follow(session: &Session, transfer: &Transfer) -> Result<Reply> {
	let mut blocks = session.chain.new_blocks().await?;
	let mut seen = None;
	loop {
		let block = blocks.next().await?;
		let state = State(&block);
		if state.is_credited(transfer).await? {
			let (network, reference) = (&transfer.network, &transfer.reference);
			let text = format!("{reference} on {network} is credited");
			let json = json!({
				"network": network, "reference": reference, "credited": true,
				"block": format!("{:?}", block.block_hash()),
			});
			return Ok(Reply::new(text, json));
		}
		let count = state.attestations(transfer).await?;
		if seen.replace(count) != Some(count) {
			let threshold = state.custodians().await?.threshold;
			let text = format!("attested by {count} of {threshold} custodians; waiting");
			session.output.progress(&text);
		}
	}
}
