//! `lx buy-credits` and `lx redeem`: USDT and CRED, one to one.

use anyhow::Result;
use lx_primitives::units::{CRED_ASSET, USDT_ASSET};
use serde_json::json;
use subxt::dynamic;

use super::Session;
use crate::{
	amount::{Amount, Unit},
	chain::submit::{submit, Done},
	custodians::{self, Custodians},
	output::Reply,
};

/// Parts per million that the exchange may keep: the promise is none.
const MAX_FEE: u32 = 0;

/// Turns USDT into CRED.
pub async fn buy(session: &Session, amount: u128) -> Result<Reply> {
	let spends = Unit::Usdt.of(amount);
	refresh_reserves(session).await?;
	let done = exchange(session, "mint", spends).await?;
	let text = format!("{spends} became {}", Unit::Cred.of(amount));
	Ok(Reply::done(text, &done, json!({ "paid": spends, "received": Unit::Cred.of(amount) })))
}

/// Turns CRED into USDT.
pub async fn redeem(session: &Session, amount: u128) -> Result<Reply> {
	let spends = Unit::Cred.of(amount);
	let done = exchange(session, "redeem", spends).await?;
	let text = format!("{spends} became {}", Unit::Usdt.of(amount));
	Ok(Reply::done(text, &done, json!({ "paid": spends, "received": Unit::Usdt.of(amount) })))
}

/// Credits are sold only while reports of the reserves are fresh. On a development chain nobody
/// reports them but this program.
async fn refresh_reserves(session: &Session) -> Result<()> {
	if !session.chain.is_for_development().await? {
		return Ok(());
	}
	let block = session.chain.finalised().await?;
	let Ok(mut custodians) = Custodians::of(&session.chain, &block).await else {
		// Others hold the custodians' keys, and it is on them to report.
		return Ok(());
	};
	let sent = custodians.report(&block, 0).await?;
	custodians::wait(sent, "report_reserves", &session.output).await?;
	Ok(())
}

async fn exchange(session: &Session, call: &str, spends: Amount) -> Result<Done> {
	let call = dynamic::tx("Psm", call, (CRED_ASSET, USDT_ASSET, spends.units, MAX_FEE));
	submit(&session.chain, session.wallet.signer()?, &call, Some(spends), &session.output).await
}
