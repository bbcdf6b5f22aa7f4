//! The relay's HTTP interface, as far as keys need it.

use std::time::Duration;

use anyhow::Result;
use lx_primitives::{
	call_log::RelayId,
	grant::{key_hash, Grant},
	units::Moment,
	CallId,
};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use serde_json::Value;
use sp_core::H256;
use subxt_signer::sr25519::Keypair;

use crate::{
	advice::{advise, innermost},
	audit::name,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// The most bytes of an answer: far more than a relay says of itself, of an error, of an account's 256
/// keys, or of the thousand models that a chain lists at most.
const MAX_BYTES: usize = 1024 * 1024;

/// The most characters of what is no relay's answer that are repeated.
const MAX_TOLD: usize = 400;

/// How often to offer a grant to a relay that sees no balance there, and how long to wait between.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct SignedGrant<'a> {
	grant: &'a Grant,
	signature: String,
}

/// What a relay says of itself.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Identity {
	/// Its number on chain.
	pub relay: RelayId,
	/// The chain's genesis hash.
	pub genesis: H256,
}

#[derive(Deserialize)]
struct List<T> {
	data: Vec<T>,
}

#[derive(Deserialize)]
struct Model {
	id: String,
}

/// An API key, as its relay shows it.
#[derive(Debug, Deserialize)]
pub struct ListedKey {
	/// Hash of the key's text.
	pub key_hash: H256,
	/// The models that it may use; empty for all.
	pub models: Vec<String>,
	/// The most µCRED that it may spend in all.
	#[serde(rename = "spending_cap_ucred")]
	pub spending_cap: Option<u64>,
	/// µCRED that its calls were charged or have reserved.
	#[serde(rename = "spent_ucred")]
	pub spent: u64,
	/// When it stops working.
	#[serde(rename = "expires_at_ms")]
	pub expires_at: Option<Moment>,
	/// When it was revoked at the relay.
	#[serde(rename = "revoked_at_ms")]
	pub revoked_at: Option<Moment>,
}

/// An account's balance, as its relay sees it.
#[derive(Debug, Deserialize)]
pub struct Balance {
	/// Whose it is.
	pub account: String,
	/// µCRED reserved by calls under way.
	#[serde(rename = "reserved_ucred")]
	pub reserved: u64,
	/// µCRED charged by calls that are not final.
	#[serde(rename = "pending_ucred")]
	pub pending: u64,
	/// The part of them that the chain has yet to charge.
	#[serde(rename = "unposted_ucred")]
	pub unposted: u64,
	key: KeyBalance,
}

#[derive(Debug, Deserialize)]
struct KeyBalance {
	#[serde(rename = "spent_ucred")]
	spent: u64,
}

impl Balance {
	/// Whether there were calls of the key, and none of the account's is left that may yet mine.
	pub fn is_settled(&self) -> bool {
		self.key.spent > 0 && self.reserved == 0 && self.pending == 0
	}
}

/// Why a relay does not answer what it was asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
	/// What it calls the error; empty where it does not say.
	pub code: String,
	/// What it says, with the HTTP status.
	pub message: String,
}

/// An answer, read to its end.
struct Answer {
	status: StatusCode,
	body: Vec<u8>,
}

impl Answer {
	/// The answer as JSON of this shape, if it is.
	fn read<T: DeserializeOwned>(&self) -> Option<T> {
		serde_json::from_slice(&self.body).ok()
	}

	/// Why it is not what was asked for.
	fn refused(&self) -> Refused {
		let json: Option<Value> = self.read();
		let code = json.as_ref().and_then(|json| json["error"]["code"].as_str());
		Refused { code: code.unwrap_or_default().into(), message: self.told() }
	}

	/// What it says, where it is not what was asked for.
	fn told(&self) -> String {
		format!("({}): {}", self.status, message_of(&self.body))
	}
}

/// Asks the relay at `url` which relay of which chain it is.
pub async fn identify(url: &str) -> Result<Identity> {
	let answer = ask(url, client()?.get(format!("{}/health", root_url(url)))).await?;
	answer.read().ok_or_else(|| {
		advise(
			format!("{url} is not a relay that serves {}", answer.told()),
			"check --relay, and the relay's log",
		)
	})
}

/// The names of the models that the relay at `url` serves.
pub async fn models(url: &str) -> Result<Vec<String>> {
	let answer = ask(url, client()?.get(endpoint(url, "models"))).await?;
	let list: Option<List<Model>> = answer.read();
	let list = list.ok_or_else(|| {
		advise(
			format!("the relay at {url} does not say which models it serves {}", answer.told()),
			"try again when it does; without --models the key is for all",
		)
	})?;
	Ok(list.data.into_iter().map(|model| model.id).collect())
}

/// The proof that a call is in its batch, by the relay at `url`, or why there is none.
pub async fn proof(url: &str, call: &CallId) -> Result<Result<Value, Refused>> {
	let path = format!("proofs/{}", name(call));
	let answer = ask(url, client()?.get(endpoint(url, &path))).await?;
	let proof: Option<Value> = answer.read().filter(|_| answer.status.is_success());
	Ok(proof.ok_or_else(|| answer.refused()))
}

/// Hands a grant, signed by the paying account, to the relay at `url`.
pub async fn register(url: &str, grant: &Grant, signer: &Keypair) -> Result<()> {
	let signature = signer.sign(grant.message().as_bytes());
	let body = SignedGrant { grant, signature: format!("0x{}", hex::encode(signature.0)) };
	let client = client()?;
	let mut attempts = 1;
	loop {
		let answer = ask(url, client.post(endpoint(url, "keys")).json(&body)).await?;
		if answer.status.is_success() {
			return Ok(());
		}
		if answer.status != StatusCode::FORBIDDEN || attempts == ATTEMPTS {
			return Err(advise(
				format!("the relay refused the key {}", answer.told()),
				"check --relay and --relay-id, and with `lx balance` what you have prepaid there",
			));
		}
		// The relay may see the block with the top-up a moment after this program.
		attempts += 1;
		tokio::time::sleep(PAUSE).await;
	}
}

/// The keys that the account of `key` has at the relay at `url`.
pub async fn keys(url: &str, key: &str) -> Result<Vec<ListedKey>> {
	let answer = ask(url, client()?.get(endpoint(url, "keys")).bearer_auth(key)).await?;
	let list: Option<List<ListedKey>> = answer.read();
	list.map(|list| list.data).ok_or_else(|| {
		advise(
			format!("the relay at {url} does not show the account's keys {}", answer.told()),
			"check --relay, and that the key works; `lx key create` makes another one",
		)
	})
}

/// The balance of the account of `key`, as the relay at `url` sees it.
pub async fn balance(url: &str, key: &str) -> Result<Balance> {
	let answer = ask(url, client()?.get(endpoint(url, "balance")).bearer_auth(key)).await?;
	answer.read().ok_or_else(|| {
		advise(
			format!("the relay at {url} does not tell the account's balance {}", answer.told()),
			"check --relay, and that the key works; `lx key create` makes another one",
		)
	})
}

/// Revokes `key` at the relay at `url`, and returns its hash.
pub async fn revoke(url: &str, key: &str) -> Result<H256> {
	let hash = key_hash(key);
	let request = client()?.delete(endpoint(url, &format!("keys/{hash:?}"))).bearer_auth(key);
	let answer = ask(url, request).await?;
	if answer.status.is_success() {
		return Ok(hash);
	}
	Err(advise(
		format!("the relay at {url} did not revoke the key {}", answer.told()),
		"check --relay: it may be another relay's key, or be revoked already; `lx key revoke-all` \
		 revokes all your keys on chain",
	))
}

fn client() -> Result<Client> {
	Ok(Client::builder().timeout(PATIENCE).build()?)
}

/// Asks the relay at `url`, whatever it answers.
async fn ask(url: &str, request: RequestBuilder) -> Result<Answer> {
	let response = request.send().await.map_err(|error| unreachable_relay(url, &error))?;
	let status = response.status();
	Ok(Answer { status, body: whole(url, response).await? })
}

/// The body of an answer. Whatever is at the address may go on for ever.
async fn whole(url: &str, mut response: Response) -> Result<Vec<u8>> {
	let mut body = Vec::new();
	let broken = |error: reqwest::Error| unreachable_relay(url, &error);
	while let Some(piece) = response.chunk().await.map_err(broken)? {
		if body.len().saturating_add(piece.len()) > MAX_BYTES {
			return Err(advise(
				format!("{url} answers with more than {MAX_BYTES} bytes, which no relay does"),
				"check --relay: the address may be that of another server",
			));
		}
		body.extend_from_slice(&piece);
	}
	Ok(body)
}

/// The address of an endpoint; `url` may or may not end in `/v1`.
pub fn endpoint(url: &str, name: &str) -> String {
	format!("{}/{name}", base_url(url))
}

/// What an OpenAI client takes as its base URL.
pub fn base_url(url: &str) -> String {
	format!("{}/v1", root_url(url))
}

/// The address without `/v1`.
pub fn root_url(url: &str) -> &str {
	let url = url.trim_end_matches('/');
	url.strip_suffix("/v1").unwrap_or(url)
}

/// The message of an error in the OpenAI shape; else what the body says.
fn message_of(body: &[u8]) -> String {
	let json: Option<Value> = serde_json::from_slice(body).ok();
	let message = json.as_ref().and_then(|json| json["error"]["message"].as_str());
	message.map_or_else(|| told(body), |message| told(message.as_bytes()))
}

/// What a body says, as far as it is worth repeating.
fn told(body: &[u8]) -> String {
	String::from_utf8_lossy(body).trim().chars().take(MAX_TOLD).collect()
}

fn unreachable_relay(url: &str, error: &reqwest::Error) -> anyhow::Error {
	advise(
		format!("cannot reach a relay at {url}: {}", innermost(error)),
		"start one with `make dev`, or name yours with --relay or LX_RELAY",
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;
	use tokio::{
		io::{AsyncReadExt, AsyncWriteExt},
		net::TcpListener,
	};

	#[test]
	fn the_relay_can_be_named_in_every_usual_way() {
		for url in ["http://r:1", "http://r:1/", "http://r:1/v1", "http://r:1/v1/"] {
			assert_eq!(base_url(url), "http://r:1/v1");
		}
		assert_eq!(endpoint("http://r:1", "keys"), "http://r:1/v1/keys");
	}

	#[test]
	fn a_relay_says_who_it_is() {
		let health = format!(r#"{{"status":"ok","relay":3,"genesis":"0x{}"}}"#, "11".repeat(32));
		let identity: Identity = serde_json::from_str(&health).unwrap();
		assert_eq!(identity, Identity { relay: 3, genesis: H256([0x11; 32]) });
	}

	#[test]
	fn the_relays_own_message_is_shown() {
		assert_eq!(message_of(br#"{"error":{"message":"no such relay"}}"#), "no such relay");
		assert_eq!(message_of(b"Bad Gateway\n"), "Bad Gateway");
		assert_eq!(message_of("é".repeat(1_000).as_bytes()), "é".repeat(MAX_TOLD));
	}

	#[test]
	fn an_answer_of_another_shape_is_told_with_its_status() {
		let models = br#"{"object": "list", "data": [{"id": "a", "object": "model"}]}"#;
		let answer = Answer { status: StatusCode::OK, body: models.to_vec() };
		let list: List<Model> = answer.read().unwrap();
		assert_eq!(list.data[0].id, "a");
		let keys = br#"{"data": [{"key_hash": "0x11", "models": []}]}"#.to_vec();
		assert!(Answer { body: keys, ..answer }.read::<List<ListedKey>>().is_none());
		let body = br#"{"error": {"message": "no chain"}}"#.to_vec();
		let answer = Answer { status: StatusCode::SERVICE_UNAVAILABLE, body };
		assert!(answer.read::<List<Model>>().is_none());
		assert_eq!(answer.told(), "(503 Service Unavailable): no chain");
	}

	#[test]
	fn calls_are_settled_when_none_is_under_way_or_pending() {
		let settled = |spent: u64, reserved: u64, pending: u64| {
			let balance = json!({
				"account": "5", "reserved_ucred": reserved, "pending_ucred": pending,
				"unposted_ucred": 0, "key": { "spent_ucred": spent },
			});
			serde_json::from_value::<Balance>(balance).unwrap().is_settled()
		};
		assert!(settled(365, 0, 0));
		assert!(!settled(0, 0, 0), "nothing was called");
		assert!(!settled(365, 1, 0) && !settled(365, 0, 1));
	}

	#[test]
	fn a_refusal_has_the_relays_own_name_for_it() {
		let body = br#"{"error": {"message": "It is void.", "code": "call_void"}}"#.to_vec();
		let answer = Answer { status: StatusCode::NOT_FOUND, body };
		let message = "(404 Not Found): It is void.".to_string();
		assert_eq!(answer.refused(), Refused { code: "call_void".into(), message });
		let other = Answer { status: StatusCode::BAD_GATEWAY, body: b"Bad Gateway".to_vec() };
		assert_eq!(other.refused().code, "");
	}

	/// What a server sends that writes `body` over and over until nobody reads it, or once.
	async fn answer(body: &'static str, is_endless: bool) -> Result<Vec<u8>> {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}", listener.local_addr().unwrap());
		let server = async move {
			let (mut connection, _) = listener.accept().await.unwrap();
			let _ = connection.read(&mut [0; 1_024]).await;
			let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
			connection.write_all(head.as_bytes()).await.unwrap();
			while connection.write_all(body.as_bytes()).await.is_ok() && is_endless {}
		};
		let server = tokio::spawn(server);
		let client = Client::builder().no_proxy().build().unwrap();
		let body = whole(&url, client.get(&url).send().await.unwrap()).await;
		server.await.unwrap();
		body
	}

	#[tokio::test]
	async fn an_answer_without_end_is_not_read_to_its_end() {
		let error = answer("{\"relay\": 0, ", true).await.unwrap_err().to_string();
		assert!(error.contains(&format!("more than {MAX_BYTES} bytes")), "{error}");
		assert!(error.contains("check --relay"), "{error}");
		assert_eq!(answer("{\"relay\": 0}", false).await.unwrap(), b"{\"relay\": 0}");
	}
}
