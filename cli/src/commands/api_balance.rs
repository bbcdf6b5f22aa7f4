//! `lx top-up`, `lx withdraw`, `lx authorise`: the prepaid balance that relays charge.

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
		state::{ApiAccount, State},
		submit::{submit, Done},
	},
	clock,
	output::Reply,
};

/// Moves CRED into the API balance.
pub async fn top_up(session: &Session, amount: u128) -> Result<Reply> {
	let spends = Unit::Cred.of(amount);
	let call = dynamic::tx("Compute", "top_up", (amount,));
	let done =
		submit(&session.chain, session.wallet.signer()?, &call, Some(spends), &session.output)
			.await?;
	let text = format!("{spends} moved into your API balance");
	Ok(Reply::done(text, &done, json!({ "amount": spends })))
}

/// Lets `relay` charge up to `daily_limit`, beside the relays that already may.
pub async fn authorise(session: &Session, relay: u32, daily_limit: u128) -> Result<Reply> {
	let mut relays = api_account(session).await?.standing();
	if !relays.contains(&relay) {
		relays.push(relay);
	}
	let done = send_authorisation(session, relays.clone(), daily_limit).await?;
	let limit = Unit::Cred.of(daily_limit);
	let text = format!("relay {relay} may charge you; all relays together {limit} a day");
	Ok(Reply::done(text, &done, json!({ "relays": relays, "daily_limit": limit })))
}

/// Sends the authorisation of `relays` with `daily_limit`.
pub async fn send_authorisation(
	session: &Session,
	relays: Vec<u32>,
	daily_limit: u128,
) -> Result<Done> {
	let call = dynamic::tx("Compute", "authorise", (relays, daily_limit));
	submit(&session.chain, session.wallet.signer()?, &call, None, &session.output).await
}

/// The account's API balance now.
pub async fn api_account(session: &Session) -> Result<ApiAccount> {
	let block = session.chain.finalised().await?;
	let found = State(&block).api_account(&session.wallet.account).await?;
	found.ok_or_else(|| {
		advise("you have no API balance yet", "`lx top-up 10` opens one with 10 CRED")
	})
}

/// Takes CRED out of the API balance.
pub async fn withdraw(session: &Session, arguments: &Withdraw) -> Result<Reply> {
	if arguments.cancel {
		return cancel_thaw(session).await;
	}
	let started = match arguments.amount {
		Some(amount) => Some(thaw(session, amount).await?),
		None => None,
	};
	match started {
		Some(reply) if !arguments.wait => Ok(reply),
		_ => collect(session, arguments.wait).await,
	}
}

async fn thaw(session: &Session, amount: u128) -> Result<Reply> {
	let asked = Unit::Cred.of(amount);
	ensure_free(session, asked).await?;
	let done = send(session, "thaw", (amount,)).await?;
	let thaw_at = api_account(session).await?.thaw_at;
	let text = format!(
		"{asked} are thawing until {}; then `lx withdraw` collects them",
		clock::show(thaw_at)
	);
	Ok(Reply::done(text, &done, json!({ "thawing": asked, "thaw_at": thaw_at })))
}

async fn ensure_free(session: &Session, asked: Amount) -> Result<()> {
	let free = Unit::Cred.of(api_account(session).await?.free);
	if free.units >= asked.units {
		return Ok(());
	}
	Err(advise(
		format!("{free} of your API balance are free, not {asked}"),
		"try less; `lx balance` shows your API balance",
	))
}

async fn cancel_thaw(session: &Session) -> Result<Reply> {
	let thawing = Unit::Cred.of(api_account(session).await?.thawing);
	let done = send(session, "cancel_thaw", ()).await?;
	let text = format!("{thawing} are back in your API balance");
	Ok(Reply::done(text, &done, json!({ "returned": thawing })))
}

async fn collect(session: &Session, wait: bool) -> Result<Reply> {
	let account = api_account(session).await?;
	if account.thawing == 0 {
		return Err(advise("nothing is thawing", "start with an amount: `lx withdraw 10`"));
	}
	if wait {
		wait_until(session, account.thaw_at).await?;
	}
	ensure_thawed(session, account.thaw_at).await?;
	let done = send(session, "withdraw", ()).await?;
	let taken = Unit::Cred.of(withdrawn(&done)?);
	let text = format!("{taken} came out of your API balance");
	Ok(Reply::done(text, &done, json!({ "withdrawn": taken })))
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Withdrawn {
	amount: u128,
}

/// What came out: less than was thawing, where calls were charged meanwhile.
fn withdrawn(done: &Done) -> Result<u128> {
	for event in done.events.iter() {
		let event = event?;
		if (event.pallet_name(), event.event_name()) == ("Compute", "Withdrawn") {
			let withdrawn: Withdrawn = event.decode_fields_unchecked_as()?;
			return Ok(withdrawn.amount);
		}
	}
	anyhow::bail!("the chain did not say how much came out; `lx balance` shows what you have")
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

async fn wait_until(session: &Session, moment: u64) -> Result<()> {
	session.output.progress(&format!("waiting until {}", clock::show(moment)));
	let mut blocks = session.chain.new_blocks().await?;
	while State(&blocks.next().await?).now().await? < moment {}
	Ok(())
}

async fn send<Arguments>(session: &Session, call: &str, arguments: Arguments) -> Result<Done>
where
	Arguments: EncodeAsFields,
{
	let call = dynamic::tx("Compute", call, arguments);
	submit(&session.chain, session.wallet.signer()?, &call, None, &session.output).await
}
