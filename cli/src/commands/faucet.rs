//! `lx faucet`: USDT from nothing, on a development chain.

use anyhow::Result;
use serde_json::json;

use super::Session;
use crate::{
	advice::advise,
	amount::Unit,
	chain::{custody::Transfer, state::State, Block},
	custodians::{self, Custodians},
	output::Reply,
};

/// Makes the custodians of a development chain credit a deposit that never was.
pub async fn run(session: &Session, amount: u128) -> Result<Reply> {
	let block = session.chain.finalised().await?;
	let mut custodians = Custodians::of(&session.chain, &block).await?;
	ensure_allowed_today(&block, amount).await?;
	let transfer = invented_transfer();
	let account = &session.wallet.account;
	// The last attestation comes after its signer's report, and so after every report that counts.
	let mut sent = custodians.report(&block, amount).await?;
	sent.extend(custodians.attest(&block, &transfer, account, amount).await?);
	let done = custodians::wait(sent, "faucet", &session.output).await?;
	let given = Unit::Usdt.of(amount);
	let text = format!("{given} for {account}\nnext: `lx buy-credits 50` turns USDT into Credits");
	let block = done.last().map(|done| format!("{:?}", done.block));
	Ok(Reply::new(text, json!({ "account": account, "received": given, "block": block })))
}

async fn ensure_allowed_today(block: &Block, amount: u128) -> Result<()> {
	let left = Unit::Usdt.of(State(block).creditable_today().await?);
	if amount <= left.units {
		return Ok(());
	}
	Err(advise(
		format!("the chain credits only {left} more today"),
		"take less, or wait for the chain's next day",
	))
}

fn invented_transfer() -> Transfer {
	let reference = format!("faucet-{}", hex::encode(rand::random::<[u8; 16]>()));
	Transfer { network: "dev".into(), reference }
}
