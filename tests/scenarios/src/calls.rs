//! Every call of the runtime, what would come of it, and what `docs/governance.md` says of it.

use std::collections::BTreeMap;

use codec::{Compact, Decode, Encode};
use frame_support::{
	storage::with_transaction,
	traits::{CallMetadata, GetCallMetadata, PalletInfoAccess},
};
use l_exchange_runtime::{Assets, Psm, RuntimeCall, RuntimeOrigin};
use lx_primitives::units::CRED_ASSET;
use pallet_whale_voting::Origin;
use sp_runtime::{
	traits::{Dispatchable, TrailingZeroInput},
	DispatchError, DispatchResult, TransactionOutcome,
};

/// `docs/governance.md`.
pub const PAGE: &str = include_str!("../../../docs/governance.md");

/// The names that decisions are carried out in, as the page calls them.
pub const POWERS: [(Origin, &str); 3] = [
	(Origin::Major, "major"),
	(Origin::Parameters, "parameters"),
	(Origin::Cancellation, "cancellation"),
];

/// Every call by its name, with arguments that are as good as any.
pub fn every_call() -> BTreeMap<String, RuntimeCall> {
	let indices = (0..=u8::MAX).flat_map(|pallet| (0..=u8::MAX).map(move |call| (pallet, call)));
	let calls = indices.filter_map(|(pallet, call)| call_of_zeros(pallet, call));
	calls.map(|call| (name(&call), call)).collect()
}

fn call_of_zeros(pallet: u8, call: u8) -> Option<RuntimeCall> {
	let mut bytes = vec![pallet, call];
	// The peg and the assets ask whose call it is only where there is such a peg, or such an asset.
	if usize::from(pallet) == Psm::index() {
		bytes.extend(CRED_ASSET.encode());
	}
	if usize::from(pallet) == Assets::index() {
		bytes.extend(Compact(CRED_ASSET).encode());
	}
	RuntimeCall::decode(&mut TrailingZeroInput::new(&bytes)).ok()
}

/// A call's pallet and its name.
pub fn name(call: &RuntimeCall) -> String {
	let CallMetadata { pallet_name, function_name } = call.get_call_metadata();
	format!("{pallet_name}.{function_name}")
}

/// Makes a call, looks at what it has done, and undoes it: what came of it, and what was seen. Call it
/// within the chain's state.
pub fn attempt<Seen>(
	call: RuntimeCall,
	origin: RuntimeOrigin,
	look: impl FnOnce() -> Seen,
) -> (DispatchResult, Seen) {
	let attempted = with_transaction(|| {
		let result = call.dispatch(origin).map(drop).map_err(|failed| failed.error);
		TransactionOutcome::Rollback(Ok::<_, DispatchError>((result, look())))
	});
	attempted.expect("transactions are not nested so deep")
}

/// The page's section under `heading`.
pub fn section(heading: &str) -> &'static str {
	let mut sections = PAGE.split("\n## ");
	sections.find(|text| text.starts_with(heading)).expect("there is such a heading")
}

/// The first two columns of the table of names under `heading`.
pub fn rows(heading: &str) -> BTreeMap<String, String> {
	let cells = section(heading).lines().filter(|line| line.starts_with("| `")).map(|line| {
		let mut cells = line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned());
		(cells.nth(1).expect("a first column"), cells.next().expect("a second column"))
	});
	cells.collect()
}
