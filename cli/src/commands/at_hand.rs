//! What the chain does not know yet, from the relay of the API key at hand.

use anyhow::Result;
use lx_primitives::RelayId;

use super::{key::is_key, Session};
use crate::{
	advice::advise,
	args::AtHand,
	relay::{self, Balance},
};

/// What a relay has told of the account.
pub struct Told {
	/// The relay.
	pub relay: RelayId,
	/// The account's balance there.
	pub balance: Balance,
}

impl AtHand {
	/// Whether there is a key to ask with.
	pub fn has_key(&self) -> bool {
		self.usable().is_some()
	}

	/// The key, if it is one of ours: another service's is none of a relay's business.
	fn usable(&self) -> Option<&str> {
		self.key.as_deref().filter(|key| is_key(key))
	}
}

/// Asks the relay of the key at hand. `None` if there is no such key, or, which is said, no good answer.
pub async fn ask(session: &Session, at_hand: &AtHand) -> Option<Told> {
	match try_to_ask(session, at_hand).await {
		Ok(told) => told,
		Err(problem) => {
			session.output.progress(&format!("only what the chain knows is shown: {problem}"));
			None
		},
	}
}

/// Asks the relay of the key at hand, if there is such a key. Fails with the problem in a line.
pub async fn try_to_ask(session: &Session, at_hand: &AtHand) -> Result<Option<Told>, String> {
	let Some(key) = at_hand.usable() else { return Ok(None) };
	match read(session, &at_hand.at.relay, key).await {
		Ok(told) => Ok(Some(told)),
		Err(error) => Err(error.to_string().lines().next().unwrap_or_default().into()),
	}
}

async fn read(session: &Session, url: &str, key: &str) -> Result<Told> {
	let identity = relay::identify(url).await?;
	if identity.genesis.0 != session.chain.client.genesis_hash().0 {
		return Err(advise(
			format!("the relay at {url} works with another chain"),
			"name the node of its chain with --node, or another relay with --relay",
		));
	}
	let balance = relay::balance(url, key).await?;
	if balance.account != session.wallet.account.to_string() {
		return Err(advise(
			"the API key at hand is another account's",
			"name one of yours with --key, or that account with --account",
		));
	}
	Ok(Told { relay: identity.relay, balance })
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::args::RelayUrl;

	#[test]
	fn another_services_key_is_shown_to_no_relay() {
		let has_key = |key: Option<&str>| {
			let at = RelayUrl { relay: "http://r:1".into() };
			AtHand { key: key.map(String::from), at }.has_key()
		};
		assert!(has_key(Some("sk-lx-abc")));
		assert!(![None, Some(""), Some("sk-proj-abc")].into_iter().any(has_key));
	}
}
