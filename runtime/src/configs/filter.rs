//! What cannot be called: never, or not now.
//!
//! The filter is checked wherever a call is dispatched, so neither batches, proxies, multisigs, the
//! scheduler nor the guardian pass it. Only root does, and nobody is root but the key of the chain
//! `dev`.

use frame_support::traits::{CallMetadata, Contains, GetCallMetadata, QueryPreimage};
use pallet_tx_pause::RuntimeCallNameOf;
use sp_runtime::traits::{BlakeTwo256, Hash};

use crate::{Preimage, Runtime, RuntimeCall, SafeMode, TxPause, WhaleVoting};

/// Everything but what is refused for good, paused, or stopped by safe mode.
pub struct CallFilter;

impl Contains<RuntimeCall> for CallFilter {
	fn contains(call: &RuntimeCall) -> bool {
		let is_refused = match call {
			RuntimeCall::Assets(call) => burns_credits(call),
			RuntimeCall::Psm(call) => loosens_the_peg(call),
			RuntimeCall::ConvictionVoting(call) => delegates(call),
			RuntimeCall::OrderBook(call) => locks_up_orders(call),
			RuntimeCall::Preimage(call) => notes_for_nothing(call),
			_ => false,
		};
		!is_refused && SafeMode::contains(call) && TxPause::contains(call)
	}
}

/// The calls by which `pallet-assets` lets a holder burn what they hold: an account that is kept alive
/// by a deposit can be refunded with its balance burned, and a burned Credit would leave a USDT in the
/// peg that nobody can redeem. CRED and USDT are sufficient, so no account needs such a deposit.
fn burns_credits(call: &pallet_assets::Call<Runtime>) -> bool {
	use pallet_assets::Call;
	matches!(
		call,
		Call::touch { .. }
			| Call::touch_other { .. }
			| Call::refund { .. }
			| Call::refund_other { .. }
	)
}

/// The calls by which a Credit could come to be worth less than a USDT: a fee, another backing, another
/// administrator, or a breaker that stops redemption for as long as it is not put back.
fn loosens_the_peg(call: &pallet_psm::Call<Runtime>) -> bool {
	use pallet_psm::{Call, CircuitBreakerLevel};
	matches!(
		call,
		Call::remove_psm { .. }
			| Call::set_minting_fee { .. }
			| Call::set_redemption_fee { .. }
			| Call::set_asset_status { status: CircuitBreakerLevel::AllDisabled, .. }
			| Call::add_external_asset { .. }
			| Call::remove_external_asset { .. }
			| Call::set_full_admin { .. }
			| Call::set_emergency_admin { .. }
	)
}

/// Whales vote themselves.
fn delegates(call: &pallet_conviction_voting::Call<Runtime>) -> bool {
	use pallet_conviction_voting::Call;
	matches!(call, Call::delegate { .. } | Call::undelegate { .. })
}

/// In a halted market nobody can cancel, and what is in orders stays there for as long as it is not put
/// back. A new market is halted; where there are orders, cancel-only stops all trading too.
fn locks_up_orders(call: &pallet_orderbook::Call<Runtime>) -> bool {
	use pallet_orderbook::{Call, MarketStatus};
	matches!(call, Call::set_status { status: MarketStatus::Halted, .. })
}

/// Whoever brings a text that has passed and waits to be carried out pays no fee, and the pallet takes it
/// also where it is there: blocks could be filled with it for nothing until it is carried out.
fn notes_for_nothing(call: &pallet_preimage::Call<Runtime>) -> bool {
	let pallet_preimage::Call::note_preimage { bytes } = call else { return false };
	let hash = BlakeTwo256::hash(bytes);
	Preimage::is_requested(&hash) && <Preimage as QueryPreimage>::len(&hash).is_some()
}

/// The way out: from wherever Credits lie, in open orders and bonds too, to USDT outside of the chain.
pub const WAY_OUT: [(&str, &str); 13] = [
	("Clearing", "withdraw"),
	("Clearing", "withdraw_all"),
	("Compute", "claim"),
	("Compute", "retire_attestor"),
	("Compute", "retire_relay"),
	("Compute", "thaw"),
	("Compute", "withdraw"),
	("Custody", "request_withdrawal"),
	("Custody", "attest_payout"),
	("OrderBook", "cancel"),
	("OrderBook", "cancel_all"),
	("OrderBook", "clear_trigger"),
	("Psm", "redeem"),
];

/// Pallets that nothing stops: without them there would be no blocks, no way back out of a pause, no new
/// whales, so that whoever governs would do so for ever, or accounts that are run together would be
/// locked out. What is wrapped in another call is asked for by itself.
pub const UNSTOPPABLE: [&str; 15] = [
	"ConvictionVoting",
	"Multisig",
	"Parameters",
	"Preimage",
	"PriceRegistry",
	"Proxy",
	"Referenda",
	"SafeMode",
	"Scheduler",
	"StakingTiers",
	"Sudo",
	"System",
	"Timestamp",
	"TxPause",
	"WhaleVoting",
];

/// Further calls that nothing stops: those that governance needs to set right what went wrong; the
/// containers of calls, one of which is the only way into a derived account; and what enters a block
/// without a fee, which would be refused there for nothing, again and again. Since batches go on, so
/// does what anybody does against a wrong one.
pub const UNSTOPPABLE_CALLS: [(&str, &str); 20] = [
	("Compute", "challenge"),
	("Compute", "post_batch"),
	("Compute", "report_equivocation"),
	("Compute", "revoke_keys"),
	("Compute", "set_payee"),
	("Compute", "set_quorum"),
	("Compute", "set_relay_status"),
	("Custody", "set_custodians"),
	("Custody", "set_daily_cap"),
	("OrderBook", "change_terms"),
	("OrderBook", "open_market"),
	("OrderBook", "set_status"),
	("Psm", "set_asset_ceiling_weight"),
	("Psm", "set_asset_status"),
	("Psm", "set_max_debt"),
	("Utility", "as_derivative"),
	("Utility", "batch"),
	("Utility", "batch_all"),
	("Utility", "force_batch"),
	("Utility", "if_else"),
];

fn is_unstoppable(pallet: &str, call: &str) -> bool {
	UNSTOPPABLE.contains(&pallet) || UNSTOPPABLE_CALLS.contains(&(pallet, call))
}

fn is_way_out(pallet: &str, call: &str) -> bool {
	WAY_OUT.contains(&(pallet, call))
}

/// What goes on in safe mode. The way out does so unless safe mode stops it too, which it can for a
/// day.
pub struct RunsInSafeMode;

impl Contains<RuntimeCall> for RunsInSafeMode {
	fn contains(call: &RuntimeCall) -> bool {
		let CallMetadata { function_name, pallet_name } = call.get_call_metadata();
		is_unstoppable(pallet_name, function_name)
			|| (is_way_out(pallet_name, function_name) && !WhaleVoting::stops_redemption())
	}
}

/// What cannot be paused: a pause has no end, so the way out is not paused for a moment.
pub struct CannotBePaused;

impl Contains<RuntimeCallNameOf<Runtime>> for CannotBePaused {
	fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
		let (Ok(pallet), Ok(call)) = (core::str::from_utf8(pallet), core::str::from_utf8(call))
		else {
			return false;
		};
		is_unstoppable(pallet, call) || is_way_out(pallet, call)
	}
}
