//! On which terms a call is served: at the price that the registry lists for everybody, or against a
//! quota of its caller.

use lx_primitives::{LaunchId, Offer, Payment, Price, Units};

use super::{auth::Caller, ApiError};
use crate::{
	app::App,
	pricing::{Bounds, Launched},
};

/// What applies to a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
	/// What it costs.
	pub price: Price,
	/// The version of the registry's price, or of a launch's where that applies.
	pub price_version: u32,
	/// What it may use of a quota, if it is served against one.
	pub quota: Option<QuotaUse>,
}

/// What a call uses of a quota.
#[derive(Clone, Copy, Debug)]
pub(super) struct QuotaUse {
	/// The launch whose quota it is.
	pub launch: LaunchId,
	/// The most units that the call may use.
	pub units: Units,
	/// Units that the account may use here, at the block that the call is priced at.
	pub usable: Units,
}

impl Terms {
	/// How the caller pays such a call itself.
	pub(super) fn payment(&self) -> Payment {
		self.quota.map_or(Payment::Purse, |quota| Payment::Quota(quota.launch))
	}
}

/// The terms for a call of `model` within `bounds`; `None` if nobody can call it.
pub(super) async fn find(
	app: &App,
	caller: &Caller,
	model: &str,
	bounds: &Bounds,
) -> Result<Option<Terms>, ApiError> {
	let head = caller.snapshot.head();
	if let Some(listing) = head.registry.get(model) {
		let (price, price_version) = (listing.price, listing.version);
		return Ok(Some(Terms { price, price_version, quota: None }));
	}
	// The launches of this block have not expired at its time, which is the call's. So a call is served to
	// the end of a quota as the chain counts it, whatever this clock says, and attestors sign for it.
	// The quota that expires first is used, of those that are enough; or else the one of which most is left.
	let (account, needed) = (&caller.key.account, bounds.units());
	let mut found: Option<(&Launched, Units, Units)> = None;
	for launched in head.launches.of(model) {
		let usable = caller.snapshot.usable(account, launched.launch).await?;
		let held = app.ledger.held_units(account, launched.launch, head.next_sequence()).await?;
		let left = usable.saturating_sub(held);
		if found.is_none_or(|(_, _, most)| most < needed && most < left) {
			found = Some((launched, usable, left));
		}
	}
	Ok(found.map(|(launched, usable, _)| Terms {
		price: launched.price,
		price_version: Offer::PRICE_VERSION,
		quota: Some(QuotaUse { launch: launched.launch, units: needed, usable }),
	}))
}
