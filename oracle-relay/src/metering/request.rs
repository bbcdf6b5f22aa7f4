//! A chat completion request: what the relay must know of it, and what it sends on.

use serde_json::{Map, Value};

use super::text_bytes;
use crate::pricing::Bounds;

/// Input tokens allowed for what the provider may add around the messages.
const TEMPLATE_TOKENS: u32 = 64;

/// Input tokens allowed for an image, a sound or a file of a message: these are metered by their
/// size, which a link to them does not show.
const MEDIA_TOKENS: u32 = 8_192;

/// The most answers that one call may ask for.
const MAX_CHOICES: u32 = 128;

/// A request that cannot be served: which parameter, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
	/// The offending parameter, where there is one.
	pub param: Option<String>,
	/// What is wrong with it.
	pub message: String,
}

/// A validated chat completion request.
#[derive(Clone, Debug)]
pub struct ChatRequest {
	fields: Map<String, Value>,
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
	/// Bytes of text in the prompt.
	pub prompt_bytes: u64,
	limit: Option<u32>,
}

impl ChatRequest {
	/// Reads `body`; `default_limit` is the output limit of a client that sets none.
	pub fn parse(body: &[u8], default_limit: u32) -> Result<Self, Invalid> {
		let fields = object(body)?;
		let model = required_text(&fields, "model")?;
		let media = check_messages(&fields)?;
		check_numbers(&fields)?;
		let stream = flag(fields.get("stream"), "stream")?;
		let wants_usage = wants_usage(&fields, stream)?;
		let limit = output_limit(&fields)?;
		let choices = integer(&fields, "n", MAX_CHOICES)?.unwrap_or(1);
		let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
		let bounds = Bounds {
			input: bytes
				.saturating_add(TEMPLATE_TOKENS)
				.saturating_add(media.saturating_mul(MEDIA_TOKENS)),
			output: limit.unwrap_or(default_limit).saturating_mul(choices),
		};
		let prompt = ["messages", "tools", "functions", "response_format"];
		let prompt_bytes = prompt.iter().filter_map(|name| fields.get(*name)).map(text_bytes).sum();
		Ok(Self { fields, model, stream, wants_usage, choices, bounds, prompt_bytes, limit })
	}

	/// The body for the provider: its own name for the model, an output limit where the client set
	/// none (it goes into `limit_field`), and a usage report at the end of a stream.
	pub fn forwarded(&self, model: &str, limit_field: &str, default_limit: u32) -> Value {
		let mut fields = self.fields.clone();
		fields.insert("model".into(), model.into());
		if self.limit.is_none() {
			fields.insert(limit_field.into(), default_limit.into());
		}
		if self.stream {
			let options = fields.entry("stream_options").or_insert(Value::Null);
			match options {
				Value::Object(options) => {
					options.insert("include_usage".into(), true.into());
				},
				other => *other = serde_json::json!({"include_usage": true}),
			}
		}
		Value::Object(fields)
	}
}

fn invalid(param: &str, message: impl Into<String>) -> Invalid {
	Invalid { param: Some(param.into()), message: message.into() }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Invalid> {
	let whole = |message: String| Invalid { param: None, message };
	match serde_json::from_slice(body) {
		Ok(Value::Object(fields)) => Ok(fields),
		Ok(_) => Err(whole("The request body must be a JSON object.".into())),
		Err(error) => Err(whole(format!("The request body is not valid JSON: {error}."))),
	}
}

/// A field that is there and not null.
fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
	fields.get(name).filter(|value| !value.is_null())
}

fn required_text(fields: &Map<String, Value>, name: &str) -> Result<String, Invalid> {
	match given(fields, name) {
		Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
		Some(_) => Err(invalid(name, format!("`{name}` must be a non-empty string."))),
		None => Err(invalid(name, format!("You must provide the parameter `{name}`."))),
	}
}

fn flag(value: Option<&Value>, name: &str) -> Result<bool, Invalid> {
	match value {
		None | Some(Value::Null) => Ok(false),
		Some(Value::Bool(flag)) => Ok(*flag),
		Some(_) => Err(invalid(name, format!("`{name}` must be a boolean."))),
	}
}

fn integer(fields: &Map<String, Value>, name: &str, max: u32) -> Result<Option<u32>, Invalid> {
	let Some(value) = given(fields, name) else { return Ok(None) };
	let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
	match number {
		Some(number) if (1..=max).contains(&number) => Ok(Some(number)),
		_ => Err(invalid(name, format!("`{name}` must be an integer from 1 to {max}."))),
	}
}

/// The output limit that the client sets; the larger where it sets two.
fn output_limit(fields: &Map<String, Value>) -> Result<Option<u32>, Invalid> {
	let new = integer(fields, "max_completion_tokens", u32::MAX)?;
	let old = integer(fields, "max_tokens", u32::MAX)?;
	Ok(new.max(old))
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

/// Checks the shape of the messages and counts the parts that are not text.
fn check_messages(fields: &Map<String, Value>) -> Result<u32, Invalid> {
	let messages = match given(fields, "messages") {
		Some(Value::Array(messages)) if !messages.is_empty() => messages,
		Some(_) => return Err(invalid("messages", "`messages` must be a non-empty array.")),
		None => return Err(invalid("messages", "You must provide the parameter `messages`.")),
	};
	let mut media = 0u32;
	for (index, message) in messages.iter().enumerate() {
		let at = |field: &str| format!("messages[{index}]{field}");
		let Some(message) = message.as_object() else {
			return Err(invalid(&at(""), "Each message must be an object."));
		};
		if !message.get("role").is_some_and(Value::is_string) {
			return Err(invalid(&at(".role"), "Each message must have a `role`, a string."));
		}
		match message.get("content") {
			None | Some(Value::Null | Value::String(_)) => {},
			Some(Value::Array(parts)) => {
				let others = parts.iter().filter(|part| !is_text(part)).count();
				media = media.saturating_add(u32::try_from(others).unwrap_or(u32::MAX));
			},
			Some(_) => {
				let message = "A message's `content` must be a string or an array.";
				return Err(invalid(&at(".content"), message));
			},
		}
	}
	Ok(media)
}

fn is_text(part: &Value) -> bool {
	matches!(part.get("type").and_then(Value::as_str), Some("text" | "refusal"))
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
	use serde_json::json;

	fn parse(body: Value) -> Result<ChatRequest, Invalid> {
		ChatRequest::parse(body.to_string().as_bytes(), 100)
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
			(json!({"messages": null}), "messages"),
			(json!({"messages": []}), "messages"),
			(json!({"messages": "hi"}), "messages"),
			(json!({"messages": ["hi"]}), "messages[0]"),
			(json!({"messages": [{"content": "hi"}]}), "messages[0].role"),
			(json!({"messages": [{"role": "user", "content": 1}]}), "messages[0].content"),
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
			(json!({"temperature": "hot"}), "temperature"),
		] {
			let error = parse(request(extra.clone())).unwrap_err();
			assert_eq!(error.param.as_deref(), Some(param), "{extra}");
		}
	}

	#[test]
	fn what_is_not_a_json_object_is_refused() {
		for body in [&b"{"[..], b"", b"[]", b"\"text\"", b"\xff"] {
			assert_eq!(ChatRequest::parse(body, 1).unwrap_err().param, None);
		}
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
		assert!(parse(body).unwrap().bounds.input > MEDIA_TOKENS);
	}

	#[test]
	fn the_provider_gets_a_limit_its_model_name_and_the_order_to_report() {
		let sent = parse(request(json!({"stream": true, "seed": 5}))).unwrap();
		let sent = sent.forwarded("real", "max_completion_tokens", 100);
		assert_eq!(sent["model"], "real");
		assert_eq!(sent["max_completion_tokens"], 100);
		assert_eq!(sent["stream_options"]["include_usage"], true);
		assert_eq!(sent["seed"], 5);
	}

	#[test]
	fn the_report_is_ordered_even_against_the_clients_wish() {
		let options = json!({"stream": true, "stream_options": {"include_usage": false, "x": 1}});
		let request = parse(request(options)).unwrap();
		assert!(!request.wants_usage);
		let sent = request.forwarded("m", "max_tokens", 100);
		assert_eq!(sent["stream_options"], json!({"include_usage": true, "x": 1}));
	}

	#[test]
	fn the_clients_own_limit_is_kept() {
		let sent = parse(request(json!({"max_tokens": 9}))).unwrap();
		let sent = sent.forwarded("m", "max_completion_tokens", 100);
		assert_eq!(sent["max_tokens"], 9);
		assert_eq!(sent.get("max_completion_tokens"), None);
	}
}
