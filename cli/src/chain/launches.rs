//! What the chain knows of launches of scarce models, and of those who take part in them.

use anyhow::Result;
use lx_primitives::{Balance, LaunchId, Offer, Units};
use pallet_launchpad::{
	Claims, Launch, Page, Stage, Subscriber, Subscription, SUBSCRIBERS_PER_PAGE,
};
use sp_core::crypto::AccountId32;

use super::state::State;

const LAUNCHPAD: &str = "Launchpad";

/// What an account has asked for in a launch, and got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
	/// What it has asked for; `None` after the expiry, when nobody needs that any more.
	pub asked: Option<Asked>,
	/// Units that it was given; `None` before the quota is divided, and after the expiry.
	pub given: Option<Units>,
	/// Those of them that it has not claimed.
	pub unclaimed: Option<Units>,
	/// What it has claimed of that at which relay, and used there.
	pub claims: Claims,
	/// Planck that are held as long as this is stored.
	pub deposit: Balance,
}

/// What an account has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
	/// Units in all.
	pub units: Units,
	/// Those of them that its stake makes certain.
	pub certain: Units,
}

impl Part {
	fn new(
		launch: &Launch,
		subscription: Subscription,
		subscriber: Option<&Subscriber<AccountId32>>,
	) -> Self {
		let asked = |subscriber: &Subscriber<_>| Asked {
			units: subscriber.first.saturating_add(subscriber.wanted),
			certain: subscriber.first,
		};
		let given = match launch.stage {
			Stage::Allocated(cut) => subscriber.map(|found| found.allocated(&cut)),
			_ => None,
		};
		let unclaimed = given.map(|given| given.saturating_sub(subscription.claimed()));
		let Subscription { deposit, claims, .. } = subscription;
		Self { asked: subscriber.map(asked), given, unclaimed, claims, deposit }
	}
}

impl State<'_> {
	/// A launch; `None` if there is none of this number.
	pub async fn launch(&self, id: LaunchId) -> Result<Option<Launch>> {
		self.shared(LAUNCHPAD, "Launches", (id,)).await
	}

	/// What a launch offers, or offered.
	pub async fn offer(&self, id: LaunchId) -> Result<Option<Offer>> {
		Ok(self.launch(id).await?.map(|launch| launch.offer))
	}

	/// All launches that there were, in order.
	pub async fn launches(&self) -> Result<Vec<(LaunchId, Launch)>> {
		let next: LaunchId = self.value(LAUNCHPAD, "NextLaunchId").await?.unwrap_or_default();
		let mut launches = Vec::new();
		for id in 0..next {
			launches.extend(self.launch(id).await?.map(|launch| (id, launch)));
		}
		Ok(launches)
	}

	/// What `account` has to do with a launch; `None` if it has not subscribed, or got its deposit back.
	pub async fn part(
		&self,
		id: LaunchId,
		launch: &Launch,
		account: [u8; 32],
	) -> Result<Option<Part>> {
		let found = self.shared(LAUNCHPAD, "Subscriptions", (id, account)).await?;
		let Some(subscription): Option<Subscription> = found else { return Ok(None) };
		let place = subscription.place;
		let page = (id, place / SUBSCRIBERS_PER_PAGE);
		let page: Option<Page<AccountId32>> = self.shared(LAUNCHPAD, "Pages", page).await?;
		let index = usize::try_from(place % SUBSCRIBERS_PER_PAGE)?;
		let subscriber = page.as_ref().and_then(|page| page.get(index));
		Ok(Some(Part::new(launch, subscription, subscriber)))
	}
}

#[cfg(test)]
mod tests {
	use lx_math::allocation::Cut;
	use lx_primitives::{Claim, Price, Rates};
	use pallet_launchpad::Tally;

	use super::*;

	fn launch(stage: Stage) -> Launch {
		let rates = Rates::Unit(10);
		let price = Price { list: rates, cost: rates, active_from: 40 };
		let model = b"model".to_vec().try_into().unwrap();
		Launch {
			offer: Offer { model, price, expires_at: 50 },
			total: 1_000,
			announced_at: 10,
			snapshot_at: 20,
			opens_at: 30,
			stage,
			tally: Tally::default(),
			redeemed: 0,
		}
	}

	#[test]
	fn a_part_is_given_once_the_quota_is_divided() {
		let subscriber =
			Subscriber { account: AccountId32::new([1; 32]), weight: 1, first: 50, wanted: 25 };
		let claim = |relay, units| Claim { relay, units, used: 5 };
		let claims = Claims::truncate_from(vec![claim(0, 20), claim(3, 50)]);
		let part = |stage, claims: &Claims, found: Option<&Subscriber<_>>| {
			let subscription = Subscription { place: 0, deposit: 7, claims: claims.clone() };
			Part::new(&launch(stage), subscription, found)
		};
		let asked = Some(Asked { units: 75, certain: 50 });
		let none = Claims::default();
		let open = part(Stage::Open { network: 1 }, &none, Some(&subscriber));
		let nothing =
			Part { asked, given: None, unclaimed: None, claims: none.clone(), deposit: 7 };
		assert_eq!(open, nothing);
		let divided = Stage::Allocated(Cut::ALL);
		let unclaimed = part(divided, &none, Some(&subscriber));
		assert_eq!((unclaimed.given, unclaimed.unclaimed), (Some(75), Some(75)));
		let claimed = part(divided, &claims, Some(&subscriber));
		assert_eq!((claimed.unclaimed, &claimed.claims), (Some(5), &claims));
		let expired = part(Stage::Over, &claims, None);
		assert_eq!(expired, Part { asked: None, claims, ..nothing });
	}
}
