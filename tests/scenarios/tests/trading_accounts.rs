//! Money on its way to the exchange and back, on the real runtime.

use frame_support::traits::fungibles::Inspect as _;
use l_exchange_runtime::{configs::AllAssets, Clearing, Runtime};
use lx_primitives::units::{AssetId, Balance, CRED, CRED_ASSET, LCO, LCO_ASSET, USDT, USDT_ASSET};
use pallet_clearing::{Call, Error};
use scenarios::{
	dispute::{Dispute, CALLERS},
	Chain, PAST_THE_WINDOW,
};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Zero, AccountId32, DispatchResult};

const EVE: Sr25519Keyring = CALLERS[0];

fn wallet(chain: &mut Chain, who: &AccountId32, asset: AssetId) -> Balance {
	chain.with(|| AllAssets::balance(asset, who))
}

fn held(chain: &mut Chain, asset: AssetId) -> Balance {
	let account = chain.with(|| Clearing::account(EVE.to_account_id(), 0));
	account.map_or(0, |account| account.holding(asset).free)
}

fn submit(chain: &mut Chain, call: Call<Runtime>) -> DispatchResult {
	chain.submit(EVE, Some(CRED_ASSET), call).expect("it is valid")
}

#[test]
fn every_asset_goes_to_the_exchange_and_comes_back() {
	let mut dispute = Dispute::new();
	let calls = dispute.calls();
	dispute.post(&calls);
	dispute.chain.wait(PAST_THE_WINDOW);
	let (chain, eve) = (&mut dispute.chain, EVE.to_account_id());
	for (asset, amount) in [(LCO_ASSET, 60 * LCO), (CRED_ASSET, 2 * CRED), (USDT_ASSET, USDT / 2)] {
		let before = wallet(chain, &eve, asset);
		submit(chain, Call::deposit { sub: 0, asset, amount }).unwrap();
		assert_eq!(held(chain, asset), amount);
		// Fees are paid in CRED.
		let paid = before - amount - wallet(chain, &eve, asset);
		assert_eq!(paid.is_zero(), asset != CRED_ASSET);
	}
	let before = [LCO_ASSET, USDT_ASSET].map(|asset| wallet(chain, &eve, asset));
	submit(chain, Call::withdraw_all { sub: 0 }).unwrap();
	let after = [LCO_ASSET, USDT_ASSET].map(|asset| wallet(chain, &eve, asset));
	assert_eq!(after, [before[0] + 60 * LCO, before[1] + USDT / 2]);
	assert!(chain.with(|| Clearing::account(eve.clone(), 0)).is_none());
}

#[test]
fn dust_and_unknown_assets_stay_outside() {
	let mut dispute = Dispute::new();
	let chain = &mut dispute.chain;
	let too_little = Call::deposit { sub: 0, asset: CRED_ASSET, amount: CRED / 10 - 1 };
	let below = Error::<Runtime>::BelowSmallestHolding.into();
	assert_eq!(submit(chain, too_little), Err(below));
	let unknown = Call::deposit { sub: 0, asset: 7, amount: CRED };
	assert_eq!(submit(chain, unknown), Err(Error::<Runtime>::UnknownAsset.into()));
	let ten_cents = Call::deposit { sub: 0, asset: CRED_ASSET, amount: CRED / 10 };
	submit(chain, ten_cents).unwrap();
}
