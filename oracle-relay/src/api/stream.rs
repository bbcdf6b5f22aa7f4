//! Streamed answers.
//!
//! A pump of its own passes the provider's stream on, so that the call is settled whatever the
//! client does. When the client leaves, the pump drops the provider's stream, which ends the
//! generation, and charges what was delivered; what else the provider may bill is held against the
//! account. Only where the client has the whole answer already
//! is the stream read on, for a bounded time, for the provider's usage report.

use std::{convert::Infallible, time::Duration};

use axum::{
	body::{Body, Bytes},
	http::{header, HeaderValue},
	response::Response,
};
use futures::StreamExt;
use serde_json::Value;
use tokio::{
	sync::{mpsc, oneshot},
	time::{timeout, Instant},
};

use super::{
	call::{Ending, OpenCall, MAX_KEPT},
	ApiError, SHOULD_RETRY,
};
use crate::{
	hash::Hasher,
	metering::stream::{Chunk, Output, StreamMeter},
	providers::{Events, UpstreamError, DONE},
};

const EVENT_STREAM: &str = "text/event-stream";

/// An event on its way to the client. It counts as delivered once the server has taken it to write
/// it to the client's connection.
struct Delivery {
	event: Bytes,
	/// Told when the event is taken.
	taken: oneshot::Sender<()>,
}

/// Why an answer broke off.
#[derive(Debug, thiserror::Error)]
enum Interruption {
	/// The client closed its connection, or takes nothing any more.
	#[error("the client left")]
	ClientLeft,
	/// The provider's stream broke.
	#[error(transparent)]
	Provider(#[from] UpstreamError),
}

/// Answers with a stream whose first chunk is there.
pub(super) fn respond(call: OpenCall, first: Value, events: Events) -> Response {
	let (client, deliveries) = mpsc::channel(1);
	let app = call.app.clone();
	drop(app.tasks.spawn(Pump::new(call, client).run(first, events)));
	response(deliveries)
}

fn response(deliveries: mpsc::Receiver<Delivery>) -> Response {
	let events = futures::stream::unfold(deliveries, |mut deliveries| async move {
		let Delivery { event, taken } = deliveries.recv().await?;
		// If nobody listens, the pump has given the client up, and does not charge the event.
		taken.send(()).ok()?;
		Some((Ok::<_, Infallible>(event), deliveries))
	});
	let mut response = Response::new(Body::from_stream(events));
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

/// The first chunk of a provider's stream.
pub(super) async fn first_chunk(
	events: &mut Events,
	patience: Duration,
) -> Result<Value, UpstreamError> {
	next_chunk(events, patience).await?.ok_or_else(|| failed("its stream is empty"))
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
		Some(error) => {
			// It may speak of the relay's own account, and receipts say why a call is void.
			tracing::warn!(%error, "the provider reports an error");
			Err(failed("its stream reports an error"))
		},
	}
}

/// The data of the event that ends the client's stream.
fn last_data(ended: &Result<(), Interruption>) -> String {
	let error = match ended {
		Ok(()) => return DONE.into(),
		Err(Interruption::Provider(error)) => ApiError::from(error.clone()),
		Err(Interruption::ClientLeft) => ApiError::client_left(),
	};
	error.to_json().to_string()
}

struct Pump {
	call: OpenCall,
	/// The client's end of the stream; `None` once it has left.
	client: Option<mpsc::Sender<Delivery>>,
	meter: StreamMeter,
	/// Of what was delivered.
	hash: Hasher,
	/// What a repeated request gets; `None` if it is not wanted or too large.
	kept: Option<Vec<u8>>,
	/// When it ends at the latest, whoever is slow.
	ends_at: Instant,
}

impl Pump {
	fn new(call: OpenCall, client: mpsc::Sender<Delivery>) -> Self {
		let request = &call.request;
		Self {
			ends_at: Instant::now() + call.app.limits.max_stream_time,
			client: Some(client),
			meter: StreamMeter::new(request.wants_usage, request.choices),
			hash: call.response_hash(),
			kept: call.keeps_answer.then(Vec::new),
			call,
		}
	}

	/// Passes the stream on, settles the call, and only then ends the client's stream, so that a
	/// client that saw the end finds its receipt.
	async fn run(mut self, first: Value, events: Events) {
		let ended = self.pass(first, events).await;
		let last = format!("data: {}\n\n", last_data(&ended));
		match &ended {
			Ok(()) => self.keep(&last),
			Err(interruption) => {
				let call = hex::encode(self.call.id);
				tracing::info!(%call, %interruption, "a stream broke off");
				// A repeated request must not take a part for the whole.
				self.kept = None;
			},
		}
		if self.client.is_some() {
			self.hash.update(last.as_bytes());
		}
		self.conclude(ended.err()).await;
		// A client that leaves now has all it was charged for.
		self.hand_over(&last).await;
	}

	/// Passes the answer on. The provider's stream is dropped with its end, or as soon as the
	/// client leaves.
	async fn pass(&mut self, first: Value, mut events: Events) -> Result<(), Interruption> {
		let passed = self.pass_chunks(first, &mut events).await;
		if !self.meter.is_complete() {
			return passed;
		}
		// The client has the whole answer, and nothing that happened after takes that away.
		if self.client.is_none() {
			self.read_report(&mut events).await;
		}
		Ok(())
	}

	async fn pass_chunks(&mut self, first: Value, events: &mut Events) -> Result<(), Interruption> {
		let mut next = Some(first);
		while let Some(chunk) = next {
			if let Chunk::Forward(chunk, output) = self.meter.observe(chunk) {
				self.deliver(chunk, &output).await?;
			}
			next = self.next_chunk(events).await?;
		}
		if self.meter.is_whole() {
			Ok(())
		} else {
			Err(failed("its stream ended before the answer").into())
		}
	}

	/// The provider's next chunk, unless the client leaves before it comes.
	async fn next_chunk(&mut self, events: &mut Events) -> Result<Option<Value>, Interruption> {
		let idle = self.patience();
		let Some(client) = &self.client else { return Err(Interruption::ClientLeft) };
		tokio::select! {
			biased;
			() = client.closed() => Err(self.leave()),
			chunk = next_chunk(events, idle) => Ok(chunk?),
		}
	}

	/// How long to wait for the provider, or for the client.
	fn patience(&self) -> Duration {
		let left = self.ends_at.saturating_duration_since(Instant::now());
		self.call.app.limits.idle_timeout.min(left)
	}

	/// Reads on for the usage report, after a client has left with the whole answer.
	async fn read_report(&mut self, events: &mut Events) {
		let idle = self.patience();
		let reading = async {
			while let Ok(Some(chunk)) = next_chunk(events, idle).await {
				if let Chunk::Forward(chunk, _) = self.meter.observe(chunk) {
					let event = self.event(chunk);
					self.keep(&event);
				}
			}
		};
		// Without a report, what was delivered counts.
		let _ = timeout(idle, reading).await;
	}

	async fn deliver(&mut self, chunk: Value, output: &Output) -> Result<(), Interruption> {
		let event = self.event(chunk);
		self.keep(&event);
		if !self.hand_over(&event).await {
			return Err(self.leave());
		}
		self.hash.update(event.as_bytes());
		self.meter.delivered(output);
		Ok(())
	}

	/// The event for the client, with the client's name for the model.
	fn event(&self, mut chunk: Value) -> String {
		if self.call.provider_model != self.call.request.model {
			chunk["model"] = self.call.request.model.clone().into();
		}
		format!("data: {chunk}\n\n")
	}

	/// Whether the client takes `event`, in the time that it has for it.
	async fn hand_over(&self, event: &str) -> bool {
		let Some(client) = &self.client else { return false };
		let (taken, mut is_taken) = oneshot::channel();
		let delivery = Delivery { event: Bytes::copy_from_slice(event.as_bytes()), taken };
		let handing_over = async {
			if client.send(delivery).await.is_err() {
				return false;
			}
			tokio::select! {
				taken = &mut is_taken => taken.is_ok(),
				// It may have taken the event and left in the same moment.
				() = client.closed() => is_taken.try_recv().is_ok(),
			}
		};
		timeout(self.patience(), handing_over).await.unwrap_or(false)
	}

	fn leave(&mut self) -> Interruption {
		self.call.app.metrics.clients_gone.add(1);
		self.client = None;
		Interruption::ClientLeft
	}

	fn keep(&mut self, event: &str) {
		if let Some(kept) = &mut self.kept {
			kept.extend_from_slice(event.as_bytes());
			if kept.len() > MAX_KEPT {
				self.kept = None;
			}
		}
	}

	async fn conclude(&mut self, interruption: Option<Interruption>) {
		let request = &self.call.request;
		let metered = match &interruption {
			None => self.meter.whole(request.prompt_bytes, &request.bounds),
			Some(_) => self.meter.interrupted(request.prompt_bytes, &request.bounds),
		};
		let Some(metered) = metered else {
			let reason = interruption.map_or("the answer is empty".into(), |why| why.to_string());
			return self.call.write_off(&reason).await;
		};
		let ending = Ending {
			metered,
			is_whole: interruption.is_none(),
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
