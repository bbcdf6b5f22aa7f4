//! `lx key`: API keys.

mod held;
mod revoke_all;

use std::collections::BTreeSet;

use anyhow::Result;
use lx_primitives::{
	call_log::RelayId,
	grant::{key_hash, Grant},
	units::Moment,
};
use serde_json::{json, Value};
use sp_core::H256;

use super::{api_balance, Session};
use crate::{
	advice::advise,
	amount::Unit,
	args::{Global, Key, KeyCreate},
	chain::state::Purse,
	clock,
	output::Reply,
	relay,
};

/// What every API key begins with, so that people and scanners know one when they see it.
const PREFIX: &str = "sk-lx-";

/// The most models that are named where another one was asked for.
const MAX_NAMED: usize = 20;

/// Nonces stay below 2^53, which every JSON reader takes exactly.
const NONCE_BITS: u32 = 53;

/// Creates, lists or revokes API keys.
pub async fn run(options: &Global, command: &Key) -> Result<Reply> {
	match command {
		Key::Create(arguments) => create(&Session::open(options).await?, arguments).await,
		Key::List(held) => held::list(options, held).await,
		Key::Revoke(held) => held::revoke(options, held).await,
		Key::RevokeAll => revoke_all::run(&Session::open(options).await?).await,
	}
}

async fn create(session: &Session, arguments: &KeyCreate) -> Result<Reply> {
	let signer = session.wallet.signer()?;
	let expires_at = expiry(arguments)?;
	let relay = relay_id(session, arguments).await?;
	if !arguments.models.is_empty() {
		ensure_served(&arguments.models, &relay::models(&arguments.at.relay).await?)?;
	}
	let account = api_balance::api_account(session).await?;
	let problem = match account.has_free_calls(relay) {
		true => None,
		false => nothing_to_spend(relay, api_balance::purse_in(&account, relay)?),
	};
	let key = new_key();
	let grant = Grant {
		genesis: genesis(session),
		account: session.wallet.account.to_string(),
		relay,
		key_hash: key_hash(&key),
		models: each_once(&arguments.models),
		spending_cap: arguments.cap,
		expires_at,
		key_epoch: account.key_epoch,
		nonce: rand::random::<u64>() >> (u64::BITS - NONCE_BITS),
	};
	relay::register(&arguments.at.relay, &grant, signer).await?;
	if let Some(problem) = problem {
		session.output.progress(&problem);
	}
	Ok(reply(&key, arguments, &grant))
}

/// What keeps a new key from spending anything, and what helps.
fn nothing_to_spend(relay: RelayId, purse: &Purse) -> Option<String> {
	match (purse.free, Unit::Cred.of(purse.thawing)) {
		(0, thawing) if thawing.units > 0 => Some(format!(
			"all of your API balance there is on its way out: `lx withdraw --cancel --relay-id {relay}` \
			 puts {thawing} back for the new key"
		)),
		(0, _) => Some(format!(
			"your API balance there is empty: `lx top-up 10 --relay-id {relay}` moves 10 CRED into it"
		)),
		_ => None,
	}
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

/// Fails if one of the models that the key is for is none of the relay's: no call could use it.
fn ensure_served(asked: &[String], served: &[String]) -> Result<()> {
	let is_unknown = |model: &&String| !served.contains(model);
	let unknown: Vec<String> =
		asked.iter().filter(is_unknown).map(|model| format!("`{model}`")).collect();
	if unknown.is_empty() {
		return Ok(());
	}
	Err(advise(format!("the relay does not serve {}", unknown.join(", ")), choice(served)))
}

/// The names, without those that were there before.
fn each_once(names: &[String]) -> Vec<String> {
	let mut seen = BTreeSet::new();
	names.iter().filter(|name| seen.insert(*name)).cloned().collect()
}

/// What there is to choose from.
fn choice(served: &[String]) -> String {
	let named: Vec<&str> = served.iter().take(MAX_NAMED).map(String::as_str).collect();
	match served.len().saturating_sub(MAX_NAMED) {
		_ if named.is_empty() => "it serves no model now: name another relay with --relay".into(),
		0 => format!("it serves {}", named.join(", ")),
		more => format!("it serves {} and {more} more: see `lx models`", named.join(", ")),
	}
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
	let terms = terms(grant);
	let text = format!(
		"{key}\n\n\
		 This key is shown once. {terms} Any OpenAI client takes it:\n\n  \
		 export OPENAI_API_KEY={key}\n  \
		 export OPENAI_BASE_URL={base}\n\n  \
		 curl {base}/chat/completions -H \"Authorization: Bearer $OPENAI_API_KEY\" \\\n    \
		 -H 'Content-Type: application/json' \\\n    \
		 -d '{{\"model\":\"{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'"
	);
	Reply::new(text, key_json(key, &base, grant)).with_essence(key)
}

/// What a key may do.
fn terms(grant: &Grant) -> String {
	let models = match grant.models.as_slice() {
		[] => "all models".into(),
		some => some.join(", "),
	};
	let cap = match grant.spending_cap {
		Some(cap) => format!("{} in all", Unit::Cred.of(cap)),
		None => "as much as your account can".into(),
	};
	let end = match grant.expires_at {
		Some(at) => clock::show(at),
		None => "you revoke it".into(),
	};
	format!("It is for {models}, may spend {cap}, and works until {end}.")
}

fn key_json(key: &str, base: &str, grant: &Grant) -> Value {
	json!({
		"key": key,
		"key_hash": grant.key_hash,
		"base_url": base,
		"account": grant.account,
		"relay": grant.relay,
		"models": grant.models,
		"spending_cap": grant.spending_cap.map(|cap| Unit::Cred.of(cap)),
		"expires_at": grant.expires_at,
		"key_epoch": grant.key_epoch,
	})
}

/// Whether this may be a key of this program's making.
pub fn is_key(text: &str) -> bool {
	let secret = text.strip_prefix(PREFIX);
	secret.is_some_and(|secret| secret.bytes().all(|byte| byte.is_ascii_alphanumeric()))
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

	#[test]
	fn a_model_that_the_relay_does_not_serve_is_named_with_what_it_serves() {
		let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
		let served = names(&["lx-demo-1", "lx-demo-mini"]);
		assert!(ensure_served(&names(&["lx-demo-mini"]), &served).is_ok());
		let asked = names(&["nope", "lx-demo-1", ""]);
		let text = ensure_served(&asked, &served).unwrap_err().to_string();
		assert!(text.contains("does not serve `nope`, ``"), "{text}");
		assert!(text.contains("it serves lx-demo-1, lx-demo-mini"), "{text}");
		assert!(choice(&[]).contains("--relay"));
		assert!(!choice(&names(&["m"; MAX_NAMED])).contains("more"));
		assert!(choice(&names(&["m"; MAX_NAMED + 1])).contains("m and 1 more"));
	}

	#[test]
	fn a_new_key_comes_with_what_it_may_do() {
		let grant = Grant {
			genesis: H256::zero(),
			account: "5".into(),
			relay: 0,
			key_hash: H256::zero(),
			models: Vec::new(),
			spending_cap: None,
			expires_at: None,
			key_epoch: 0,
			nonce: 0,
		};
		let free =
			"It is for all models, may spend as much as your account can, and works until you \
			revoke it.";
		assert_eq!(terms(&grant), free);
		let bound = Grant {
			models: vec!["a".into(), "b".into()],
			spending_cap: Some(1_500_000),
			expires_at: Some(1_801_353_600_000),
			..grant
		};
		let bounds =
			"It is for a, b, may spend 1.5 CRED in all, and works until 2027-01-31T00:00:00Z.";
		assert_eq!(terms(&bound), bounds);
	}

	#[test]
	fn a_key_without_money_comes_with_what_helps() {
		let purse = |free, thawing| Purse { free, thawing, ..Default::default() };
		let told = |free, thawing| nothing_to_spend(3, &purse(free, thawing));
		assert!(told(0, 0).unwrap().contains("`lx top-up 10 --relay-id 3`"));
		let thawing = told(0, 5_000_000).unwrap();
		assert!(
			thawing.contains("`lx withdraw --cancel --relay-id 3` puts 5 CRED back"),
			"{thawing}"
		);
		assert_eq!((told(1, 0), told(1, 5)), (None, None));
	}

	#[test]
	fn a_model_that_is_named_twice_is_granted_once() {
		let names = ["b", "a", "b"].map(String::from);
		assert_eq!(each_once(&names), ["b", "a"]);
	}
}
