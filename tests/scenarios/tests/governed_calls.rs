//! `docs/governance.md` says of every call that is not everybody's whose it is, and names every
//! parameter.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::traits::GetCallMetadata;
use l_exchange_runtime::{
	configs::RuntimeParameters, genesis_presets::development_guardian, Runtime, RuntimeCall,
	RuntimeOrigin,
};
use scale_info::{Type, TypeDef, TypeInfo};
use scenarios::{
	calls::{attempt, every_call, name, rows, POWERS},
	whales::chain_with,
};
use sp_keyring::Sr25519Keyring::Eve;
use sp_runtime::DispatchError;

/// What enters a block by itself, or with an authorisation of its own.
const UNSIGNED: [&str; 2] = ["Compute.post_batch", "Timestamp.set"];

/// What cannot be written down: no equivocation can be proven yet.
const IMPOSSIBLE: [&str; 2] =
	["Grandpa.report_equivocation", "Grandpa.report_equivocation_unsigned"];

/// What can be called in any name: it asks for none, or makes other calls in the same one.
const IN_ANY_NAME: [&str; 6] = [
	"System.apply_authorized_upgrade",
	"System.remark",
	"Utility.batch",
	"Utility.batch_all",
	"Utility.force_batch",
	"Utility.if_else",
];

/// Whether a call is refused because of who makes it, or to everybody.
fn is_refused(call: &RuntimeCall, origin: RuntimeOrigin) -> bool {
	let (result, ()) = attempt(call.clone(), origin, || ());
	let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
	result == Err(DispatchError::BadOrigin) || result == Err(filtered)
}

/// Whose a call is, if it is not everybody's.
fn whose(call: &RuntimeCall) -> Option<&'static str> {
	if !is_refused(call, RuntimeOrigin::signed([0; 32].into())) {
		return None;
	}
	let powers = POWERS.map(|(power, whose)| (whose, RuntimeOrigin::from(power)));
	let signers = [("guardian", development_guardian()), ("whale", Eve.to_account_id())];
	let signers = signers.map(|(whose, signer)| (whose, RuntimeOrigin::signed(signer)));
	let passed: Vec<_> = powers
		.into_iter()
		.chain(signers)
		.filter(|(_, origin)| !is_refused(call, origin.clone()))
		.map(|(who, _)| who)
		.collect();
	assert!(passed.len() <= 1, "{} is reached by {passed:?}", name(call));
	Some(passed.first().copied().unwrap_or("nobody"))
}

#[test]
fn the_page_says_whose_every_call_is() {
	let mut chain = chain_with(&[Eve]);
	let governed: BTreeMap<_, _> = chain.with(|| {
		let calls = every_call().into_iter();
		let signed = calls.filter(|(name, _)| !UNSIGNED.contains(&name.as_str()));
		signed.filter_map(|(name, call)| Some((name, whose(&call)?.to_owned()))).collect()
	});
	let page = rows("Calls");
	for (name, who) in &governed {
		assert_eq!(page.get(name), Some(who), "{name}");
	}
	let unknown: Vec<_> = page.keys().filter(|name| !governed.contains_key(*name)).collect();
	assert!(unknown.is_empty(), "everybody's, or no call: {unknown:?}");
}

/// Not a call more: neither one of somebody's account, nor one that is nobody's.
#[test]
fn whales_reach_what_the_page_gives_them_and_nothing_else() {
	let page = rows("Calls");
	let mut chain = chain_with(&[Eve]);
	chain.with(|| {
		for (name, call) in every_call() {
			for (power, whose) in POWERS {
				let is_theirs = page.get(&name).is_some_and(|who| who == whose);
				let is_expected = is_theirs || IN_ANY_NAME.contains(&name.as_str());
				let is_reached = !is_refused(&call, power.into());
				assert_eq!(is_reached, is_expected, "{name} in the name of {whose}");
			}
		}
	});
}

#[test]
fn no_call_is_overlooked() {
	let tried: BTreeSet<_> = every_call().into_keys().collect();
	let all = RuntimeCall::get_module_names().iter().flat_map(|pallet| {
		RuntimeCall::get_call_names(pallet).iter().map(move |call| format!("{pallet}.{call}"))
	});
	let overlooked: Vec<_> = all.filter(|name| !tried.contains(name)).collect();
	assert_eq!(overlooked, IMPOSSIBLE);
}

fn variants(ty: Type) -> Vec<(String, Option<Type>)> {
	let TypeDef::Variant(definition) = ty.type_def else { panic!("parameters are enums") };
	let named = definition.variants.into_iter().map(|variant| {
		let inner = variant.fields.first().map(|field| field.ty.type_info());
		(variant.name.to_owned(), inner)
	});
	named.collect()
}

#[test]
fn the_page_names_every_parameter() {
	let themes = variants(RuntimeParameters::type_info()).into_iter();
	let parameters: BTreeSet<_> = themes
		.flat_map(|(theme, keys)| {
			let keys = variants(keys.expect("a theme has parameters"));
			keys.into_iter().map(move |(key, _)| format!("{theme}.{key}"))
		})
		.collect();
	let named: BTreeSet<_> = rows("Parameters").into_keys().collect();
	assert_eq!(named, parameters);
}
