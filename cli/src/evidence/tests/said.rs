//! What receipts and proofs say in words.

use super::{
	written::{proof, receipt},
	*,
};

/// Fails unless each of these fields of what was given is refused when it says something else.
fn assert_each_counts(given: &Value, fields: &[&str]) {
	assert_eq!(failures(&Evidence::read(given).unwrap(), &chain()), [""; 0]);
	for field in fields {
		let mut forged = given.clone();
		*forged.pointer_mut(field).unwrap() = json!("other");
		let failures = failures(&Evidence::read(&forged).unwrap(), &chain());
		assert!(matches!(&failures[..], [only] if only.ends_with(field)), "{field}: {failures:?}");
	}
}

#[test]
fn what_a_receipt_says_in_words_is_what_it_proves() {
	let fields = [
		"/object",
		"/call_id",
		"/state",
		"/account",
		"/model",
		"/charge_ucred",
		"/genesis",
		"/metered/usage",
		"/metered/estimated",
		"/metered/price_version",
		"/metered/tier",
		"/metered/payment",
		"/metered/quota",
		"/metered/charge_ucred",
		"/metered/cost_ucred",
		"/metered/request_hash",
		"/metered/response_hash",
		"/metered/leaf",
		"/batch/hash",
		"/batch/proof/leaf_index",
		"/batch/proof/leaves",
		"/batch/proof/leaf_siblings",
		"/batch/proof/line_index",
		"/batch/proof/lines",
		"/batch/proof/line_siblings",
		"/batch/proof/root",
	];
	assert_each_counts(&receipt(), &fields);
}

#[test]
fn what_a_proof_says_in_words_is_what_it_proves() {
	let fields = [
		"/object",
		"/call_id",
		"/leaf_index",
		"/leaves",
		"/lines",
		"/root",
		"/batch/object",
		"/batch/hash",
		"/batch/previous",
		"/batch/time_ms",
		"/batch/oldest_ms",
		"/batch/state",
		"/batch/header",
		"/batch/relay_signature",
		"/batch/charge_ucred",
		"/batch/cost_ucred",
		"/batch/calls",
		"/batch/line_count",
	];
	assert_each_counts(&proof(), &fields);
}

#[test]
fn a_state_holds_as_long_as_the_chain_may_have_come_to_it_since() {
	let mut pending = chain();
	pending.batch = pending.batch.map(|batch| Taken { final_at: Some(NOW), ..batch });
	for (state, before, after) in [
		("BATCHED", true, true),
		("FINAL", false, true),
		("VOID", false, false),
		("USAGE_FINAL", false, false),
	] {
		let mut receipt = receipt();
		receipt["state"] = state.into();
		let evidence = Evidence::read(&receipt).unwrap();
		let holds = |chain: &OnChain| failures(&evidence, chain).is_empty();
		assert_eq!((holds(&pending), holds(&chain())), (before, after), "{state}");
	}
}

/// What is named of what was given as not proven.
fn named(given: &Value) -> Vec<String> {
	Evidence::read(given).unwrap().unproven(&chain())
}

#[test]
fn what_nothing_proves_is_named() {
	assert_eq!(named(&receipt()), ["/created_at_ms", "/metered/salt", "/reserved_ucred"]);
	assert_eq!(named(&proof()), ["/batch/posted_in", "/batch/signatures"]);
	let mut headless = proof();
	headless["batch"]["header"] = Value::Null;
	let of_batch = ["oldest_ms", "posted_in", "previous", "signatures", "time_ms"];
	assert_eq!(named(&headless), of_batch.map(|field| format!("/batch/{field}")));
	let mut forged = receipt();
	for field in named(&receipt()) {
		*forged.pointer_mut(&field).unwrap() = json!("other");
	}
	assert_eq!(failures(&Evidence::read(&forged).unwrap(), &chain()), [""; 0]);
}

#[test]
fn what_relays_do_not_write_is_named_too() {
	for (within, name, value, path) in [
		("/metered", "model", json!("better"), "/metered/model"),
		("/batch/proof", "calls", json!(1), "/batch/proof/calls"),
		("/batch", "paid", json!({ "by": { "nobody": true } }), "/batch/paid/by/nobody"),
		("", "notes", json!(["free"]), "/notes"),
		// Names that look like a field that is checked, or like what this program says.
		("", "metered/tier", json!("Whale"), "/metered~1tier"),
		("", "a\n  proven: b", json!(1), "/a\\n  proven: b"),
	] {
		let mut forged = receipt();
		forged.pointer_mut(within).unwrap()[name] = value;
		let mut told = named(&forged);
		told.retain(|field| !named(&receipt()).contains(field));
		assert_eq!(told, [path]);
	}
}

#[test]
fn another_relay_is_refused_also_where_relays_do_not_name_it() {
	let mut receipt = receipt();
	receipt["batch"]["relay"] = json!(5);
	let mut proof = proof();
	proof["relay"] = json!(5);
	for (forged, field) in [(receipt, "/batch/relay"), (proof, "/relay")] {
		let failures = failures(&Evidence::read(&forged).unwrap(), &chain());
		assert!(matches!(&failures[..], [only] if only.ends_with(field)), "{field}: {failures:?}");
	}
}
