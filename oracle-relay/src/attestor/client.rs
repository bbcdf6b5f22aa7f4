//! What a relay shows over HTTP. A relay may be anybody's, so every answer has its bounds.

use std::{
	collections::HashMap,
	sync::{Mutex, PoisonError},
	time::{Duration, Instant},
};

use codec::{Decode, DecodeAll};
use lx_primitives::{grant::Grant, CallId, Leaf, RelayId};
use reqwest::{redirect, Client, RequestBuilder, Response, StatusCode, Url};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{json, Value};
use sp_core::{crypto::AccountId32, sr25519, H256};

use super::{
	case::{CallsByLine, Case, Offer, SignedGrant},
	refusal::hex,
};
use crate::{attest::question, tasks::now};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer may take, from the moment on that it can be given.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long all that belongs to a batch may take: after about as long the chain does not take it
/// any more.
const CASE_TIMEOUT: Duration = Duration::from_secs(60);

/// The most entries to ask for at a time.
const PAGE: u32 = 1_000;

/// The most bytes of an answer. A batch of a thousand lines has less than half a million, a page of
/// calls some two million, and a page of grants at its worst some ten.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The most characters of what a relay says that are repeated in the log.
const MAX_MESSAGE: usize = 200;

/// Why a relay's answer is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
	/// It did not answer.
	#[error("the relay cannot be reached: {0}")]
	Unreachable(String),
	/// It answered with an error.
	#[error("the relay answers with status {status} to {path}: {message}")]
	Status {
		/// What was asked.
		path: String,
		/// The HTTP status.
		status: u16,
		/// What it said.
		message: String,
	},
	/// It does not know yet which relay it is.
	#[error("the relay does not tell its id; does it reach the chain?")]
	Nameless,
	/// It answered with more than there can be.
	#[error("the relay's answer to {0} is larger than it can be")]
	TooLarge(String),
	/// It took too long to show a batch.
	#[error("the relay took too long to show its batch")]
	TooSlow,
	/// Its answer is not what the protocol says.
	#[error("the relay's answer holds an unreadable {0}")]
	Unreadable(&'static str),
	/// It does not show a batch of its own that the chain has taken.
	#[error("the relay shows something else than its batch {0}, which the chain has taken")]
	Hidden(u64),
}

/// A relay, as seen by an attestor.
pub struct RelayClient {
	client: Client,
	base: String,
	/// The attestor that asks, if it is one.
	asker: Option<(u32, sr25519::Pair)>,
	answered_at: Mutex<Option<Instant>>,
}

#[derive(Deserialize)]
struct HealthBody {
	relay: RelayId,
}

#[derive(Deserialize)]
struct BatchBody {
	header: String,
	relay_signature: String,
	#[serde(default)]
	lines: Vec<LineBody>,
}

#[derive(Deserialize)]
struct LineBody {
	line: String,
}

#[derive(Deserialize)]
struct PageBody<T> {
	data: Vec<T>,
	#[serde(default)]
	has_more: bool,
}

#[derive(Deserialize)]
struct LeafBody {
	line: usize,
	position: usize,
	leaf: String,
}

#[derive(Deserialize)]
struct GrantBody {
	grant: Grant,
	signature: String,
}

impl RelayClient {
	/// The relay at `url`, for example `http://127.0.0.1:8080`.
	pub fn new(url: &str) -> anyhow::Result<Self> {
		let base = url.trim_end_matches('/').to_string();
		let parsed = Url::parse(&base).map_err(|error| anyhow::anyhow!("{url}: {error}"))?;
		let mut client =
			Client::builder().connect_timeout(CONNECT_TIMEOUT).redirect(redirect::Policy::none());
		if matches!(parsed.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")) {
			client = client.no_proxy();
		}
		Ok(Self { client: client.build()?, base, asker: None, answered_at: Mutex::default() })
	}

	/// The same, asking as this attestor, so that the relay lets nobody go before it.
	pub fn asking_as(self, attestor: u32, pair: sr25519::Pair) -> Self {
		Self { asker: Some((attestor, pair)), ..self }
	}

	/// Where the relay is.
	pub fn url(&self) -> &str {
		&self.base
	}

	/// Whether the relay has answered within `span`.
	pub fn has_answered_within(&self, span: Duration) -> bool {
		let answered_at = *self.answered_at.lock().unwrap_or_else(PoisonError::into_inner);
		answered_at.is_some_and(|at| at.elapsed() <= span)
	}

	/// The relay's id, which it tells whether it is well or not.
	pub async fn id(&self) -> Result<RelayId, ClientError> {
		let path = "/health";
		let response = self.send(self.client.get(format!("{}{path}", self.base)), TIMEOUT).await?;
		let body: Result<HealthBody, _> = serde_json::from_slice(&whole(path, response).await?);
		body.map(|body| body.relay).map_err(|_| ClientError::Nameless)
	}

	/// The batch that waits for signatures, if it is another than `known`. Waits up to `wait` for
	/// one.
	pub async fn open(&self, known: &H256, wait: Duration) -> Result<Option<Offer>, ClientError> {
		let path = format!("/v1/batches/open?known={known:?}&wait_ms={}", wait.as_millis());
		let body: Option<BatchBody> = self.get(&path, TIMEOUT.saturating_add(wait)).await?;
		body.map(read_offer).transpose()
	}

	/// A batch, without its calls.
	pub async fn batch(&self, hash: &H256) -> Result<Offer, ClientError> {
		let body: Option<BatchBody> = self.get(&format!("/v1/batches/{hash:?}"), TIMEOUT).await?;
		read_offer(body.ok_or(ClientError::Unreadable("batch"))?)
	}

	/// The proof that a call is in its batch, as the relay tells it.
	pub async fn proof(&self, call: &CallId) -> Result<Value, ClientError> {
		let path = format!("/v1/proofs/{}", hex(call));
		self.get(&path, TIMEOUT).await?.ok_or(ClientError::Unreadable("proof"))
	}

	/// A batch with everything that is needed to check it.
	pub async fn case(&self, offer: Offer, hash: &H256) -> Result<Case, ClientError> {
		let shown = async {
			let calls = self.calls(hash, offer.header.root.calls).await?;
			let grants = self.grants(hash, offer.header.root.calls).await?;
			Ok::<_, ClientError>(Case { offer, calls, grants })
		};
		let shown = tokio::time::timeout(CASE_TIMEOUT, shown).await;
		shown.unwrap_or(Err(ClientError::TooSlow))
	}

	/// The calls of a batch that has `count` of them.
	pub async fn calls(&self, hash: &H256, count: u32) -> Result<CallsByLine, ClientError> {
		let mut calls = CallsByLine::new();
		let shown: Vec<LeafBody> = self.all(&format!("/v1/batches/{hash:?}/leaves"), count).await?;
		for LeafBody { line, position, leaf } in shown {
			if line == calls.len() {
				calls.push(Vec::new());
			}
			let is_last = line.checked_add(1) == Some(calls.len());
			let its = calls.last_mut().filter(|its| is_last && its.len() == position);
			let its = its.ok_or(ClientError::Unreadable("order of calls"))?;
			its.push(scale::<Leaf<AccountId32>>(&leaf, "call")?);
		}
		Ok(calls)
	}

	/// The grants of a batch that has `count` calls.
	async fn grants(
		&self,
		hash: &H256,
		count: u32,
	) -> Result<HashMap<H256, SignedGrant>, ClientError> {
		let shown: Vec<GrantBody> =
			self.all(&format!("/v1/batches/{hash:?}/grants"), count).await?;
		shown.into_iter().map(read_grant).collect()
	}

	/// Hands in a signature. Returns false if the relay does not wait for it any more.
	pub async fn submit(
		&self,
		hash: &H256,
		attestor: u32,
		signature: &sr25519::Signature,
	) -> Result<bool, ClientError> {
		let body = json!({"attestor": attestor, "signature": hex(signature.0)});
		self.say(&format!("/v1/batches/{hash:?}/signatures"), &body).await
	}

	/// Says which calls of a batch keep an attestor from signing it. Returns false if the relay does
	/// not wait for its signature any more.
	pub async fn object(
		&self,
		hash: &H256,
		attestor: u32,
		calls: &[CallId],
		signature: &sr25519::Signature,
	) -> Result<bool, ClientError> {
		let calls: Vec<String> = calls.iter().map(hex).collect();
		let body = json!({"attestor": attestor, "calls": calls, "signature": hex(signature.0)});
		self.say(&format!("/v1/batches/{hash:?}/objections"), &body).await
	}

	/// Tells the relay something of a batch, and returns whether it still wants to know.
	async fn say(&self, path: &str, body: &Value) -> Result<bool, ClientError> {
		let post = self.client.post(format!("{}{path}", self.base)).json(body);
		let response = self.send(post, TIMEOUT).await?;
		match response.status() {
			status if status.is_success() => Ok(true),
			StatusCode::NOT_FOUND | StatusCode::CONFLICT => Ok(false),
			_ => Err(refused(path, response).await),
		}
	}

	/// Every entry of a list, of which there may be `most`.
	async fn all<T: DeserializeOwned>(&self, path: &str, most: u32) -> Result<Vec<T>, ClientError> {
		let most = usize::try_from(most).unwrap_or(usize::MAX);
		let mut entries: Vec<T> = Vec::new();
		loop {
			let query = format!("{path}?limit={PAGE}&offset={}", entries.len());
			let page: Option<PageBody<T>> = self.get(&query, TIMEOUT).await?;
			let PageBody { data, has_more } = page.ok_or(ClientError::Unreadable("list"))?;
			let is_over = data.is_empty() || !has_more;
			entries.extend(data);
			if entries.len() > most {
				return Err(ClientError::TooLarge(path.into()));
			}
			if is_over {
				return Ok(entries);
			}
		}
	}

	/// What the relay answers; `None` if that is nothing.
	async fn get<T: DeserializeOwned>(
		&self,
		path: &str,
		timeout: Duration,
	) -> Result<Option<T>, ClientError> {
		let get = self.client.get(format!("{}{path}", self.base));
		let response = self.send(get, timeout).await?;
		match response.status() {
			StatusCode::NO_CONTENT => Ok(None),
			status if status.is_success() => {
				let body = whole(path, response).await?;
				serde_json::from_slice(&body).map_err(|_| ClientError::Unreadable("body"))
			},
			_ => Err(refused(path, response).await),
		}
	}

	async fn send(
		&self,
		request: RequestBuilder,
		timeout: Duration,
	) -> Result<Response, ClientError> {
		let request = match &self.asker {
			Some((id, pair)) => {
				request.header(question::ATTESTOR, question::sign(*id, pair, now()))
			},
			None => request,
		};
		let response = request.timeout(timeout).send().await.map_err(unreachable)?;
		*self.answered_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
		Ok(response)
	}
}

fn unreachable(error: reqwest::Error) -> ClientError {
	ClientError::Unreachable(error.to_string())
}

async fn whole(path: &str, mut response: Response) -> Result<Vec<u8>, ClientError> {
	let mut body = Vec::new();
	while let Some(piece) = response.chunk().await.map_err(unreachable)? {
		if body.len().saturating_add(piece.len()) > MAX_BYTES {
			return Err(ClientError::TooLarge(path.into()));
		}
		body.extend_from_slice(&piece);
	}
	Ok(body)
}

async fn refused(path: &str, response: Response) -> ClientError {
	let status = response.status().as_u16();
	let body = whole(path, response).await.unwrap_or_default();
	let body: Value = serde_json::from_slice(&body).unwrap_or_default();
	let message = body.pointer("/error/message").and_then(|message| message.as_str());
	let message = message.unwrap_or("it does not say why").chars().take(MAX_MESSAGE).collect();
	ClientError::Status { path: path.into(), status, message }
}

fn read_offer(body: BatchBody) -> Result<Offer, ClientError> {
	let signature = bytes(&body.relay_signature, "signature")?;
	let signature =
		<[u8; 64]>::try_from(signature).map_err(|_| ClientError::Unreadable("signature"))?;
	let lines = body.lines.iter().map(|body| scale(&body.line, "line"));
	Ok(Offer {
		header: scale(&body.header, "header")?,
		relay_signature: sr25519::Signature::from_raw(signature),
		lines: lines.collect::<Result<_, _>>()?,
	})
}

fn read_grant(body: GrantBody) -> Result<(H256, SignedGrant), ClientError> {
	let signature = bytes(&body.signature, "signature")?;
	let granted = SignedGrant::new(body.grant, signature);
	let granted = granted.ok_or(ClientError::Unreadable("account"))?;
	Ok((granted.grant.key_hash, granted))
}

/// A value from its whole encoding.
fn scale<T: Decode>(text: &str, what: &'static str) -> Result<T, ClientError> {
	let bytes = bytes(text, what)?;
	T::decode_all(&mut &bytes[..]).map_err(|_| ClientError::Unreadable(what))
}

fn bytes(text: &str, what: &'static str) -> Result<Vec<u8>, ClientError> {
	let digits = text.strip_prefix("0x").ok_or(ClientError::Unreadable(what))?;
	::hex::decode(digits).map_err(|_| ClientError::Unreadable(what))
}
