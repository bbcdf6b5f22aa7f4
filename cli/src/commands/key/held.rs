//! `lx key list` and `lx key revoke`: what its holder can do with a key at its relay.

use anyhow::Result;
use lx_primitives::{grant::key_hash, units::Moment};
use serde_json::{json, Value};
use sp_core::H256;

use super::{is_key, PREFIX};
use crate::{
	advice::advise,
	amount::Unit,
	args::{Global, KeyHeld},
	clock,
	output::Reply,
	relay::{self, ListedKey},
	wallet::Wallet,
};

/// Shows the keys that the account of a key has at its relay.
pub async fn list(options: &Global, held: &KeyHeld) -> Result<Reply> {
	let key = key_of(options, held).await?;
	let keys = relay::keys(&held.at.relay, key).await?;
	let (own, now) = (key_hash(key), clock::now());
	let text: Vec<String> = keys.iter().map(|key| listed(key, &own, now)).collect();
	let json: Vec<Value> = keys.iter().map(listed_json).collect();
	Ok(Reply::new(text.join("\n"), json!(json)))
}

/// A key in two lines: which one, and what it may do.
fn listed(key: &ListedKey, own: &H256, now: Moment) -> String {
	let own = if key.key_hash == *own { ", the one that asks" } else { "" };
	let state = match (key.revoked_at, key.expires_at) {
		(Some(at), _) => format!("revoked {}", clock::show(at)),
		(None, Some(at)) if at <= now => format!("expired {}", clock::show(at)),
		(None, Some(at)) => format!("works until {}", clock::show(at)),
		(None, None) => "works".into(),
	};
	let spent = Unit::Cred.of(key.spent.into());
	let spent = match key.spending_cap {
		Some(cap) => format!("spent {spent} of {}", Unit::Cred.of(cap.into())),
		None => format!("spent {spent}"),
	};
	let models = match key.models.as_slice() {
		[] => "all models".into(),
		some => some.join(", "),
	};
	format!("{:?}{own}\n  {state}; {spent}; {models}", key.key_hash)
}

fn listed_json(key: &ListedKey) -> Value {
	json!({
		"key_hash": key.key_hash,
		"models": key.models,
		"spending_cap": key.spending_cap.map(|cap| Unit::Cred.of(cap.into())),
		"spent": Unit::Cred.of(key.spent.into()),
		"expires_at": key.expires_at,
		"revoked_at": key.revoked_at,
	})
}

/// Makes a key worthless at its relay.
pub async fn revoke(options: &Global, held: &KeyHeld) -> Result<Reply> {
	let key = key_of(options, held).await?;
	let hash = relay::revoke(&held.at.relay, key).await?;
	let text = format!(
		"the relay serves this key no more, and never will again: {hash:?}\n\
		 What it was served before is charged. Your other keys work on, and your API balance stays.\n\
		 The chain knows nothing of it: `lx key revoke-all` ends all your keys there."
	);
	Ok(Reply::new(text, json!({ "key_hash": hash, "revoked": true })))
}

/// The key that is held. Fails if it is another account's than the one that the options name, if they do.
async fn key_of<'a>(options: &Global, held: &'a KeyHeld) -> Result<&'a str> {
	let key = named(held.key.as_deref())?;
	if options.account.as_deref().is_none_or(str::is_empty) {
		return Ok(key);
	}
	let asked = Wallet::open(options)?.account.to_string();
	let account = relay::balance(&held.at.relay, key).await?.account;
	if account == asked {
		return Ok(key);
	}
	Err(advise(
		format!("the API key is one of {account}, and --account or LX_ACCOUNT names {asked}"),
		"name a key of that account; without --account, the key alone says whose it is",
	))
}

/// The key that was named, if it may be one.
fn named(key: Option<&str>) -> Result<&str> {
	let Some(key) = key.filter(|key| !key.is_empty()) else {
		return Err(advise(
			"no API key is named, by which the relay would know you: nothing was sent",
			"name it after the command, or in OPENAI_API_KEY; `lx key create` makes one",
		));
	};
	ensure_is_key(key)?;
	Ok(key)
}

/// Whether this is written as the hash of a key.
fn is_hash(text: &str) -> bool {
	hex::decode(text.strip_prefix("0x").unwrap_or(text)).is_ok_and(|bytes| bytes.len() == 32)
}

/// Fails if this is no key of this program's making: another service's is none of a relay's business.
fn ensure_is_key(text: &str) -> Result<()> {
	if is_key(text) {
		return Ok(());
	}
	if is_hash(text) {
		return Err(advise(
			"this is the hash of a key, and the relay needs the key itself: nothing was sent",
			"name the key; if you do not have it any more, `lx key revoke-all` revokes all your keys on \
			 chain",
		));
	}
	Err(advise(
		format!("this is no key of L-Exchange, which begins with {PREFIX}: nothing was sent"),
		"name the key after the command, or in OPENAI_API_KEY",
	))
}

#[cfg(test)]
mod tests {
	use super::{super::new_key, *};

	#[test]
	fn only_keys_of_this_programs_making_are_shown_to_a_relay() {
		assert!(ensure_is_key(&new_key()).is_ok());
		for text in ["", "sk-proj-abc", "sk-LX-abc", "sk-lx-a\nb", "sk-lx-a b", " sk-lx-ab"] {
			let error = ensure_is_key(text).unwrap_err().to_string();
			assert!(error.contains("nothing was sent"), "{error}");
			assert!(text.len() < 3 || !error.contains(text), "{error}");
		}
	}

	#[test]
	fn what_is_named_instead_of_a_key_is_refused_with_what_helps() {
		for none in [None, Some("")] {
			let error = named(none).unwrap_err().to_string();
			assert!(error.contains("OPENAI_API_KEY"), "{error}");
		}
		let hash = format!("{:?}", H256::repeat_byte(1));
		let error = named(Some(&hash)).unwrap_err().to_string();
		assert!(error.contains("the key itself") && error.contains("revoke-all"), "{error}");
		assert_eq!(named(Some("sk-lx-1")).unwrap(), "sk-lx-1");
	}

	#[test]
	fn a_listed_key_says_whether_it_works_and_what_it_may_spend() {
		let key = |revoked_at, expires_at| ListedKey {
			key_hash: H256::repeat_byte(1),
			models: Vec::new(),
			spending_cap: None,
			spent: 365,
			expires_at,
			revoked_at,
		};
		let (now, other) = (1_801_353_600_000, H256::zero());
		let date = "2027-01-31T00:00:00Z";
		for (key, state) in [
			(key(None, None), "works".to_string()),
			(key(None, Some(now + 1)), format!("works until {date}")),
			(key(None, Some(now)), format!("expired {date}")),
			(key(Some(now), Some(now + 1)), format!("revoked {date}")),
		] {
			let hash = H256::repeat_byte(1);
			let expected = format!("{hash:?}\n  {state}; spent 0.000365 CRED; all models");
			assert_eq!(listed(&key, &other, now), expected);
		}
		let models = vec!["a".into(), "b".into()];
		let capped = ListedKey { models, spending_cap: Some(1_000_000), ..key(None, None) };
		let text = listed(&capped, &capped.key_hash, now);
		assert!(text.contains(", the one that asks\n"), "{text}");
		assert!(text.ends_with("spent 0.000365 CRED of 1 CRED; a, b"), "{text}");
		assert_eq!(listed_json(&capped)["spending_cap"]["units"], "1000000");
	}
}
