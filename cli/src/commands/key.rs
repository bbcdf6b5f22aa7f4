//! `lx key`: API keys.

use anyhow::Result;
use lx_primitives::{
	call_log::RelayId,
	grant::{key_hash, Grant},
	units::Moment,
};
use serde_json::{json, Value};
use sp_core::H256;
use subxt::dynamic;

use super::{api_balance, Session};
use crate::{
	advice::advise,
	amount::Unit,
	args::{Key, KeyCreate},
	chain::submit::submit,
	clock,
	output::Reply,
	relay,
};

/// What every API key begins with, so that people and scanners know one when they see it.
const PREFIX: &str = "sk-lx-";

/// Nonces stay below 2^53, which every JSON reader takes exactly.
const NONCE_BITS: u32 = 53;

/// Creates or revokes API keys.
pub async fn run(session: &Session, command: &Key) -> Result<Reply> {
	match command {
		Key::Create(arguments) => create(session, arguments).await,
		Key::RevokeAll => revoke_all(session).await,
	}
}

async fn create(session: &Session, arguments: &KeyCreate) -> Result<Reply> {
	let signer = session.wallet.signer()?;
	let expires_at = expiry(arguments)?;
	let relay = relay_id(session, arguments).await?;
	let account = api_balance::api_account(session).await?;
	let purse = api_balance::purse_in(&account, relay)?;
	let key = new_key();
	let grant = Grant {
		genesis: genesis(session),
		account: session.wallet.account.to_string(),
		relay,
		key_hash: key_hash(&key),
		models: arguments.models.clone(),
		spending_cap: arguments.cap,
		expires_at,
		key_epoch: account.key_epoch,
		nonce: rand::random::<u64>() >> (u64::BITS - NONCE_BITS),
	};
	relay::register(&arguments.at.relay, &grant, signer).await?;
	if purse.free == 0 {
		session.output.progress(&format!(
			"your API balance there is empty: `lx top-up 10 --relay-id {relay}` moves 10 CRED into it"
		));
	}
	Ok(reply(&key, arguments, &grant))
}

fn expiry(arguments: &KeyCreate) -> Result<Option<Moment>> {
	let parse = |text: &String| clock::parse_expiry(text, clock::now());
	arguments.expires.as_ref().map(parse).transpose()
}

/// The number of the relay, which must be one of this chain.
async fn relay_id(session: &Session, arguments: &KeyCreate) -> Result<RelayId> {
	let identity = relay::identify(&arguments.at.relay).await?;
	if identity.genesis != genesis(session) {
		return Err(advise(
			format!("the relay at {} works with another chain", arguments.at.relay),
			"name the node of its chain with --node, or another relay with --relay",
		));
	}
	Ok(arguments.relay_id.unwrap_or(identity.relay))
}

fn genesis(session: &Session) -> H256 {
	H256(session.chain.client.genesis_hash().0)
}

/// 256 bits that nobody can guess.
fn new_key() -> String {
	format!("{PREFIX}{}", bs58::encode(rand::random::<[u8; 32]>()).into_string())
}

fn reply(key: &str, arguments: &KeyCreate, grant: &Grant) -> Reply {
	let base = relay::base_url(&arguments.at.relay);
	let model = arguments.models.first().map_or("lx-demo-mini", String::as_str);
	let text = format!(
		"{key}\n\n\
		 This key is shown once. Any OpenAI client takes it:\n\n  \
		 export OPENAI_API_KEY={key}\n  \
		 export OPENAI_BASE_URL={base}\n\n  \
		 curl {base}/chat/completions -H \"Authorization: Bearer $OPENAI_API_KEY\" \\\n    \
		 -H 'Content-Type: application/json' \\\n    \
		 -d '{{\"model\":\"{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'"
	);
	Reply::new(text, key_json(key, &base, grant)).with_essence(key)
}

fn key_json(key: &str, base: &str, grant: &Grant) -> Value {
	json!({
		"key": key,
		"base_url": base,
		"account": grant.account,
		"relay": grant.relay,
		"models": grant.models,
		"spending_cap": grant.spending_cap.map(|cap| Unit::Cred.of(cap)),
		"expires_at": grant.expires_at,
		"key_epoch": grant.key_epoch,
	})
}

async fn revoke_all(session: &Session) -> Result<Reply> {
	let call = dynamic::tx("Compute", "revoke_keys", ());
	let done =
		submit(&session.chain, session.wallet.signer()?, &call, None, &session.output).await?;
	let epoch = api_balance::api_account(session).await?.key_epoch;
	let text =
		"every API key of your account is worthless, and all that you prepaid thaws; relays \
	            may only collect what they have served, and `lx balance` shows until when";
	Ok(Reply::done(text, &done, json!({ "key_epoch": epoch })))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn keys_are_recognisable_and_hold_256_bits() {
		let key = new_key();
		let secret = bs58::decode(key.strip_prefix(PREFIX).unwrap()).into_vec().unwrap();
		assert_eq!(secret.len(), 32);
		assert_ne!(key, new_key());
	}
}
