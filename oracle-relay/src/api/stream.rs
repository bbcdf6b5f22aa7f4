//! Streamed answers.
//!
//! A pump of its own takes the provider's stream, so that it is metered to its end whatever the
//! client does: a client that leaves is not served any more, but the stream is read on, for a
//! bounded time, up to the provider's usage report.

use std::{convert::Infallible, time::Duration};

use axum::{
	body::{Body, Bytes},
	http::{header, HeaderValue},
	response::Response,
};
use futures::StreamExt;
use serde_json::Value;
use tokio::{
	sync::{mpsc, OwnedSemaphorePermit},
	time::{timeout, Instant},
};

use super::{
	call::{Ending, OpenCall, MAX_KEPT},
	ApiError, SHOULD_RETRY,
};
use crate::{
	hash::Hasher,
	metering::stream::{Chunk, StreamMeter},
	providers::{Events, UpstreamError, DONE},
};

const EVENT_STREAM: &str = "text/event-stream";

/// Chunks that may wait for a slow client.
const WAITING_CHUNKS: usize = 32;

/// Answers with a stream, once its first chunk is there: up to then a failure costs nothing.
pub(super) async fn respond(call: OpenCall, mut events: Events) -> Result<Response, ApiError> {
	let first = next_chunk(&mut events, call.app.limits.upstream_timeout).await;
	let first = match first.and_then(|chunk| chunk.ok_or_else(|| failed("its stream is empty"))) {
		Ok(chunk) => chunk,
		Err(error) => {
			call.void(&error.to_string()).await;
			return Err(error.into());
		},
	};
	let (sender, receiver) = mpsc::channel(WAITING_CHUNKS);
	let app = call.app.clone();
	let pump = Pump::new(call, events, sender);
	drop(app.tasks.spawn(pump.run(first)));
	Ok(response(receiver))
}

fn response(receiver: mpsc::Receiver<Bytes>) -> Response {
	let chunks = futures::stream::unfold(receiver, |mut receiver| async {
		let chunk = receiver.recv().await?;
		Some((Ok::<_, Infallible>(chunk), receiver))
	});
	let mut response = Response::new(Body::from_stream(chunks));
	let headers = response.headers_mut();
	headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
	headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
	// Tells nginx not to hold the stream back.
	headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
	headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
	response
}

fn failed(message: &str) -> UpstreamError {
	UpstreamError::Failed(message.into())
}

/// The next chunk of a provider's stream; `None` at its end.
async fn next_chunk(
	events: &mut Events,
	patience: Duration,
) -> Result<Option<Value>, UpstreamError> {
	let event = timeout(patience, events.next()).await.map_err(|_| UpstreamError::Timeout)?;
	let Some(event) = event.transpose()?.filter(|event| event != DONE) else { return Ok(None) };
	let chunk: Value = serde_json::from_str(&event).map_err(|_| failed("an event is not JSON"))?;
	if !chunk.is_object() {
		return Err(failed("an event is not a JSON object"));
	}
	match chunk.get("error") {
		None | Some(Value::Null) => Ok(Some(chunk)),
		Some(error) => Err(UpstreamError::Failed(format!("it reports {error}"))),
	}
}

/// The client's end of the stream.
enum Client {
	Listening(mpsc::Sender<Bytes>),
	/// It has left. The stream is read on until the moment given, in a place of its own.
	Gone {
		until: Instant,
		_place: OwnedSemaphorePermit,
	},
}

struct Pump {
	call: OpenCall,
	events: Events,
	client: Client,
	meter: StreamMeter,
	hash: Hasher,
	/// What a repeated request gets; `None` if it is not wanted or too large.
	kept: Option<Vec<u8>>,
}

impl Pump {
	fn new(call: OpenCall, events: Events, sender: mpsc::Sender<Bytes>) -> Self {
		Self {
			client: Client::Listening(sender),
			meter: StreamMeter::new(call.request.wants_usage),
			hash: call.response_hash(),
			kept: call.keeps_answer.then(Vec::new),
			call,
			events,
		}
	}

	/// Passes the stream on, settles the call, and only then ends the client's stream, so that a
	/// client that saw the end finds its receipt.
	async fn run(mut self, first: Value) {
		let ended = self.pass(first).await;
		let last = match &ended {
			Ok(()) => format!("data: {DONE}\n\n"),
			Err(error) => {
				tracing::warn!(call = %hex::encode(self.call.id), %error, "a stream broke off");
				self.kept = None;
				format!("data: {}\n\n", ApiError::from(error.clone()).to_json())
			},
		};
		self.keep(&last);
		if let Client::Listening(_) = self.client {
			self.hash.update(last.as_bytes());
		}
		self.conclude(ended.err()).await;
		if let Client::Listening(sender) = &self.client {
			// A client that leaves now has all it was charged for.
			let _ = timeout(self.call.app.limits.idle_timeout, sender.send(last.into())).await;
		}
	}

	async fn pass(&mut self, first: Value) -> Result<(), UpstreamError> {
		let mut next = Some(first);
		while let Some(chunk) = next {
			if let Chunk::Forward(chunk, bytes) = self.meter.observe(chunk) {
				self.deliver(chunk, bytes).await?;
			}
			let patience = self.patience();
			next = next_chunk(&mut self.events, patience).await?;
		}
		if self.meter.is_finished() {
			Ok(())
		} else {
			Err(failed("its stream ended before the answer"))
		}
	}

	fn patience(&self) -> Duration {
		let idle = self.call.app.limits.idle_timeout;
		match &self.client {
			Client::Listening(_) => idle,
			Client::Gone { until, .. } => until.saturating_duration_since(Instant::now()).min(idle),
		}
	}

	/// Hands a chunk to the client. Fails if the client has left and its stream is not read on.
	async fn deliver(&mut self, mut chunk: Value, bytes: u64) -> Result<(), UpstreamError> {
		if self.call.provider_model != self.call.request.model {
			chunk["model"] = self.call.request.model.clone().into();
		}
		let event = format!("data: {chunk}\n\n");
		self.keep(&event);
		let Client::Listening(sender) = &self.client else { return Ok(()) };
		let idle = self.call.app.limits.idle_timeout;
		let sent = timeout(idle, sender.send(Bytes::from(event.clone()))).await;
		if matches!(sent, Ok(Ok(()))) {
			self.hash.update(event.as_bytes());
			self.meter.delivered(bytes);
			return Ok(());
		}
		self.leave()
	}

	fn leave(&mut self) -> Result<(), UpstreamError> {
		let app = &self.call.app;
		app.metrics.clients_gone.add(1);
		let place = app.drains.clone().try_acquire_owned();
		let full = "the client left, and too many streams are read on";
		self.client = Client::Gone {
			until: Instant::now() + app.limits.drain_timeout,
			_place: place.map_err(|_| failed(full))?,
		};
		Ok(())
	}

	fn keep(&mut self, event: &str) {
		if let Some(kept) = &mut self.kept {
			kept.extend_from_slice(event.as_bytes());
			if kept.len() > MAX_KEPT {
				self.kept = None;
			}
		}
	}

	async fn conclude(&mut self, error: Option<UpstreamError>) {
		let request = &self.call.request;
		let Some(metered) = self.meter.finish(request.prompt_bytes, &request.bounds) else {
			let reason = error.map_or_else(|| "the answer is empty".into(), |e| e.to_string());
			return self.call.void(&reason).await;
		};
		let ending = Ending {
			metered,
			response_hash: self.hash.finish(),
			provider_id: self.meter.provider_id().map(String::from),
			kept: self.kept.take().map(|body| (EVENT_STREAM, body)),
		};
		if let Err(error) = self.call.settle(ending).await {
			let call = hex::encode(self.call.id);
			tracing::error!(%call, error = error.message, "a call could not be settled");
		}
	}
}
