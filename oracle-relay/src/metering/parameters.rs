//! Which parameters of a request go to the provider: those whose use is priced by tokens alone.
//! Others, such as a faster service or a search of the web, would cost the relay what it does not
//! charge, or make the provider serve another model than the one that is paid.

use serde_json::{json, Map, Value};

use super::request::Invalid;

/// The parameters that are priced by tokens alone.
const PRICED: [&str; 29] = [
	"model",
	"messages",
	"stream",
	"stream_options",
	"max_tokens",
	"max_completion_tokens",
	"temperature",
	"top_p",
	"n",
	"stop",
	"presence_penalty",
	"frequency_penalty",
	"logit_bias",
	"logprobs",
	"top_logprobs",
	"seed",
	"user",
	"tools",
	"tool_choice",
	"parallel_tool_calls",
	"functions",
	"function_call",
	"response_format",
	"reasoning_effort",
	"verbosity",
	"prediction",
	"metadata",
	"safety_identifier",
	"prompt_cache_key",
];

/// Refuses what is not priced by tokens alone and not `allowed` by the operator, and takes out what
/// changes nothing.
pub(super) fn check(fields: &mut Map<String, Value>, allowed: &[String]) -> Result<(), Invalid> {
	let is_allowed = |name: &str| allowed.iter().any(|allowed| allowed == name);
	let goes_on = |name: &str| PRICED.contains(&name) || is_allowed(name);
	let mut names = fields.iter();
	if let Some((name, _)) = names.find(|(name, value)| {
		let name = name.as_str();
		!goes_on(name) && !changes_nothing(name, value)
	}) {
		return Err(unsupported(name));
	}
	if !is_allowed("tools") {
		check_tools(fields)?;
	}
	fields.retain(|name, _| goes_on(name.as_str()));
	Ok(())
}

/// Whether the provider would do the same without it.
fn changes_nothing(name: &str, value: &Value) -> bool {
	match name {
		_ if value.is_null() => true,
		"service_tier" => matches!(value.as_str(), Some("auto" | "default")),
		"store" => *value == json!(false),
		"modalities" => *value == json!(["text"]),
		_ => false,
	}
}

/// Tools that the client runs cost tokens alone; what the provider runs has a price of its own.
fn check_tools(fields: &Map<String, Value>) -> Result<(), Invalid> {
	let tools = fields.get("tools").and_then(Value::as_array).into_iter().flatten();
	for (index, tool) in tools.enumerate() {
		let kind = tool.get("type").and_then(Value::as_str);
		if !matches!(kind, Some("function" | "custom")) {
			return Err(unsupported(&format!("tools[{index}].type")));
		}
	}
	Ok(())
}

pub(super) fn unsupported(param: &str) -> Invalid {
	Invalid {
		param: Some(param.into()),
		message: format!("`{param}`, or this value of it, is not supported by this relay."),
		code: Some("unsupported_parameter"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What is left of `fields` for the provider, or the parameter that is refused.
	fn checked(mut fields: Value, allowed: &[&str]) -> Result<Value, String> {
		let allowed: Vec<String> = allowed.iter().map(|name| name.to_string()).collect();
		match check(fields.as_object_mut().unwrap(), &allowed) {
			Ok(()) => Ok(fields),
			Err(invalid) => {
				assert_eq!(invalid.code, Some("unsupported_parameter"));
				Err(invalid.param.unwrap())
			},
		}
	}

	#[test]
	fn what_is_not_priced_is_refused_by_name() {
		for (field, value) in [
			("service_tier", json!("priority")),
			("service_tier", json!(1)),
			("store", json!(true)),
			("modalities", json!(["text", "audio"])),
			("audio", json!({"voice": "alloy"})),
			("web_search_options", json!({})),
			("models", json!(["dear"])),
			("provider", json!({"order": ["dear"]})),
			("fallbacks", json!(["dear"])),
			("api_base", json!("https://example.com")),
			("plugins", json!([{"id": "web"}])),
			("extra_body", json!({})),
		] {
			let mut fields = json!({"model": "m"});
			fields[field] = value;
			assert_eq!(checked(fields.clone(), &[]), Err(field.into()));
			assert_eq!(checked(fields.clone(), &[field]), Ok(fields));
		}
	}

	#[test]
	fn what_changes_nothing_is_left_out() {
		for fields in [
			json!({"service_tier": "auto", "store": false, "modalities": ["text"]}),
			json!({"service_tier": "default", "store": null, "audio": null}),
		] {
			assert_eq!(checked(fields, &[]), Ok(json!({})));
		}
	}

	#[test]
	fn what_is_priced_by_tokens_goes_on() {
		let fields = json!({"model": "m", "seed": 1, "stop": null, "logit_bias": {"5": 1}});
		assert_eq!(checked(fields.clone(), &[]), Ok(fields));
	}

	#[test]
	fn tools_that_the_provider_runs_are_refused() {
		let own = json!({"tools": [{"type": "function"}, {"type": "custom"}]});
		assert_eq!(checked(own.clone(), &[]), Ok(own));
		for tool in [json!({"type": "web_search"}), json!({"google_search": {}}), json!("f")] {
			let fields = json!({"tools": [{"type": "function"}, tool]});
			assert_eq!(checked(fields.clone(), &[]), Err("tools[1].type".into()));
			assert_eq!(checked(fields.clone(), &["tools"]), Ok(fields));
		}
	}
}
