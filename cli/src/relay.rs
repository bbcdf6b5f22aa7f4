//! The relay's HTTP interface, as far as keys need it.

use std::time::Duration;

use anyhow::Result;
use lx_primitives::{call_log::RelayId, grant::Grant};
use reqwest::{Client, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sp_core::H256;
use subxt_signer::sr25519::Keypair;

use crate::advice::{advise, innermost};

const PATIENCE: Duration = Duration::from_secs(30);

/// The most bytes of an answer: far more than a relay says of itself or of an error.
const MAX_BYTES: usize = 64 * 1024;

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

/// Asks the relay at `url` which relay of which chain it is.
pub async fn identify(url: &str) -> Result<Identity> {
	let response = client()?.get(format!("{}/health", root_url(url))).send().await;
	let response = response.map_err(|error| unreachable_relay(url, &error))?;
	let status = response.status();
	let body = whole(url, response).await?;
	serde_json::from_slice(&body).map_err(|_| {
		advise(
			format!("{url} is not a relay that serves ({status}): {}", told(&body)),
			"check --relay, and the relay's log",
		)
	})
}

/// Hands a grant, signed by the paying account, to the relay at `url`.
pub async fn register(url: &str, grant: &Grant, signer: &Keypair) -> Result<()> {
	let signature = signer.sign(grant.message().as_bytes());
	let body = SignedGrant { grant, signature: format!("0x{}", hex::encode(signature.0)) };
	let client = client()?;
	let mut attempts = 1;
	loop {
		let sent = client.post(endpoint(url, "keys")).json(&body).send().await;
		let response = sent.map_err(|error| unreachable_relay(url, &error))?;
		let status = response.status();
		if status.is_success() {
			return Ok(());
		}
		if status != StatusCode::FORBIDDEN || attempts == ATTEMPTS {
			return Err(refused(url, response).await);
		}
		// The relay may see the block with the top-up a moment after this program.
		attempts += 1;
		tokio::time::sleep(PAUSE).await;
	}
}

fn client() -> Result<Client> {
	Ok(Client::builder().timeout(PATIENCE).build()?)
}

async fn refused(url: &str, response: Response) -> anyhow::Error {
	let status = response.status();
	let body = match whole(url, response).await {
		Ok(body) => body,
		Err(error) => return error,
	};
	advise(
		format!("the relay refused the key ({status}): {}", message_of(&body)),
		"check --relay and --relay-id, and with `lx balance` what you have prepaid there",
	)
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
		assert!(error.contains("more than 65536 bytes"), "{error}");
		assert!(error.contains("check --relay"), "{error}");
		assert_eq!(answer("{\"relay\": 0}", false).await.unwrap(), b"{\"relay\": 0}");
	}
}
