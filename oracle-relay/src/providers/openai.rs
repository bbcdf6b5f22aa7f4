//! Any OpenAI-compatible server.

use std::{
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc,
	},
	time::Duration,
};

use anyhow::{Context, Result};
use async_trait::async_trait;
use bytes::Bytes;
use eventsource_stream::{EventStreamError, Eventsource};
use futures::{Stream, StreamExt, TryStreamExt};
use reqwest::{
	header::{ACCEPT, CONTENT_TYPE},
	redirect, Client, Response, StatusCode, Url,
};
use serde_json::Value;

use super::{Answer, Events, Forwarded, ModelMap, Provider, UpstreamError, MAX_ANSWER_BYTES};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes that an event of a stream may have.
const MAX_EVENT_BYTES: usize = 4 * 1024 * 1024;

/// An OpenAI-compatible server.
pub struct OpenAi {
	client: Client,
	url: Url,
	key: Option<String>,
	models: ModelMap,
	timeout: Duration,
}

impl OpenAi {
	/// The server at `base`, for example `https://api.openai.com/v1`. It has `timeout` to answer,
	/// or to begin a stream.
	pub fn new(
		base: &str,
		key: Option<String>,
		models: ModelMap,
		timeout: Duration,
	) -> Result<Self> {
		let url = format!("{}/chat/completions", base.trim_end_matches('/'));
		let url = Url::parse(&url).with_context(|| format!("provider URL `{base}`"))?;
		// A redirect would carry the provider's key to another server.
		let mut client =
			Client::builder().connect_timeout(CONNECT_TIMEOUT).redirect(redirect::Policy::none());
		if is_local(&url) {
			client = client.no_proxy();
		}
		Ok(Self { client: client.build()?, url, key, models, timeout })
	}

	async fn send(&self, request: Forwarded) -> Result<Response, UpstreamError> {
		let accepted = if request.is_streamed { "text/event-stream" } else { "application/json" };
		let post = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
		let mut post = post.header(ACCEPT, accepted).body(request.body);
		if let Some(key) = &self.key {
			post = post.bearer_auth(key);
		}
		let response = post.send().await.map_err(failed)?;
		if response.status().is_success() {
			return Ok(response);
		}
		let status = response.status();
		let body = whole(response).await.unwrap_or_default();
		Err(refused(status, &body))
	}
}

#[async_trait]
impl Provider for OpenAi {
	fn name(&self) -> &str {
		self.url.host_str().unwrap_or("upstream")
	}

	fn serves(&self, model: &str) -> Option<String> {
		self.models.get(model)
	}

	async fn chat(&self, request: Forwarded) -> Result<Answer, UpstreamError> {
		let answer = async {
			let is_streamed = request.is_streamed;
			let response = self.send(request).await?;
			if !is_streamed {
				return whole(response).await.map(|body| Answer::Whole(body.into()));
			}
			if !is_event_stream(&response) {
				let message = "it was asked for a stream and sent something else";
				return Err(UpstreamError::Failed(message.into()));
			}
			let pieces = response.bytes_stream().map_err(failed);
			Ok(Answer::Stream(events(pieces, MAX_EVENT_BYTES)))
		};
		let answer = tokio::time::timeout(self.timeout, answer).await;
		answer.unwrap_or(Err(UpstreamError::Timeout))
	}
}

fn is_local(url: &Url) -> bool {
	matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

fn is_event_stream(response: &Response) -> bool {
	let content_type = response.headers().get(CONTENT_TYPE);
	content_type
		.and_then(|value| value.to_str().ok())
		.is_some_and(|value| value.starts_with("text/event-stream"))
}

/// The events that arrive in `pieces`. An event is held until it ends, so it may have no more than
/// about `most` bytes.
fn events(
	pieces: impl Stream<Item = Result<Bytes, UpstreamError>> + Send + 'static,
	most: usize,
) -> Events {
	let held = Arc::new(AtomicUsize::new(0));
	let arrived = held.clone();
	let pieces = pieces.map(move |piece| {
		let piece = piece?;
		let before = arrived.fetch_add(piece.len(), Ordering::Relaxed);
		if before.saturating_add(piece.len()) > most {
			return Err(UpstreamError::Failed("an event of its stream is too large".into()));
		}
		Ok(piece)
	});
	let events = pieces.eventsource().map(move |event| {
		held.store(0, Ordering::Relaxed);
		event.map(|event| event.data).map_err(unreadable)
	});
	events.boxed()
}

fn unreadable(error: EventStreamError<UpstreamError>) -> UpstreamError {
	match error {
		EventStreamError::Transport(error) => error,
		EventStreamError::Utf8(_) | EventStreamError::Parser(_) => {
			UpstreamError::Failed("its stream is not one of events".into())
		},
	}
}

async fn whole(response: Response) -> Result<Vec<u8>, UpstreamError> {
	let mut body = Vec::new();
	let mut pieces = response.bytes_stream();
	while let Some(piece) = pieces.next().await {
		body.extend_from_slice(&piece.map_err(failed)?);
		if body.len() > MAX_ANSWER_BYTES {
			return Err(UpstreamError::Failed("its answer is too large".into()));
		}
	}
	Ok(body)
}

fn failed(error: reqwest::Error) -> UpstreamError {
	// A connection may time out as well.
	if error.is_connect() {
		let error = error.without_url();
		tracing::warn!(?error, "the provider cannot be reached");
		UpstreamError::Unreachable
	} else if error.is_timeout() {
		UpstreamError::Timeout
	} else {
		// The address may hold what the operator does not want clients to see.
		UpstreamError::Failed(error.without_url().to_string())
	}
}

fn refused(status: StatusCode, body: &[u8]) -> UpstreamError {
	let body: Option<Value> = serde_json::from_slice(body).ok();
	let error = body.and_then(|mut body| body.get_mut("error").map(Value::take));
	UpstreamError::Refused { status: status.as_u16(), error: error.filter(Value::is_object) }
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_address_is_below_the_base() {
		for base in ["http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1/"] {
			let provider =
				OpenAi::new(base, None, ModelMap::default(), Duration::from_secs(1)).unwrap();
			assert_eq!(provider.url.as_str(), "http://127.0.0.1:1/v1/chat/completions");
		}
		assert!(OpenAi::new("no url", None, ModelMap::default(), Duration::ZERO).is_err());
	}

	async fn read(pieces: &[&'static str], most: usize) -> Vec<Result<String, UpstreamError>> {
		let pieces = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
		let pieces: Vec<Result<Bytes, UpstreamError>> = pieces.collect();
		events(futures::stream::iter(pieces), most).collect().await
	}

	#[tokio::test]
	async fn a_stream_may_be_long_and_an_event_may_not() {
		let event = "data: 0123456789\n\n";
		let five: Vec<Result<String, UpstreamError>> = vec![Ok("0123456789".into()); 5];
		assert_eq!(read(&[event; 5], 20).await, five);
		let endless = read(&["data: 0123", "4567890123", "4567890123"], 20).await;
		assert!(matches!(endless.first(), Some(Err(UpstreamError::Failed(_)))), "{endless:?}");
	}

	#[tokio::test]
	async fn a_stream_that_is_not_one_of_events_fails() {
		let broken: Vec<Result<Bytes, UpstreamError>> = vec![Ok(Bytes::from_static(b"\xff\xff"))];
		let read: Vec<_> = events(futures::stream::iter(broken), 20).collect().await;
		assert!(read.iter().any(Result::is_err), "{read:?}");
	}

	#[test]
	fn a_refusal_keeps_what_the_provider_said() {
		let body = br#"{"error": {"message": "no"}}"#;
		let UpstreamError::Refused { status: 400, error: Some(error) } =
			refused(StatusCode::BAD_REQUEST, body)
		else {
			panic!("not a refusal")
		};
		assert_eq!(error["message"], "no");
		let nothing = UpstreamError::Refused { status: 500, error: None };
		assert_eq!(refused(StatusCode::INTERNAL_SERVER_ERROR, b"<html>"), nothing);
	}
}
