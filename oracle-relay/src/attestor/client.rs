//! What a relay shows over HTTP. A relay may be anybody's, so every answer has its bounds.

use std::{
	collections::HashMap,
	future::Future,
	sync::{Mutex, OnceLock, PoisonError},
	time::{Duration, Instant},
};

use lx_primitives::{CallId, Leaf, RelayId};
use reqwest::{redirect, Client, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::{json, Value};
use sp_core::{crypto::AccountId32, sr25519, H256};
use tokio::time::timeout;

use super::{
	answers::{
		parse, read_grant, read_offer, scale, BatchBody, ErrorBody, HealthBody, LeafBody, PageBody,
	},
	case::{CallsByLine, Case, Offer, SignedGrant},
	refusal::hex,
};
use crate::{
	attest::question::{self, Asked},
	tasks::now,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer may take, from the moment on that it can be given.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long all that belongs to a batch may take: after about as long the chain does not take it
/// any more.
const CASE_TIMEOUT: Duration = Duration::from_secs(60);

/// The most entries to ask for at a time.
const PAGE: usize = 1_000;

/// The most bytes of an entry of a list, as text: twice what the largest grant takes, and more than that
/// for a call. A list has so many for each entry that there may be, however its pages are cut.
const MAX_ENTRY_BYTES: usize = 4 * 1024;

/// The most bytes of an answer. A batch of a thousand lines has less than half a million.
const MAX_BYTES: usize = PAGE * MAX_ENTRY_BYTES;

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
	/// It shows a grant that no relay registers.
	#[error("the relay shows a grant of key {0:?} that is longer than any that relays register")]
	LongGrant(H256),
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
	/// The attestor that asks, if it is one, and whom.
	asker: OnceLock<(u32, sr25519::Pair, Asked)>,
	answered_at: Mutex<Option<Instant>>,
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
		let client = client.build()?;
		Ok(Self { client, base, asker: OnceLock::new(), answered_at: Mutex::default() })
	}

	/// From now on asks as this attestor, so that the relay, which is `asked`, lets nobody go before
	/// it.
	pub fn ask_as(&self, attestor: u32, pair: &sr25519::Pair, asked: Asked) {
		self.asker.get_or_init(|| (attestor, pair.clone(), asked));
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
		let body = whole(path, response, MAX_BYTES).await?;
		parse::<HealthBody>(&body).map(|body| body.relay).map_err(|_| ClientError::Nameless)
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

	/// A batch with everything that is needed to check it.
	pub async fn case(&self, offer: Offer, hash: &H256) -> Result<Case, ClientError> {
		in_time(async {
			let calls = self.calls(hash, offer.header.root.calls).await?;
			let grants = self.grants(hash, offer.header.root.calls).await?;
			Ok::<_, ClientError>(Case { offer, calls, grants })
		})
		.await
	}

	/// The calls of a batch that has `count` of them.
	pub async fn calls(&self, hash: &H256, count: u32) -> Result<CallsByLine, ClientError> {
		let mut calls = CallsByLine::new();
		let path = format!("/v1/batches/{hash:?}/leaves");
		self.each(&path, count, |LeafBody { line, position, leaf }| {
			if line == calls.len() {
				calls.push(Vec::new());
			}
			let is_last = line.checked_add(1) == Some(calls.len());
			let its = calls.last_mut().filter(|its| is_last && its.len() == position);
			let its = its.ok_or(ClientError::Unreadable("order of calls"))?;
			its.push(scale::<Leaf<AccountId32>>(&leaf, "call")?);
			Ok(())
		})
		.await?;
		Ok(calls)
	}

	/// The grants of a batch that has `count` calls.
	async fn grants(
		&self,
		hash: &H256,
		count: u32,
	) -> Result<HashMap<H256, SignedGrant>, ClientError> {
		let mut grants = HashMap::new();
		let path = format!("/v1/batches/{hash:?}/grants");
		self.each(&path, count, |body| {
			let granted = read_grant(body)?;
			grants.insert(granted.grant.key_hash, granted);
			Ok(())
		})
		.await?;
		Ok(grants)
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

	/// Hands every entry of a list, of which there may be `most`, to `take` when its page is here. So no
	/// more than a page is held as text, and of the others what `take` makes of them.
	async fn each<T: DeserializeOwned>(
		&self,
		path: &str,
		most: u32,
		mut take: impl FnMut(T) -> Result<(), ClientError>,
	) -> Result<(), ClientError> {
		let most = usize::try_from(most).unwrap_or(usize::MAX);
		// One entry more, for what is around them.
		let mut bytes_left = most.saturating_add(1).saturating_mul(MAX_ENTRY_BYTES);
		let mut taken: usize = 0;
		loop {
			let page = format!("{path}?limit={PAGE}&offset={taken}");
			let body = self.body(&page, TIMEOUT, bytes_left.min(MAX_BYTES)).await?;
			let body = body.ok_or(ClientError::Unreadable("list"))?;
			bytes_left = bytes_left.saturating_sub(body.len());
			let PageBody { data, has_more } = parse::<PageBody<T>>(&body)?;
			taken = taken.saturating_add(data.len());
			if taken > most {
				return Err(ClientError::TooLarge(path.into()));
			}
			let is_over = data.is_empty() || !has_more;
			data.into_iter().try_for_each(&mut take)?;
			if is_over {
				return Ok(());
			}
		}
	}

	/// What the relay answers; `None` if that is nothing.
	async fn get<T: DeserializeOwned>(
		&self,
		path: &str,
		timeout: Duration,
	) -> Result<Option<T>, ClientError> {
		let body = self.body(path, timeout, MAX_BYTES).await?;
		body.map(|body| parse(&body)).transpose()
	}

	/// The at most `most` bytes that the relay answers; `None` if that is nothing.
	async fn body(
		&self,
		path: &str,
		timeout: Duration,
		most: usize,
	) -> Result<Option<Vec<u8>>, ClientError> {
		let get = self.client.get(format!("{}{path}", self.base));
		let response = self.send(get, timeout).await?;
		match response.status() {
			StatusCode::NO_CONTENT => Ok(None),
			status if status.is_success() => whole(path, response, most).await.map(Some),
			_ => Err(refused(path, response).await),
		}
	}

	async fn send(
		&self,
		request: RequestBuilder,
		timeout: Duration,
	) -> Result<Response, ClientError> {
		let request = match self.asker.get() {
			Some((id, pair, asked)) => {
				request.header(question::ATTESTOR, question::sign(*id, pair, asked, now()))
			},
			None => request,
		};
		let response = request.timeout(timeout).send().await.map_err(unreachable)?;
		*self.answered_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
		Ok(response)
	}
}

/// What a relay shows of a batch, if it takes no longer for that than it may.
pub async fn in_time<T>(
	showing: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
	timeout(CASE_TIMEOUT, showing).await.unwrap_or(Err(ClientError::TooSlow))
}

fn unreachable(error: reqwest::Error) -> ClientError {
	ClientError::Unreachable(error.to_string())
}

async fn whole(path: &str, mut response: Response, most: usize) -> Result<Vec<u8>, ClientError> {
	let mut body = Vec::new();
	while let Some(piece) = response.chunk().await.map_err(unreachable)? {
		if body.len().saturating_add(piece.len()) > most {
			return Err(ClientError::TooLarge(path.into()));
		}
		body.extend_from_slice(&piece);
	}
	Ok(body)
}

async fn refused(path: &str, response: Response) -> ClientError {
	let status = response.status().as_u16();
	let body = whole(path, response, MAX_BYTES).await.unwrap_or_default();
	let message = match parse::<ErrorBody>(&body) {
		Ok(ErrorBody { error }) => error.message.chars().take(MAX_MESSAGE).collect(),
		Err(_) => "it does not say why".into(),
	};
	ClientError::Status { path: path.into(), status, message }
}
