//! The messages of a request: their shape, and how many of their parts are not text.

use serde_json::{Map, Value};

use super::{
	parameters,
	request::{given, invalid, Invalid},
};

/// Checks the shape of the messages and counts the parts that are not text.
pub(super) fn check(fields: &Map<String, Value>, allowed: &[String]) -> Result<u32, Invalid> {
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
				media = media.saturating_add(count_media(parts, &at(".content"), allowed)?);
			},
			Some(_) => {
				let message = "A message's `content` must be a string or an array.";
				return Err(invalid(&at(".content"), message));
			},
		}
	}
	Ok(media)
}

/// Counts the images and sounds of a message. What else a part holds, such as a file of many pages, may
/// be of any size, so the operator has to allow it.
fn count_media(parts: &[Value], at: &str, allowed: &[String]) -> Result<u32, Invalid> {
	let mut media = 0u32;
	for (index, part) in parts.iter().enumerate() {
		let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
		match kind {
			"text" | "refusal" => continue,
			"image_url" | "input_audio" => {},
			other if allowed.iter().any(|allowed| allowed == other) => {},
			other => {
				let message = format!("A part of the type `{other}` is not served by this relay.");
				let param = format!("{at}[{index}].type");
				return Err(Invalid { message, ..parameters::unsupported(&param) });
			},
		}
		media = media.saturating_add(1);
	}
	Ok(media)
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	fn checked(messages: Value, allowed: &[&str]) -> Result<u32, Invalid> {
		let allowed: Vec<String> = allowed.iter().map(|kind| kind.to_string()).collect();
		check(json!({"messages": messages}).as_object().unwrap(), &allowed)
	}

	#[test]
	fn what_has_another_shape_is_named() {
		for (messages, param) in [
			(json!(null), "messages"),
			(json!([]), "messages"),
			(json!("hi"), "messages"),
			(json!(["hi"]), "messages[0]"),
			(json!([{"content": "hi"}]), "messages[0].role"),
			(json!([{"role": 1, "content": "hi"}]), "messages[0].role"),
			(json!([{"role": "user", "content": 1}]), "messages[0].content"),
			(json!([{"role": "user"}, {"role": "user", "content": {}}]), "messages[1].content"),
		] {
			let error = checked(messages.clone(), &[]).unwrap_err();
			assert_eq!((error.param.as_deref(), error.code), (Some(param), None), "{messages}");
		}
		let missing = check(&Map::new(), &[]).unwrap_err();
		assert_eq!(missing.param.as_deref(), Some("messages"));
	}

	#[test]
	fn images_and_sounds_are_counted_in_all_messages() {
		let parts = json!([
			{"type": "text", "text": "what?"},
			{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
			{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}},
			{"type": "refusal", "refusal": "no"},
		]);
		let message = json!({"role": "user", "content": parts});
		let messages = json!([message, {"role": "assistant", "content": null}, message]);
		assert_eq!(checked(messages, &[]), Ok(4));
		assert_eq!(checked(json!([{"role": "user", "content": "hi"}]), &[]), Ok(0));
	}

	#[test]
	fn parts_of_other_kinds_count_if_the_operator_allows_them() {
		let parts = json!([{"type": "text", "text": ""}, {"type": "file"}]);
		let messages = json!([{"role": "user", "content": parts}]);
		let refused = checked(messages.clone(), &["video"]).unwrap_err();
		assert_eq!(refused.param.as_deref(), Some("messages[0].content[1].type"));
		assert_eq!(refused.code, Some("unsupported_parameter"));
		assert_eq!(checked(messages, &["file"]), Ok(1));
		let nameless = json!([{"role": "user", "content": ["hi"]}]);
		assert_eq!(checked(nameless, &[]).unwrap_err().code, Some("unsupported_parameter"));
	}
}
