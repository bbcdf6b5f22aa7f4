//! Answers in one piece: which of them a provider cannot make in the time that it has, or make small
//! enough. The client would pay nothing for one, and the provider bill it, so it is never asked for.

use serde_json::{Map, Value};

use super::request::{flag, given, integer, invalid, Invalid, LIMIT_FIELDS};
use crate::providers::MAX_ANSWER_BYTES;

/// The most alternatives to each token that a client may ask for, as with OpenAI.
const MAX_ALTERNATIVES: u32 = 20;

/// What the probability of a token takes in an answer. OpenAI gives each byte of the token a line of
/// its own, so this is enough for a token of 24 bytes.
const PROBABILITY_BYTES: usize = 768;

/// How many probabilities come with each token: its own, and those of its alternatives.
pub(super) fn probabilities(fields: &Map<String, Value>) -> Result<u32, Invalid> {
	let own = flag(fields.get("logprobs"), "logprobs")?;
	let alternatives = integer(fields, "top_logprobs", 0..=MAX_ALTERNATIVES)?;
	Ok(alternatives.map_or(u32::from(own), |count| count.saturating_add(1)))
}

/// Refuses a request for one piece of `output` tokens, with so many `probabilities` each, if that is
/// more than `most` tokens, or may be more bytes than a provider may answer with.
pub(super) fn check(
	fields: &Map<String, Value>,
	output: u32,
	probabilities: u32,
	most: u32,
) -> Result<(), Invalid> {
	if output > most {
		let [new, old] = LIMIT_FIELDS;
		let param = first_given(fields, [new, old, "n"]);
		return Err(too_long(param, output, most, "a lower `max_completion_tokens` or `n`"));
	}
	let fitting = tokens_that_fit(probabilities);
	if output > fitting {
		let param = first_given(fields, ["top_logprobs", "logprobs"]);
		let remedy = "a lower `top_logprobs`, `max_completion_tokens` or `n`";
		return Err(too_long(param, output, fitting, remedy));
	}
	Ok(())
}

/// How many tokens, with so many probabilities each, the largest answer holds.
fn tokens_that_fit(probabilities: u32) -> u32 {
	let count = usize::try_from(probabilities).unwrap_or(usize::MAX);
	let fitting = MAX_ANSWER_BYTES.checked_div(count.saturating_mul(PROBABILITY_BYTES));
	fitting.map_or(u32::MAX, |tokens| u32::try_from(tokens).unwrap_or(u32::MAX))
}

/// The first of `names` that the client has set. If that is none, it is the relay's own limit for
/// each answer that is too much for one piece.
fn first_given<const N: usize>(
	fields: &Map<String, Value>,
	names: [&'static str; N],
) -> &'static str {
	names.into_iter().find(|name| given(fields, name).is_some()).unwrap_or("stream")
}

fn too_long(param: &str, output: u32, most: u32, remedy: &str) -> Invalid {
	let message = format!(
		"This answer may have {output} tokens in all its choices. One that is not streamed may have \
		 {most}: set `stream: true`, or {remedy}."
	);
	Invalid { code: Some("stream_required"), ..invalid(param, message) }
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	const MOST: u32 = 16_384;

	/// What is wrong with a request for one piece of so many tokens.
	fn wrong(fields: Value, output: u32) -> Option<Invalid> {
		let fields = fields.as_object().unwrap();
		check(fields, output, probabilities(fields).unwrap(), MOST).err()
	}

	#[test]
	fn what_takes_too_long_is_refused_by_what_the_client_has_set() {
		for (fields, param) in [
			(json!({"max_tokens": 1, "n": 2}), "max_tokens"),
			(json!({"max_completion_tokens": 1}), "max_completion_tokens"),
			(json!({"max_tokens": null, "n": 2}), "n"),
			(json!({}), "stream"),
		] {
			assert_eq!(wrong(fields.clone(), MOST), None);
			let wrong = wrong(fields, MOST + 1).unwrap();
			assert_eq!(
				(wrong.param.as_deref(), wrong.code),
				(Some(param), Some("stream_required"))
			);
			assert!(wrong.message.contains("`stream: true`"), "{}", wrong.message);
		}
	}

	#[test]
	fn what_is_too_large_is_refused_by_its_probabilities() {
		let all = json!({"logprobs": true, "top_logprobs": 20, "max_tokens": 1});
		// 64 MiB hold so many tokens with 21 probabilities of 768 bytes each.
		assert_eq!(wrong(all.clone(), 4_161), None);
		assert_eq!(wrong(all, 4_162).unwrap().param.as_deref(), Some("top_logprobs"));
		assert_eq!(wrong(json!({"logprobs": true, "top_logprobs": 4}), MOST), None);
		for few in [json!({"logprobs": true}), json!({"logprobs": false}), json!({})] {
			assert_eq!(wrong(few, MOST), None);
		}
	}

	#[test]
	fn alternatives_are_counted_beside_the_token_itself() {
		for (fields, count) in [
			(json!({}), 0),
			(json!({"logprobs": null, "top_logprobs": null}), 0),
			(json!({"logprobs": true}), 1),
			(json!({"logprobs": true, "top_logprobs": 0}), 1),
			// Some providers do not insist on the flag.
			(json!({"top_logprobs": 20}), 21),
		] {
			assert_eq!(probabilities(fields.as_object().unwrap()), Ok(count), "{fields}");
		}
	}

	#[test]
	fn without_probabilities_every_answer_fits() {
		assert_eq!(tokens_that_fit(0), u32::MAX);
		assert_eq!(tokens_that_fit(1), 87_381);
	}
}
