//! `POST /v1/chat/completions`.

use std::sync::Arc;

use axum::{
	body::{Body, Bytes},
	extract::{Request, State},
	http::HeaderMap,
	response::{IntoResponse, Response},
};
use serde_json::Value;
use sp_core::crypto::AccountId32;
use tokio::{sync::oneshot, task::spawn_blocking};

use super::{
	auth::authenticate,
	body,
	call::{self, OpenCall, Opened},
	idempotency::Idempotency,
	places::{Full, Part},
	stream, whole, ApiError,
};
use crate::{
	app::App,
	config::Channel,
	metering::request::ChatRequest,
	providers::{Answer, Events, Forwarded, UpstreamError},
};

/// A body of more bytes is read on a thread of its own, so that other calls need not wait for it.
const LARGE_BODY: usize = 64 * 1024;

/// Serves a chat completion, and says how often its caller may call.
pub(super) async fn completions(
	State(app): State<Arc<App>>,
	request: Request,
) -> Result<Response, ApiError> {
	let (parts, body) = request.into_parts();
	let headers = parts.headers;
	// First of all, so that only who may call can make the relay hold a body.
	let (account, channel) = match admit(&app, &headers).await {
		Ok(admitted) => admitted,
		Err(error) => {
			body::discard(body).await;
			return Err(error);
		},
	};
	let pace = channel.per_minute.map(|per_minute| app.paces.count(&account, per_minute));
	let answered = match pace.and_then(|pace| Some((pace.limit, pace.wait?))) {
		Some((limit, wait)) => {
			body::discard(body).await;
			app.metrics.calls_limited.add(1);
			Err(ApiError::too_often(limit, wait))
		},
		None => take_in(&app, headers, body, &account, channel).await,
	};
	let mut response = answered.unwrap_or_else(ApiError::into_response);
	if let Some(pace) = pace {
		pace.tell(response.headers_mut());
	}
	Ok(response)
}

/// Takes in the body of a call and serves it. The work goes on when the client leaves, so that every
/// call is settled or voided.
async fn take_in(
	app: &Arc<App>,
	headers: HeaderMap,
	body: Body,
	account: &AccountId32,
	channel: Channel,
) -> Result<Response, ApiError> {
	let (body, room) = body::read_call(app, body, account).await?;
	// Not before the body is here: bodies that come slowly would keep others out of the places.
	let place = app.places.take(account, channel.at_once, 1);
	let place = place.map_err(|full| no_place(app, channel, full))?;
	// From here on the place stands for the body.
	drop(room);
	// Goes with this future when the client leaves, which the other end hears.
	let (_present, left) = oneshot::channel();
	let work = app.tasks.spawn(serve(app.clone(), headers, body, place, left));
	// What breaks the work may do so after the call was charged.
	work.await.unwrap_or_else(|_| Err(ApiError::internal().final_answer()))
}

/// The account of a caller whose key is good, with its channel, if there would be a place for a call of
/// it now.
async fn admit(app: &App, headers: &HeaderMap) -> Result<(AccountId32, Channel), ApiError> {
	let caller = authenticate(app, headers).await?;
	let channel = app.limits.channel(caller.account.tiers.current, caller.perk());
	let account = caller.key.account;
	let place = app.places.check(&account, channel.at_once, 1);
	place.map_err(|full| no_place(app, channel, full))?;
	Ok((account, channel))
}

fn no_place(app: &App, channel: Channel, full: Full) -> ApiError {
	match full {
		Full::ForAll => ApiError::overloaded(),
		Full::ForAccount => {
			app.metrics.calls_limited.add(1);
			ApiError::too_many_calls(channel.at_once)
		},
	}
}

async fn read(app: &Arc<App>, body: &Bytes) -> Result<ChatRequest, ApiError> {
	if body.len() <= LARGE_BODY {
		return Ok(ChatRequest::parse(body, &app.limits)?);
	}
	let permit = app.readers.clone().acquire_owned().await.map_err(|_| ApiError::internal())?;
	let (app, body) = (app.clone(), body.clone());
	let reading = spawn_blocking(move || {
		let request = ChatRequest::parse(&body, &app.limits);
		drop(permit);
		request
	});
	Ok(reading.await.map_err(|_| ApiError::internal())??)
}

async fn serve(
	app: Arc<App>,
	headers: HeaderMap,
	body: Bytes,
	place: Part,
	left: oneshot::Receiver<()>,
) -> Result<Response, ApiError> {
	// Once more: while the body arrived, the key or the balance may have gone.
	let caller = authenticate(&app, &headers).await?;
	let request = read(&app, &body).await?;
	let idempotency = Idempotency::read(&headers, &body)?;
	if let Some(idempotency) = &idempotency {
		if let Some(replay) = idempotency.replay(&app, &caller.key.key_hash).await? {
			return Ok(replay);
		}
	}
	let opened = call::open(&app, &caller, request, &body, idempotency.as_ref(), place).await?;
	// The call knows all it needs of it.
	drop(body);
	match opened {
		Opened::Call(call) => Ok(answer(call, left).await),
		Opened::Repeated => {
			let message = "The call with this idempotency key is still under way.";
			Err(ApiError::conflict("call_in_progress", message))
		},
	}
}

/// Sends an open call, and names it in the response whatever comes of it.
async fn answer(call: Box<OpenCall>, left: oneshot::Receiver<()>) -> Response {
	let (id, payment) = (call.id, call.payment);
	let answered = forward(call, left).await;
	let mut response = answered.unwrap_or_else(ApiError::into_response);
	call::name(response.headers_mut(), &id);
	call::tell_payment(response.headers_mut(), payment);
	response
}

/// Hands a call to the provider. Up to the first chunk of a stream nothing is charged, so nothing
/// is waited for once its client has left; a whole answer is charged when the provider has made it.
async fn forward(
	mut call: Box<OpenCall>,
	left: oneshot::Receiver<()>,
) -> Result<Response, ApiError> {
	if let Err(error) = call.app.ledger.mark_sent(call.id).await {
		call.void("it could not be noted as sent").await;
		return Err(error.into());
	}
	let request = call.forwarded();
	let begun = tokio::select! {
		biased;
		_ = left, if call.request.stream => {
			call.app.metrics.clients_gone.add(1);
			call.write_off("the client left before the first byte").await;
			return Err(ApiError::client_left());
		},
		begun = begin(&call, request) => begun,
	};
	match begun {
		Ok(Begun::Whole(body)) => whole::respond(*call, body).await,
		Ok(Begun::Stream(first, events)) => Ok(stream::respond(*call, first, events)),
		Err(error) => {
			call.fail(&error).await;
			Err(error.into())
		},
	}
}

/// What a provider has begun to answer.
enum Begun {
	/// All of it.
	Whole(Bytes),
	/// The first chunk of a stream, and the rest.
	Stream(Value, Events),
}

async fn begin(call: &OpenCall, request: Forwarded) -> Result<Begun, UpstreamError> {
	// Here, since a client that has left already lets this never begin.
	call.note_asked();
	match call.provider.chat(request).await? {
		Answer::Whole(body) => Ok(Begun::Whole(body)),
		Answer::Stream(mut events) => {
			let patience = call.app.limits.upstream_timeout;
			let first = stream::first_chunk(&mut events, patience).await?;
			Ok(Begun::Stream(first, events))
		},
	}
}
