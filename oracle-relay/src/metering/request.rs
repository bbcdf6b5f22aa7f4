//! A chat completion request: what the relay must know of it, and what it sends on.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::{
	complexity::{structure, MAX_STRUCTURE},
	messages, parameters,
	prompt::prompt_bytes,
	whole,
};
use crate::{config::Limits, pricing::Bounds};

/// Input tokens allowed for what the provider may add around the messages.
const TEMPLATE_TOKENS: u32 = 64;

/// The fields that limit the output.
pub(super) const LIMIT_FIELDS: [&str; 2] = ["max_completion_tokens", "max_tokens"];

/// The most answers that one call may ask for.
const MAX_CHOICES: u32 = 128;

/// A request that cannot be served: which parameter, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
	/// The offending parameter, where there is one.
	pub param: Option<String>,
	/// What is wrong with it.
	pub message: String,
	/// The exact error, where it has a name.
	pub code: Option<&'static str>,
}

/// A validated chat completion request.
#[derive(Clone, Debug)]
pub struct ChatRequest {
	/// The model asked for.
	pub model: String,
	/// Whether the answer is to be streamed.
	pub stream: bool,
	/// Whether the client wants the usage report at the end of the stream.
	pub wants_usage: bool,
	/// How many answers the client asks for.
	pub choices: u32,
	/// The most tokens that the call may use.
	pub bounds: Bounds,
	/// Bytes that the prompt counts for where the provider does not report it.
	pub prompt_bytes: u64,
	/// What goes to the provider beside its name for the model, as JSON. As text, because a tree
	/// would take much more memory.
	rest: String,
}

impl ChatRequest {
	/// Reads `body`.
	pub fn parse(body: &[u8], limits: &Limits) -> Result<Self, Invalid> {
		let mut fields = object(body)?;
		let model = required_text(&fields, "model")?;
		let media = messages::check(&fields, &limits.allowed_parameters)?;
		check_numbers(&fields)?;
		let stream = flag(fields.get("stream"), "stream")?;
		let wants_usage = wants_usage(&fields, stream)?;
		let limit = output_limit(&fields)?.unwrap_or(limits.default_max_tokens);
		let choices = integer(&fields, "n", 1..=MAX_CHOICES)?.unwrap_or(1);
		let output = limit.saturating_mul(choices);
		let probabilities = whole::probabilities(&fields)?;
		parameters::check(&mut fields, &limits.allowed_parameters)?;
		if !stream {
			whole::check(&fields, output, probabilities, limits.max_whole_tokens)?;
		}
		let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
		let bounds = Bounds {
			input: bytes
				.saturating_add(TEMPLATE_TOKENS)
				.saturating_add(media.saturating_mul(limits.media_tokens)),
			output,
		};
		let prompt_bytes = prompt_bytes(&fields, limits.media_tokens);
		// The provider may not know the field that the client has set, and write without end.
		fields.retain(|name, _| !LIMIT_FIELDS.contains(&name.as_str()));
		fields.insert(limits.limit_field.clone(), limit.into());
		if stream {
			order_report(&mut fields);
		}
		fields.remove("model");
		let rest = Value::Object(fields).to_string();
		Ok(Self { model, stream, wants_usage, choices, bounds, prompt_bytes, rest })
	}

	/// Takes the body for the provider out: its own name for the model, an output limit in the field
	/// that it takes, and a usage report at the end of a stream.
	pub fn forwarded(&mut self, model: &str) -> String {
		let rest = std::mem::take(&mut self.rest);
		// There is at least a list of messages, so a comma has something to follow it.
		let rest = rest.strip_prefix('{').unwrap_or_default();
		format!("{{\"model\":{},{rest}", Value::from(model))
	}
}

/// Asks for the usage report at the end of a stream.
fn order_report(fields: &mut Map<String, Value>) {
	let options = fields.entry("stream_options").or_insert(Value::Null);
	match options {
		Value::Object(options) => {
			options.insert("include_usage".into(), true.into());
		},
		other => *other = serde_json::json!({"include_usage": true}),
	}
}

/// An invalid parameter.
pub(super) fn invalid(param: &str, message: impl Into<String>) -> Invalid {
	Invalid { param: Some(param.into()), message: message.into(), code: None }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Invalid> {
	let whole = |message: String| Invalid { param: None, message, code: None };
	if structure(body) > MAX_STRUCTURE {
		let message = format!(
			"The request has more than {MAX_STRUCTURE} commas and opening brackets outside of its \
			 strings. Please send a simpler one."
		);
		return Err(Invalid { code: Some("too_complex"), ..whole(message) });
	}
	match serde_json::from_slice(body) {
		Ok(Value::Object(fields)) => Ok(fields),
		Ok(_) => Err(whole("The request body must be a JSON object.".into())),
		Err(error) => Err(whole(format!("The request body is not valid JSON: {error}."))),
	}
}

/// A field that is there and not null.
pub(super) fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
	fields.get(name).filter(|value| !value.is_null())
}

fn required_text(fields: &Map<String, Value>, name: &str) -> Result<String, Invalid> {
	match given(fields, name) {
		Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
		Some(_) => Err(invalid(name, format!("`{name}` must be a non-empty string."))),
		None => Err(invalid(name, format!("You must provide the parameter `{name}`."))),
	}
}

pub(super) fn flag(value: Option<&Value>, name: &str) -> Result<bool, Invalid> {
	match value {
		None | Some(Value::Null) => Ok(false),
		Some(Value::Bool(flag)) => Ok(*flag),
		Some(_) => Err(invalid(name, format!("`{name}` must be a boolean."))),
	}
}

pub(super) fn integer(
	fields: &Map<String, Value>,
	name: &str,
	range: RangeInclusive<u32>,
) -> Result<Option<u32>, Invalid> {
	let Some(value) = given(fields, name) else { return Ok(None) };
	let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
	if let Some(number) = number.filter(|number| range.contains(number)) {
		return Ok(Some(number));
	}
	let (least, most) = range.into_inner();
	Err(invalid(name, format!("`{name}` must be an integer from {least} to {most}.")))
}

/// The output limit that the client sets, in one of the two fields for it. Both are refused as OpenAI
/// refuses them: which one counts would be a guess.
fn output_limit(fields: &Map<String, Value>) -> Result<Option<u32>, Invalid> {
	let [new, old] = LIMIT_FIELDS;
	match (integer(fields, new, 1..=u32::MAX)?, integer(fields, old, 1..=u32::MAX)?) {
		(Some(_), Some(_)) => {
			let code = Some("invalid_parameter_combination");
			let message = format!("`{old}` and `{new}` limit the same: give `{new}` only.");
			Err(Invalid { code, ..invalid(old, message) })
		},
		(by_new, by_old) => Ok(by_new.or(by_old)),
	}
}

fn wants_usage(fields: &Map<String, Value>, stream: bool) -> Result<bool, Invalid> {
	match given(fields, "stream_options") {
		None => Ok(false),
		Some(_) if !stream => {
			Err(invalid("stream_options", "`stream_options` is only allowed with `stream: true`."))
		},
		Some(Value::Object(options)) => {
			flag(options.get("include_usage"), "stream_options.include_usage")
		},
		Some(_) => Err(invalid("stream_options", "`stream_options` must be an object.")),
	}
}

fn check_numbers(fields: &Map<String, Value>) -> Result<(), Invalid> {
	const NUMBERS: [&str; 4] = ["temperature", "top_p", "presence_penalty", "frequency_penalty"];
	for name in NUMBERS {
		if given(fields, name).is_some_and(|value| !value.is_number()) {
			return Err(invalid(name, format!("`{name}` must be a number.")));
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{config::Config, metering::estimated_tokens};
	use clap::Parser;
	use serde_json::json;

	fn parse(body: Value) -> Result<ChatRequest, Invalid> {
		ChatRequest::parse(body.to_string().as_bytes(), &limits("max_completion_tokens"))
	}

	fn limits(limit_field: &str) -> Limits {
		Limits {
			default_max_tokens: 100,
			limit_field: limit_field.into(),
			..Config::parse_from(["oracle-relay"]).limits()
		}
	}

	fn forwarded(body: Value, model: &str) -> Value {
		serde_json::from_str(&parse(body).unwrap().forwarded(model)).unwrap()
	}

	fn request(extra: Value) -> Value {
		let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hello"}]});
		let fields = extra.as_object().unwrap().clone();
		body.as_object_mut().unwrap().extend(fields);
		body
	}

	#[test]
	fn each_wrong_field_is_named() {
		for (extra, param) in [
			(json!({"model": null}), "model"),
			(json!({"model": 3}), "model"),
			(json!({"model": ""}), "model"),
			(json!({"messages": []}), "messages"),
			(json!({"stream": "yes"}), "stream"),
			(json!({"stream_options": {}}), "stream_options"),
			(json!({"stream": true, "stream_options": 1}), "stream_options"),
			(
				json!({"stream": true, "stream_options": {"include_usage": 1}}),
				"stream_options.include_usage",
			),
			(json!({"max_tokens": 0}), "max_tokens"),
			(json!({"max_completion_tokens": -1}), "max_completion_tokens"),
			(json!({"max_tokens": 1.5}), "max_tokens"),
			(json!({"n": 129}), "n"),
			(json!({"logprobs": 5}), "logprobs"),
			(json!({"top_logprobs": 21}), "top_logprobs"),
			(json!({"stream": true, "top_logprobs": -1}), "top_logprobs"),
			(json!({"temperature": "hot"}), "temperature"),
		] {
			let error = parse(request(extra.clone())).unwrap_err();
			assert_eq!(error.param.as_deref(), Some(param), "{extra}");
		}
	}

	#[test]
	fn what_is_not_a_json_object_is_refused() {
		for body in [&b"{"[..], b"", b"[]", b"\"text\"", b"\xff"] {
			let error = ChatRequest::parse(body, &limits("max_tokens")).unwrap_err();
			assert_eq!((error.param, error.code), (None, None));
		}
	}

	#[test]
	fn a_request_of_too_many_values_is_refused_before_it_is_read() {
		// Not even JSON: it is never parsed.
		let many = format!("[{}", r#"{"":0},"#.repeat(100_000));
		let error = ChatRequest::parse(many.as_bytes(), &limits("max_tokens")).unwrap_err();
		assert_eq!(error.code, Some("too_complex"));
		let text = "[{,".repeat(200_000);
		assert!(parse(request(json!({"user": text}))).is_ok());
	}

	#[test]
	fn an_unknown_parameter_is_refused_and_one_without_effect_left_out() {
		let error = parse(request(json!({"service_tier": "priority"}))).unwrap_err();
		assert_eq!(error.param.as_deref(), Some("service_tier"));
		assert_eq!(error.code, Some("unsupported_parameter"));
		let sent = forwarded(request(json!({"service_tier": "auto"})), "m");
		assert_eq!(sent.get("service_tier"), None);
	}

	#[test]
	fn the_bounds_cover_the_body_and_every_answer() {
		let body = request(json!({"max_tokens": 7, "n": 3}));
		let bytes = u32::try_from(body.to_string().len()).unwrap();
		let three = parse(body).unwrap();
		assert_eq!(three.bounds, Bounds { input: bytes + TEMPLATE_TOKENS, output: 21 });
		assert_eq!(three.choices, 3);
		let one = parse(request(json!({}))).unwrap();
		assert_eq!((one.bounds.output, one.choices), (100, 1));
	}

	#[test]
	fn a_picture_is_allowed_for() {
		let image = json!([
			{"type": "text", "text": "what is it?"},
			{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
		]);
		let body = request(json!({"messages": [{"role": "user", "content": image}]}));
		let allowed = limits("max_tokens").media_tokens;
		let request = parse(body).unwrap();
		assert!(request.bounds.input > allowed);
		// A client that leaves before the provider reports pays for what may have been read.
		assert!(estimated_tokens(request.prompt_bytes) >= allowed);
		assert!(estimated_tokens(request.prompt_bytes) <= request.bounds.input);
	}

	#[test]
	fn a_file_of_any_size_is_refused_unless_the_operator_allows_it() {
		let file = json!([{"type": "file", "file": {"file_id": "f-1"}}]);
		let body = request(json!({"messages": [{"role": "user", "content": file}]}));
		let refused = parse(body.clone()).unwrap_err();
		assert_eq!(refused.param.as_deref(), Some("messages[0].content[0].type"));
		assert_eq!(refused.code, Some("unsupported_parameter"));
		let allowed_parameters = vec!["file".into()];
		let limits = Limits { allowed_parameters, ..limits("max_tokens") };
		let allowed = ChatRequest::parse(body.to_string().as_bytes(), &limits).unwrap();
		assert!(allowed.bounds.input > limits.media_tokens);
	}

	#[test]
	fn the_provider_gets_a_limit_its_model_name_and_the_order_to_report() {
		let sent = forwarded(request(json!({"stream": true, "seed": 5})), "re\"al");
		assert_eq!(sent["model"], "re\"al");
		assert_eq!(sent["max_completion_tokens"], 100);
		assert_eq!(sent["stream_options"]["include_usage"], true);
		assert_eq!(sent["seed"], 5);
		assert_eq!(sent["messages"], request(json!({}))["messages"]);
	}

	#[test]
	fn the_limit_goes_into_the_field_that_the_provider_takes() {
		let body = request(json!({})).to_string();
		let mut request = ChatRequest::parse(body.as_bytes(), &limits("max_tokens")).unwrap();
		let sent: Value = serde_json::from_str(&request.forwarded("m")).unwrap();
		assert_eq!(sent["max_tokens"], 100);
		assert_eq!(sent.get("max_completion_tokens"), None);
	}

	#[test]
	fn the_report_is_ordered_even_against_the_clients_wish() {
		let options = json!({"stream": true, "stream_options": {"include_usage": false, "x": 1}});
		assert!(!parse(request(options.clone())).unwrap().wants_usage);
		let sent = forwarded(request(options), "m");
		assert_eq!(sent["stream_options"], json!({"include_usage": true, "x": 1}));
	}

	#[test]
	fn the_clients_own_limit_goes_into_the_field_that_the_provider_takes() {
		for (field, taken) in
			[("max_tokens", "max_completion_tokens"), ("max_completion_tokens", "max_tokens")]
		{
			let mut extra = json!({});
			extra[field] = 9.into();
			let body = request(extra).to_string();
			let mut request = ChatRequest::parse(body.as_bytes(), &limits(taken)).unwrap();
			let sent: Value = serde_json::from_str(&request.forwarded("m")).unwrap();
			assert_eq!((&sent[taken], sent.get(field)), (&json!(9), None));
		}
	}

	#[test]
	fn two_limits_are_refused_even_if_they_are_the_same() {
		for (old, new) in [(9, 7), (7, 9), (9, 9)] {
			let both = json!({"max_tokens": old, "max_completion_tokens": new});
			let error = parse(request(both)).unwrap_err();
			assert_eq!(error.param.as_deref(), Some("max_tokens"));
			assert_eq!(error.code, Some("invalid_parameter_combination"));
		}
		for (old, new) in [(json!(9), json!(null)), (json!(null), json!(9))] {
			let one = json!({"max_tokens": old, "max_completion_tokens": new});
			assert_eq!(parse(request(one)).unwrap().bounds.output, 9);
		}
	}
}
