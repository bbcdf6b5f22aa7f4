//! `lx key revoke-all`: an end to every key, at every relay.

use anyhow::Result;
use lx_primitives::units::Moment;
use serde_json::json;
use subxt::{dynamic, ext::scale_decode::DecodeAsType};

use super::{api_balance, Session};
use crate::{
	advice::advise,
	amount::Unit,
	chain::{
		state::{Purse, State},
		submit::submit,
	},
	clock,
	output::Reply,
};

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct KeysRevoked {
	key_epoch: u32,
	thaw_at: Moment,
}

/// Revokes every key of the account, on chain.
pub async fn run(session: &Session) -> Result<Reply> {
	session.wallet.signer()?;
	api_balance::api_account(session).await?;
	ensure_revocable(session).await?;
	let call = dynamic::tx("Compute", "revoke_keys", ());
	let done =
		submit(&session.chain, session.wallet.signer()?, &call, None, &session.output).await?;
	let KeysRevoked { key_epoch, thaw_at } = done.event("Compute", "KeysRevoked")?;
	let account = api_balance::api_account(session).await?;
	let purses: Vec<&Purse> = account.own().collect();
	let thawing = |purse: &&Purse| {
		json!({
			"relay": purse.relay,
			"thawing": Unit::Cred.of(purse.thawing),
			"thaw_at": purse.thaw_at,
		})
	};
	let json = json!({
		"key_epoch": key_epoch,
		"thaw_at": thaw_at,
		"purses": purses.iter().map(thawing).collect::<Vec<_>>(),
	});
	Ok(Reply::done(revoked_text(&purses, thaw_at), &done, json))
}

/// Fails while relays collect what the last keys were served: the chain would take a fee to say that.
async fn ensure_revocable(session: &Session) -> Result<()> {
	let block = session.chain.finalised().await?;
	let state = State(&block);
	let until = state.keys_collected_until(&session.wallet.account).await?;
	let now = state.now().await?;
	let Some(until) = until.filter(|until| now <= *until) else { return Ok(()) };
	Err(advise(
		format!(
			"you have revoked all your keys lately: until {} relays collect what those were served, and \
			 you cannot revoke so again",
			clock::show(until)
		),
		"`lx key revoke` ends a single key at once; `lx withdraw 10` takes money out",
	))
}

/// What has become of keys and money.
fn revoked_text(purses: &[&Purse], thaw_at: Moment) -> String {
	let thaws = |purse: &Purse| {
		let (relay, thawing) = (purse.relay, Unit::Cred.of(purse.thawing));
		let until = clock::show(purse.thaw_at);
		format!(
			"  {thawing} at relay {relay} thaw until {until}; then `lx withdraw --relay-id {relay}` \
			 collects them, or with --cancel puts them back at once, for new keys"
		)
	};
	let mut lines = vec!["every API key of your account is worthless, at every relay".to_string()];
	lines.extend(purses.iter().copied().filter(|purse| purse.thawing > 0).map(thaws));
	lines.push(format!(
		"until {} relays may collect what they served before, and you cannot revoke so again",
		clock::show(thaw_at)
	));
	lines.join("\n")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn who_revokes_all_is_told_what_thaws_until_when() {
		let at = 1_801_353_600_000;
		let purse = |relay, thawing| Purse { relay, thawing, thaw_at: at, ..Default::default() };
		let text = revoked_text(&[&purse(0, 5_000_000), &purse(3, 0)], at);
		let [keys, money, delay] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
		assert!(keys.contains("at every relay"), "{keys}");
		assert!(money.contains("5 CRED at relay 0 thaw until 2027-01-31T00:00:00Z"), "{money}");
		assert!(money.contains("`lx withdraw --relay-id 0`"), "{money}");
		assert!(delay.contains("until 2027-01-31T00:00:00Z relays may collect"), "{delay}");
	}
}
