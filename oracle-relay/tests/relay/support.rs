//! A relay under test.

use std::{sync::Arc, time::Duration};

use axum::{
	body::Body,
	http::{HeaderMap, Request, StatusCode},
	response::Response,
	Router,
};
use clap::Parser;
use futures::StreamExt;
use lx_primitives::grant::Grant;
use oracle_relay::{
	api,
	app::App,
	attest::{
		poster::{Poster, Timing},
		RelaySigner,
	},
	config::{Config, Limits},
	hash::blake2_256,
	ledger::Ledger,
	providers::{demo::Demo, openai::OpenAi, ModelMap, Provider, Providers},
};
use serde_json::{json, Value};
use sp_core::{
	crypto::{AccountId32, Ss58Codec},
	sr25519, Pair,
};
use sqlx::{
	sqlite::{SqliteConnectOptions, SqliteConnection},
	ConnectOptions,
};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
	chain::{funded, pair, MemoryChain, GENESIS},
	upstream::Upstream,
};

pub const KEY: &str = "lx-test-key";

pub struct Relay {
	pub chain: Arc<MemoryChain>,
	pub app: Arc<App>,
	pub user: User,
	folder: Arc<TempDir>,
	router: Router,
}

/// A wallet with an API key.
#[derive(Clone)]
pub struct User {
	pub pair: sr25519::Pair,
	pub key: String,
}

impl User {
	pub fn new(uri: &str, key: &str) -> Self {
		Self { pair: pair(uri), key: key.into() }
	}

	pub fn account(&self) -> AccountId32 {
		self.pair.public().into()
	}

	pub fn grant(&self) -> Grant {
		Grant {
			genesis: GENESIS,
			account: self.account().to_ss58check(),
			relay: 0,
			key_hash: blake2_256(self.key.as_bytes()),
			models: Vec::new(),
			spending_cap: None,
			expires_at: None,
			key_epoch: 0,
			nonce: 0,
		}
	}

	pub fn registration(&self, grant: &Grant) -> Value {
		let signature = self.pair.sign(grant.message().as_bytes());
		json!({"grant": grant, "signature": format!("0x{}", hex::encode(signature.0))})
	}
}

/// A response, read to its end.
#[derive(Debug)]
pub struct Reply {
	pub status: StatusCode,
	pub headers: HeaderMap,
	pub text: String,
}

impl Reply {
	pub fn json(&self) -> Value {
		serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
	}

	pub fn code(&self) -> Value {
		self.json()["error"]["code"].clone()
	}

	pub fn header(&self, name: &str) -> Option<&str> {
		self.headers.get(name).map(|value| value.to_str().unwrap())
	}

	/// The data of the events of a stream.
	pub fn events(&self) -> Vec<&str> {
		self.text.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect()
	}
}

pub fn limits() -> Limits {
	Limits {
		body_timeout: Duration::from_millis(400),
		upstream_timeout: Duration::from_millis(400),
		idle_timeout: Duration::from_millis(400),
		max_stream_time: Duration::from_secs(60),
		..Config::parse_from(["oracle-relay"]).limits()
	}
}

pub fn signer() -> RelaySigner {
	RelaySigner::new(0, pair("//Relay"))
}

impl Relay {
	/// A relay with the demo provider, and a user who has plenty.
	pub async fn demo() -> Self {
		Self::start(Providers::new(vec![Arc::new(Demo)]), limits()).await
	}

	/// A relay in front of `upstream`, and a user who has plenty.
	pub async fn before(upstream: &Upstream) -> Self {
		Self::start(providers(upstream, &[]), limits()).await
	}

	pub async fn start(providers: Providers, limits: Limits) -> Self {
		let (chain, folder) = (MemoryChain::new(), Arc::new(tempfile::tempdir().unwrap()));
		let user = User::new("//Alice", KEY);
		chain.set_account(&user.account(), funded(1_000_000_000));
		let relay = Self::over(chain, folder, user, providers, limits).await;
		let grant = relay.user.grant();
		let reply = relay.register(&relay.user, &grant).await;
		assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
		relay
	}

	/// A relay over a chain and a ledger that are there.
	pub async fn over(
		chain: Arc<MemoryChain>,
		folder: Arc<TempDir>,
		user: User,
		providers: Providers,
		limits: Limits,
	) -> Self {
		let ledger = Ledger::open(folder.path()).await.unwrap();
		let app = App::new(chain.clone(), ledger, providers, signer(), limits);
		let router = api::router(app.clone());
		Self { chain, app, user, folder, router }
	}

	/// The relay after a crash: a new process over the same chain and ledger.
	pub async fn restarted(self) -> Self {
		let Self { chain, app, user, folder, .. } = self;
		app.ledger.close().await;
		Self::over(chain, folder, user, app.providers.clone(), app.limits.clone()).await
	}

	/// One that resubmits at once.
	pub fn poster(&self) -> Poster {
		self.poster_that_waits(Duration::ZERO)
	}

	/// One that never resubmits because of the time that has passed.
	pub fn patient_poster(&self) -> Poster {
		self.poster_that_waits(Duration::MAX)
	}

	fn poster_that_waits(&self, resubmit: Duration) -> Poster {
		let (chain, ledger) = (self.chain.clone(), self.app.ledger.clone());
		let timing = Timing { interval: Duration::ZERO, resubmit };
		let (board, metrics) = (self.app.board.clone(), self.app.metrics.clone());
		Poster::new(chain, ledger, signer(), board, metrics, timing)
	}

	/// A connection of another program to the ledger.
	pub async fn ledger(&self) -> SqliteConnection {
		let file = self.folder.path().join("ledger.sqlite");
		SqliteConnectOptions::new().filename(file).connect().await.unwrap()
	}

	/// Lets the time pass for which accounts rest.
	pub async fn end_rests(&self) {
		let mut ledger = self.ledger().await;
		sqlx::query("UPDATE refused SET retry_at = 0").execute(&mut ledger).await.unwrap();
	}

	/// Composes a batch, has it signed by two attestors, and submits it.
	pub async fn send_batch(&self, poster: &mut Poster) {
		poster.step().await.unwrap();
		self.attest(&[0, 1]).await;
		poster.step().await.unwrap();
	}

	/// These attestors hand in their signatures over the open batch.
	pub async fn attest(&self, attestors: &[u32]) -> Vec<Reply> {
		let open = self.get("/v1/batches/open").await.json();
		let hash = open["hash"].as_str().expect("an open batch").to_string();
		let bytes = hex::decode(&hash[2..]).unwrap();
		let mut replies = Vec::new();
		for id in attestors {
			let signature = pair(&format!("//Attestor//{id}")).sign(&bytes);
			let body =
				json!({"attestor": id, "signature": format!("0x{}", hex::encode(signature.0))});
			replies.push(self.send(post(&format!("/v1/batches/{hash}/signatures"), &body)).await);
		}
		replies
	}

	pub async fn respond(&self, request: Request<Body>) -> Response {
		self.router.clone().oneshot(request).await.unwrap()
	}

	pub async fn send(&self, request: Request<Body>) -> Reply {
		read(self.respond(request).await).await
	}

	pub async fn get(&self, path: &str) -> Reply {
		self.send(bearer(Request::get(path), &self.user.key).body(Body::empty()).unwrap()).await
	}

	pub async fn register(&self, user: &User, grant: &Grant) -> Reply {
		self.send(post("/v1/keys", &user.registration(grant))).await
	}

	pub async fn chat(&self, extra: Value) -> Reply {
		self.send(chat(&self.user.key, extra)).await
	}

	pub async fn available(&self) -> u64 {
		self.get("/v1/balance").await.json()["available_ucred"].as_u64().unwrap()
	}

	/// The receipt of the call that `reply` names.
	pub async fn receipt(&self, reply: &Reply) -> Value {
		let id = reply.header("x-lx-call-id").expect("a call id");
		let receipt = self.get(&format!("/v1/receipts/{id}")).await;
		assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
		receipt.json()
	}
}

pub fn providers(upstream: &Upstream, models: &[&str]) -> Providers {
	let models: Vec<String> = models.iter().map(|name| name.to_string()).collect();
	let models = ModelMap::parse(&models);
	let timeout = limits().upstream_timeout;
	let provider: Arc<dyn Provider> =
		Arc::new(OpenAi::new(&upstream.url, Some("secret".into()), models, timeout).unwrap());
	Providers::new(vec![provider])
}

pub fn bearer(request: axum::http::request::Builder, key: &str) -> axum::http::request::Builder {
	request.header("authorization", format!("Bearer {key}"))
}

pub fn post(path: &str, body: &Value) -> Request<Body> {
	Request::post(path).body(Body::from(body.to_string())).unwrap()
}

/// A chat completion request by the holder of `key`.
pub fn chat(key: &str, extra: Value) -> Request<Body> {
	let body = chat_body(extra);
	bearer(Request::post("/v1/chat/completions"), key).body(Body::from(body.to_string())).unwrap()
}

pub fn chat_body(extra: Value) -> Value {
	let mut body = json!({
		"model": "model",
		"messages": [{"role": "user", "content": "What is a merkle tree?"}],
		"max_completion_tokens": 100,
	});
	body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
	body
}

pub async fn read(response: Response) -> Reply {
	let (parts, body) = response.into_parts();
	let mut bytes = Vec::new();
	let mut pieces = body.into_data_stream();
	while let Some(piece) = pieces.next().await {
		bytes.extend_from_slice(&piece.unwrap());
	}
	let text = String::from_utf8(bytes).unwrap();
	Reply { status: parts.status, headers: parts.headers, text }
}
