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
	chain::{custody::Transfer, state::State, submit::submit},
	output::Reply,
};

/// Explains, follows or attests a deposit.
pub async fn run(session: &Session, arguments: &Deposit) -> Result<Reply> {
	let (Some(network), Some(reference)) = (&arguments.network, &arguments.reference) else {
		return explain(session).await;
	};
	let transfer = Transfer { network: network.clone(), reference: reference.clone() };
	match (arguments.as_custodian, arguments.amount, &arguments.to) {
		(true, Some(amount), Some(to)) => attest(session, &transfer, amount, to).await,
		_ => follow(session, &transfer).await,
	}
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
