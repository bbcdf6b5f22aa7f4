//! `lx watch`: follow finalised blocks as calls are settled and mine LCO.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use subxt::{events::Event, ext::scale_decode::DecodeAsType, utils::AccountId32};

use super::Session;
use crate::{advice::advise, amount::Unit, chain::LxConfig, output::Reply};

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct BatchPosted {
	relay: u32,
	sequence: u64,
	charge: u128,
	calls: u32,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct BatchFinal {
	relay: u32,
	sequence: u64,
	charge: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Mined {
	who: AccountId32,
	paid: u128,
	reward: u128,
}

/// What happened, and whether it was the account's mining.
struct News {
	reply: Reply,
	mined: bool,
}

/// Follows the chain, until the account mines if `until_mined`, for `timeout` seconds at most.
pub async fn run(session: &Session, until_mined: bool, timeout: Option<u64>) -> Result<()> {
	let Some(seconds) = timeout else { return follow(session, until_mined).await };
	let following = follow(session, until_mined);
	match tokio::time::timeout(Duration::from_secs(seconds), following).await {
		Ok(done) => done,
		Err(_) if !until_mined => Ok(()),
		Err(_) => Err(advise(
			format!("nothing was mined within {seconds} seconds"),
			"calls mine when their batch is final; `lx balance` shows what is pending",
		)),
	}
}

async fn follow(session: &Session, until_mined: bool) -> Result<()> {
	let account = &session.wallet.account;
	session.output.progress(&format!("watching for {account}"));
	let mut blocks = session.chain.new_blocks().await?;
	loop {
		let block = blocks.next().await?;
		for event in block.events().fetch().await?.iter() {
			let Some(news) = news(&event?, account, block.block_number())? else { continue };
			session.output.print(&news.reply)?;
			if until_mined && news.mined {
				return Ok(());
			}
		}
	}
}

fn news(event: &Event<'_, LxConfig>, account: &AccountId32, block: u64) -> Result<Option<News>> {
	Ok(match (event.pallet_name(), event.event_name()) {
		("Compute", "BatchPosted") => Some(posted(event.decode_fields_unchecked_as()?, block)),
		("Compute", "BatchFinal") => Some(settled(event.decode_fields_unchecked_as()?, block)),
		("Mining", "Mined") => mined(event.decode_fields_unchecked_as()?, account, block),
		_ => None,
	})
}

fn posted(event: BatchPosted, block: u64) -> News {
	let BatchPosted { relay, sequence, charge, calls } = event;
	let charge = Unit::Cred.of(charge);
	let text =
		format!("block {block}: relay {relay} posted batch {sequence}: {calls} calls, {charge}");
	let json = json!({
		"event": "BatchPosted", "block": block, "relay": relay, "sequence": sequence,
		"charge": charge, "calls": calls,
	});
	News { reply: Reply::new(text, json), mined: false }
}

fn settled(event: BatchFinal, block: u64) -> News {
	let BatchFinal { relay, sequence, charge } = event;
	let charge = Unit::Cred.of(charge);
	let text = format!("block {block}: batch {sequence} of relay {relay} is final: {charge}");
	let json = json!({
		"event": "BatchFinal", "block": block, "relay": relay, "sequence": sequence,
		"charge": charge,
	});
	News { reply: Reply::new(text, json), mined: false }
}

fn mined(event: Mined, account: &AccountId32, block: u64) -> Option<News> {
	if event.who != *account {
		return None;
	}
	let (paid, reward) = (Unit::Cred.of(event.paid), Unit::Lco.of(event.reward));
	let text = format!("block {block}: you mined {reward} with {paid} of calls");
	let json = json!({ "event": "Mined", "block": block, "paid": paid, "reward": reward });
	Some(News { reply: Reply::new(text, json), mined: true })
}
