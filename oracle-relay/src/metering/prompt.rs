//! What a prompt counts for where the provider does not report it: the bytes of its text, and what is
//! allowed for each of its media. Neither the length of a link nor that of the encoded data says how
//! many tokens a provider makes of one, and who leaves before the report must not pay less for it.

use serde_json::{Map, Value};

use super::{text_bytes, BYTES_PER_TOKEN};

/// The kinds of parts that hold media. Each has its payload in the field of the same name.
const MEDIA: [&str; 3] = ["image_url", "input_audio", "file"];

/// Bytes that the prompt in a request's `fields` counts for, with so many tokens for an image, a sound or
/// a file.
pub(super) fn prompt_bytes(fields: &Map<String, Value>, media_tokens: u32) -> u64 {
	const OTHERS: [&str; 3] = ["tools", "functions", "response_format"];
	let messages = fields.get("messages").and_then(Value::as_array).into_iter().flatten();
	let others = OTHERS.iter().filter_map(|name| fields.get(*name));
	let of_media = u64::from(media_tokens).saturating_mul(BYTES_PER_TOKEN);
	let messages = messages.map(|message| message_bytes(message, of_media));
	messages.chain(others.map(text_bytes)).fold(0, u64::saturating_add)
}

fn message_bytes(message: &Value, of_media: u64) -> u64 {
	let fields = message.as_object().into_iter().flatten();
	let bytes = fields.map(|(name, value)| match value {
		Value::Array(parts) if name == "content" => {
			parts.iter().map(|part| part_bytes(part, of_media)).fold(0, u64::saturating_add)
		},
		value => text_bytes(value),
	});
	bytes.fold(0, u64::saturating_add)
}

/// Bytes of a part of a message. What is not known to be media counts as text.
fn part_bytes(part: &Value, of_media: u64) -> u64 {
	let kind = part.get("type").and_then(Value::as_str);
	let Some(kind) = kind.filter(|kind| MEDIA.contains(kind)) else { return text_bytes(part) };
	let fields = part.as_object().into_iter().flatten();
	let others = fields.filter(|(name, _)| name.as_str() != kind);
	others.map(|(_, value)| text_bytes(value)).fold(of_media, u64::saturating_add)
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	const MEDIA_TOKENS: u32 = 1_000;
	const MEDIA_BYTES: u64 = 4_000;

	fn counted(content: Value) -> u64 {
		let body = json!({"messages": [{"role": "user", "content": content}]});
		prompt_bytes(body.as_object().unwrap(), MEDIA_TOKENS)
	}

	#[test]
	fn media_count_the_same_linked_or_embedded() {
		let embedded = format!("data:image/png;base64,{}", "A".repeat(1_300_000));
		for (kind, payload) in [
			("image_url", json!({"url": "https://example.com/a.png"})),
			("image_url", json!({"url": embedded})),
			("image_url", json!("https://example.com/a.png")),
			("input_audio", json!({"data": embedded, "format": "wav"})),
			("file", json!({"file_data": embedded, "filename": "a.pdf"})),
			("file", json!({"file_id": "f-1"})),
		] {
			let mut part = json!({"type": kind});
			part[kind] = payload;
			let kind_bytes = u64::try_from(kind.len()).unwrap();
			let parts = json!([{"type": "text", "text": "what?"}, part]);
			// "user", "text" and "what?" are 13 bytes.
			assert_eq!(counted(parts), 13 + kind_bytes + MEDIA_BYTES, "{kind}");
		}
	}

	#[test]
	fn text_counts_wherever_it_stands() {
		for (content, bytes) in [
			(json!("hello"), 5),
			(json!([{"type": "text", "text": "hello"}]), 9),
			(json!([{"type": "unknown", "text": "hello"}]), 12),
			// Only a part that is an image may leave its picture out.
			(json!([{"type": "text", "text": "hello", "image_url": "hello"}]), 14),
			(json!([{"type": "file", "text": "hello"}]), 4 + 5 + MEDIA_BYTES),
			(json!(["hello"]), 5),
		] {
			assert_eq!(counted(content.clone()), 4 + bytes, "{content}");
		}
	}

	#[test]
	fn tools_and_formats_are_prompt_too() {
		let body = json!({
			"messages": [{"role": "user", "content": null, "name": "me"}, "no object"],
			"tools": [{"type": "function", "function": {"name": "f"}}],
			"response_format": {"type": "text"},
			"user": "not counted",
		});
		assert_eq!(prompt_bytes(body.as_object().unwrap(), 0), 4 + 2 + 8 + 1 + 4);
	}
}
