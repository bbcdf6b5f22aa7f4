//! `lx top-up`, `lx withdraw`, `lx limit`: the prepaid balance, a purse at each relay.

use anyhow::Result;
use serde_json::json;
use subxt::{
	dynamic,
	ext::{scale_decode::DecodeAsType, scale_encode::EncodeAsFields},
};

use super::Session;
use crate::{
	advice::advise,
	amount::{Amount, Unit},
	args::Withdraw,
	chain::{
		state::{ApiAccount, Purse, State, NO_LIMIT},
		submit::{submit, Done},
	},
	clock,
	output::Reply,
};

/// Moves CRED into the purse at `relay`.
pub async fn top_up(session: &Session, relay: u32, amount: u128) -> Result<Reply> {
	let spends = Unit::Cred.of(amount);
	ensure_active(session, relay).await?;
	let call = dynamic::tx("Compute", "top_up", (relay, amount));
	let done =
		submit(&session.chain, session.wallet.signer()?, &call, Some(spends), &session.output)
			.await?;
	let text = format!("{spends} moved into your API balance at relay {relay}");
	Ok(Reply::done(text, &done, json!({ "amount": spends, "relay": relay })))
}

/// Fails if the chain takes no money for `relay`.
async fn ensure_active(session: &Session, relay: u32) -> Result<()> {
	let block = session.chain.finalised().await?;
	match State(&block).relay(relay).await? {
		Some(found) if found.is_active => Ok(()),
		Some(_) => Err(advise(
			format!("relay {relay} is not active on this chain, so it serves nobody"),
			"name another one with --relay-id",
		)),
		None => Err(advise(
			format!("there is no relay {relay} on this chain"),
			"check --relay-id: a relay tells its number at /health, or its operator does",
		)),
	}
}

/// Limits what `relay` may charge in a day.
pub async fn limit(session: &Session, relay: u32, daily_limit: u128) -> Result<Reply> {
	let before = purse(session, relay).await?.daily_limit;
	let done = send(session, "set_daily_limit", (relay, daily_limit)).await?;
	let limit = (daily_limit < NO_LIMIT).then(|| Unit::Cred.of(daily_limit));
	let mut text = match limit {
		Some(limit) => format!("relay {relay} may charge you {limit} a day"),
		None => format!("relay {relay} may charge you in a day as much as you prepay"),
	};
	if daily_limit < before {
		text += "; what it has served under the limit before, it may still collect for a while";
	}
	Ok(Reply::done(text, &done, json!({ "relay": relay, "daily_limit": limit })))
}

/// The account's API balance now.
pub async fn api_account(session: &Session) -> Result<ApiAccount> {
	let block = session.chain.finalised().await?;
	let found = State(&block).api_account(&session.wallet.account).await?;
	found.ok_or_else(|| {
		advise("you have no API balance yet", "`lx top-up 10` opens one with 10 CRED")
	})
}

/// What the account has at `relay`.
pub async fn purse(session: &Session, relay: u32) -> Result<Purse> {
	purse_in(&api_account(session).await?, relay).cloned()
}

/// What an account has at `relay`.
pub fn purse_in(account: &ApiAccount, relay: u32) -> Result<&Purse> {
	account.purse(relay).ok_or_else(|| {
		advise(
			format!("you have prepaid nothing at relay {relay}"),
			format!("`lx top-up 10 --relay-id {relay}` prepays 10 CRED there"),
		)
	})
}

/// Takes CRED out of a purse.
pub async fn withdraw(session: &Session, arguments: &Withdraw) -> Result<Reply> {
	let relay = arguments.at.relay;
	if arguments.cancel {
		return cancel_thaw(session, relay).await;
	}
	let started = match arguments.amount {
		Some(amount) => Some(thaw(session, relay, amount).await?),
		None => None,
	};
	match started {
		Some(reply) if !arguments.wait => Ok(reply),
		_ => collect(session, relay, arguments.wait).await,
	}
}

async fn thaw(session: &Session, relay: u32, amount: u128) -> Result<Reply> {
	let asked = Unit::Cred.of(amount);
	ensure_free(session, relay, asked).await?;
	let done = send(session, "thaw", (relay, amount)).await?;
	let purse = purse(session, relay).await?;
	let (thawing, thaw_at) = (Unit::Cred.of(purse.thawing), purse.thaw_at);
	// What thawed before thaws on with it.
	let text = format!(
		"{thawing} are thawing until {}; then `lx withdraw` collects them",
		clock::show(thaw_at)
	);
	Ok(Reply::done(text, &done, json!({ "thawing": thawing, "thaw_at": thaw_at })))
}

async fn ensure_free(session: &Session, relay: u32, asked: Amount) -> Result<()> {
	let free = Unit::Cred.of(purse(session, relay).await?.free);
	if free.units >= asked.units {
		return Ok(());
	}
	Err(advise(
		format!("{free} of your API balance at relay {relay} are free, not {asked}"),
		"try less; `lx balance` shows your API balance",
	))
}

async fn cancel_thaw(session: &Session, relay: u32) -> Result<Reply> {
	let thawing = Unit::Cred.of(purse(session, relay).await?.thawing);
	let done = send(session, "cancel_thaw", (relay,)).await?;
	let text = format!("{thawing} are back in your API balance");
	Ok(Reply::done(text, &done, json!({ "returned": thawing })))
}

async fn collect(session: &Session, relay: u32, wait: bool) -> Result<Reply> {
	let purse = purse(session, relay).await?;
	if purse.thawing == 0 {
		return Err(advise("nothing is thawing", "start with an amount: `lx withdraw 10`"));
	}
	if wait {
		session.wait_until(purse.thaw_at).await?;
	}
	ensure_thawed(session, purse.thaw_at).await?;
	let done = send(session, "withdraw", (relay,)).await?;
	// Less than was thawing, where calls were charged meanwhile.
	let Withdrawn { amount } = done.event("Compute", "Withdrawn")?;
	let taken = Unit::Cred.of(amount);
	let text = format!("{taken} came out of your API balance");
	Ok(Reply::done(text, &done, json!({ "withdrawn": taken })))
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Withdrawn {
	amount: u128,
}

async fn ensure_thawed(session: &Session, thaw_at: u64) -> Result<()> {
	let block = session.chain.finalised().await?;
	if State(&block).now().await? >= thaw_at {
		return Ok(());
	}
	Err(advise(
		format!("it thaws until {}", clock::show(thaw_at)),
		"`lx withdraw --wait` waits until then, and collects it",
	))
}

async fn send<Arguments>(session: &Session, call: &str, arguments: Arguments) -> Result<Done>
where
	Arguments: EncodeAsFields,
{
	let call = dynamic::tx("Compute", call, arguments);
	submit(&session.chain, session.wallet.signer()?, &call, None, &session.output).await
}
