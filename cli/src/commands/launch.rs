//! `lx launch`: launches of scarce models, and the quotas that they give.

use anyhow::{Context, Result};
use lx_primitives::{Claim, LaunchId, Moment, Rates, RelayId, Units};
use pallet_launchpad::Stage;
use serde_json::{json, Value};
use subxt::{
	dynamic,
	ext::{
		scale_decode::{DecodeAsFields, DecodeAsType},
		scale_encode::EncodeAsFields,
	},
};

use super::{
	models::{price_json, price_text},
	Session,
};
use crate::{
	advice::advise,
	amount::Unit,
	args::Launch,
	chain::{
		launches::Part,
		state::State,
		submit::{submit, Done},
		Chain,
	},
	clock,
	output::{count, Reply},
};

/// A launch as the chain keeps it, with its number.
type Found = (LaunchId, pallet_launchpad::Launch);

/// Lists the launches that have not expired.
pub async fn list(chain: &Chain) -> Result<Reply> {
	let block = chain.finalised().await?;
	let state = State(&block);
	let now = state.now().await?;
	let mut launches = state.launches().await?;
	launches.retain(|(_, launch)| now < launch.offer.expires_at);
	if launches.is_empty() {
		return Ok(Reply::new("no launch is announced or open", json!([])));
	}
	let text: Vec<String> = launches.iter().map(|launch| launch_text(launch, now)).collect();
	let json: Vec<Value> = launches.iter().map(|launch| launch_json(launch, now)).collect();
	Ok(Reply::new(text.join("\n"), json!(json)))
}

/// Does what concerns the account.
pub async fn run(session: &Session, command: &Launch) -> Result<Reply> {
	match *command {
		Launch::List => list(&session.chain).await,
		Launch::Subscribe { launch, units } => subscribe(session, launch, units).await,
		Launch::Claim { launch, units, at } => claim(session, launch, units, at.relay).await,
		Launch::Quota { launch } => quota(session, launch).await,
		Launch::Release { launch } => release(session, launch).await,
	}
}

fn launch_text((id, launch): &Found, now: Moment) -> String {
	let price = match launch.offer.price.list {
		tokens @ Rates::Tokens { .. } => format!("{} per 1,000,000 tokens", price_text(tokens)),
		unit @ Rates::Unit(_) => price_text(unit),
	};
	let title = format!("launch {id}");
	format!(
		"{title:<19}{} of {}, {}\n  price            {price}\n  now              {}",
		count(launch.total, "unit", "units"),
		model(launch),
		count(launch.tally.subscribers, "subscriber", "subscribers"),
		stage(launch, now).1,
	)
}

fn launch_json((id, launch): &Found, now: Moment) -> Value {
	json!({
		"launch": id,
		"model": model(launch),
		"units": launch.total.to_string(),
		"used": launch.redeemed.to_string(),
		"subscribers": launch.tally.subscribers,
		"price": price_json(launch.offer.price.list),
		"stage": stage(launch, now).0,
		"announced_at": launch.announced_at,
		"snapshot_at": launch.snapshot_at,
		"opens_at": launch.opens_at,
		"closes_at": launch.closes_at(),
		"expires_at": launch.offer.expires_at,
	})
}

fn model(launch: &pallet_launchpad::Launch) -> String {
	String::from_utf8_lossy(&launch.offer.model).into_owned()
}

/// How far a launch has come at `now`: for scripts and for people. The chain may be a few blocks behind
/// its plan.
fn stage(launch: &pallet_launchpad::Launch, now: Moment) -> (&'static str, String) {
	let [since, snapshot] = [launch.announced_at, launch.snapshot_at].map(clock::show);
	let [opens, closes] = [launch.opens_at, launch.closes_at()].map(clock::show);
	let expires = clock::show(launch.offer.expires_at);
	match launch.stage {
		Stage::Reoffered(again) => {
			("expired", format!("expired {expires}; the rest is offered in launch {again}"))
		},
		_ if now >= launch.offer.expires_at => ("expired", format!("expired {expires}")),
		Stage::Announced => {
			let counts = format!("what is staked from {since} to {snapshot} counts");
			("announced", format!("{counts}; can be subscribed from {opens} to {closes}"))
		},
		Stage::Open { .. } if now < launch.opens_at => {
			("waiting", format!("can be subscribed from {opens} to {closes}"))
		},
		Stage::Open { .. } if now < launch.closes_at() => {
			("open", format!("can be subscribed until {closes}"))
		},
		Stage::Open { .. } | Stage::Filling(_) => ("dividing", "is being divided".into()),
		Stage::Allocated(_) | Stage::Expired { .. } | Stage::Over => {
			("usable", format!("quotas can be used until {expires}"))
		},
	}
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Subscribed {
	first: Units,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Released {
	deposit: u128,
}

async fn subscribe(session: &Session, launch: LaunchId, units: Units) -> Result<Reply> {
	let done = send(session, "subscribe", (launch, units)).await?;
	let Subscribed { first } = event(&done, "Subscribed")?;
	let asked = count(units, "unit", "units");
	let text = format!(
		"you have asked for {asked} of launch {launch}, and {first} of them are certain\n\
		 what you get is known when it has closed: then `lx launch claim {launch}` takes it"
	);
	let (units, certain) = (units.to_string(), first.to_string());
	let json = json!({ "launch": launch, "units": units, "certain": certain });
	Ok(Reply::done(text, &done, json))
}

async fn claim(
	session: &Session,
	launch: LaunchId,
	units: Option<Units>,
	relay: RelayId,
) -> Result<Reply> {
	let units = match units {
		Some(units) => units,
		None => unclaimed(session, launch).await?,
	};
	let done = send(session, "claim", (launch, relay, units)).await?;
	let text = format!(
		"{units} units of launch {launch} are yours to use at relay {relay}, and at no other: call its \
		 model there"
	);
	let json = json!({ "launch": launch, "relay": relay, "units": units.to_string() });
	Ok(Reply::done(text, &done, json))
}

/// All that the account was given of a launch and has not claimed.
async fn unclaimed(session: &Session, id: LaunchId) -> Result<Units> {
	let block = session.chain.finalised().await?;
	let state = State(&block);
	let launch = known(&state, id).await?;
	let part = state.part(id, &launch, session.wallet.account.0).await?;
	let part = part.ok_or_else(|| no_part(Some(id)))?;
	let now = state.now().await?;
	claimable(&(id, launch), &part, now)
}

/// What can be claimed of a launch that the account takes part in, or why nothing can be.
fn claimable(found: &Found, part: &Part, now: Moment) -> Result<Units> {
	let (id, launch) = found;
	match part.unclaimed {
		Some(0) if part.claims.is_empty() => Err(advise(
			format!("you were given nothing of launch {id}"),
			format!("`lx launch release {id}` returns your deposit"),
		)),
		Some(0) => Err(advise(
			format!("you have claimed all that you were given of launch {id}"),
			format!("`lx launch quota {id}` shows at which relays"),
		)),
		Some(units) => Ok(units),
		None => Err(advise(
			format!("nothing of launch {id} can be claimed; now: {}", stage(launch, now).1),
			"`lx launch list` shows the launches, and what can be done in them when",
		)),
	}
}

async fn release(session: &Session, launch: LaunchId) -> Result<Reply> {
	let done = send(session, "release", (launch, session.wallet.account.0)).await?;
	let Released { deposit } = event(&done, "Released")?;
	let deposit = Unit::Lco.of(deposit);
	let text = format!("{deposit} that you had deposited for launch {launch} are free again");
	Ok(Reply::done(text, &done, json!({ "launch": launch, "deposit": deposit })))
}

async fn quota(session: &Session, only: Option<LaunchId>) -> Result<Reply> {
	let block = session.chain.finalised().await?;
	let state = State(&block);
	let now = state.now().await?;
	let launches = match only {
		Some(id) => vec![(id, known(&state, id).await?)],
		None => state.launches().await?,
	};
	let (mut text, mut json) = (Vec::new(), Vec::new());
	for found in &launches {
		let (id, launch) = found;
		if let Some(part) = state.part(*id, launch, session.wallet.account.0).await? {
			text.push(part_text(found, &part, now));
			json.push(part_json(found, &part, now));
		}
	}
	if text.is_empty() {
		return Err(no_part(only));
	}
	Ok(Reply::new(text.join("\n"), json!(json)))
}

fn no_part(only: Option<LaunchId>) -> anyhow::Error {
	advise(
		only.map_or("you take part in no launch".into(), |id| {
			format!("you take no part in launch {id}")
		}),
		"`lx launch list` shows the launches, and when one can subscribe",
	)
}

async fn known(state: &State<'_>, id: LaunchId) -> Result<pallet_launchpad::Launch> {
	state.launch(id).await?.ok_or_else(|| {
		advise(format!("there is no launch {id}"), "`lx launch list` shows the launches")
	})
}

fn part_text(found: &Found, part: &Part, now: Moment) -> String {
	let (id, launch) = found;
	let title = format!("launch {id}");
	let mut lines = vec![format!("{title:<19}{}: {}", model(launch), stage(launch, now).1)];
	lines.extend(part.asked.map(|asked| {
		let units = count(asked.units, "unit", "units");
		format!("  asked for        {units}, {} of them certain", asked.certain)
	}));
	lines.extend(
		part.given.map(|given| format!("  given            {}", count(given, "unit", "units"))),
	);
	lines.extend(part.unclaimed.filter(|units| *units > 0).map(|units| {
		let units = count(units, "unit", "units");
		format!("  not claimed      {units}: `lx launch claim {id}` takes them")
	}));
	lines.extend(part.claims.iter().map(|claim| {
		let place = format!("at relay {}", claim.relay);
		format!("  {place:<17}{} units, {} of them left", claim.units, claim.left())
	}));
	lines.push(format!("  deposit          {}", Unit::Lco.of(part.deposit)));
	lines.join("\n")
}

fn part_json(found: &Found, part: &Part, now: Moment) -> Value {
	let (id, launch) = found;
	let text = |units: Units| units.to_string();
	json!({
		"launch": id,
		"model": model(launch),
		"stage": stage(launch, now).0,
		"asked": part.asked.map(|asked| text(asked.units)),
		"certain": part.asked.map(|asked| text(asked.certain)),
		"given": part.given.map(text),
		"unclaimed": part.unclaimed.map(text),
		"claims": part.claims.iter().map(claim_json).collect::<Vec<_>>(),
		"deposit": Unit::Lco.of(part.deposit),
		"expires_at": launch.offer.expires_at,
	})
}

fn claim_json(claim: &Claim) -> Value {
	json!({
		"relay": claim.relay,
		"units": claim.units.to_string(),
		"used": claim.used.to_string(),
	})
}

fn event<E: DecodeAsFields>(done: &Done, name: &str) -> Result<E> {
	done.find("Launchpad", name)?
		.context("the chain did not say what has happened; `lx launch quota` shows what you have")
}

async fn send<Arguments: EncodeAsFields>(
	session: &Session,
	call: &str,
	arguments: Arguments,
) -> Result<Done> {
	let call = dynamic::tx("Launchpad", call, arguments);
	submit(&session.chain, session.wallet.signer()?, &call, None, &session.output).await
}

#[cfg(test)]
mod tests {
	use lx_math::allocation::Cut;
	use lx_primitives::{Offer, Price};
	use pallet_launchpad::{Claims, Tally};

	use super::*;
	use crate::chain::launches::Asked;

	/// A launch that opens, closes and expires at these seconds after 1970.
	fn launch(stage: Stage) -> pallet_launchpad::Launch {
		let price = Price { list: Rates::Unit(20), cost: Rates::Unit(10), active_from: 40_000 };
		let model = b"gpt-next".to_vec().try_into().unwrap();
		pallet_launchpad::Launch {
			offer: Offer { model, price, expires_at: 50_000 },
			total: 1_000,
			announced_at: 10_000,
			snapshot_at: 20_000,
			opens_at: 30_000,
			stage,
			tally: Tally { subscribers: 2, ..Tally::default() },
			redeemed: 5,
		}
	}

	#[test]
	fn a_launch_says_what_can_be_done_in_it_and_until_when() {
		let open = Stage::Open { network: 1 };
		let cases = [
			(Stage::Announced, 10_000, "announced", "to 1970-01-01T00:00:20Z counts; can be"),
			(Stage::Announced, 19_999, "announced", "from 1970-01-01T00:00:30Z"),
			(open, 29_999, "waiting", "from 1970-01-01T00:00:30Z to 1970-01-01T00:00:40Z"),
			(open, 30_000, "open", "until 1970-01-01T00:00:40Z"),
			(open, 40_000, "dividing", "divided"),
			(Stage::Allocated(Cut::ALL), 49_999, "usable", "until 1970-01-01T00:00:50Z"),
			(Stage::Allocated(Cut::ALL), 50_000, "expired", "expired 1970-01-01T00:00:50Z"),
			(Stage::Over, 60_000, "expired", "expired 1970-01-01T00:00:50Z"),
			(Stage::Reoffered(3), 60_000, "expired", "in launch 3"),
		];
		for (at_stage, now, word, words) in cases {
			let (found, told) = stage(&launch(at_stage), now);
			assert_eq!(found, word);
			assert!(told.contains(words), "{told}");
		}
	}

	#[test]
	fn a_launch_is_listed_with_its_price() {
		let expected = "launch 7           1000 units of gpt-next, 2 subscribers\n  \
			price            0.00002 CRED per unit\n  \
			now              can be subscribed until 1970-01-01T00:00:40Z";
		let found = (7, launch(Stage::Open { network: 1 }));
		assert_eq!(launch_text(&found, 30_000), expected);
		let json = launch_json(&found, 30_000);
		assert_eq!((&json["units"], &json["used"]), (&json!("1000"), &json!("5")));
		let (id, mut alone) = found;
		(alone.total, alone.tally.subscribers) = (1, 1);
		let alone = launch_text(&(id, alone), 30_000);
		assert!(
			alone.starts_with("launch 7           1 unit of gpt-next, 1 subscriber\n"),
			"{alone}"
		);
		assert_eq!((&json["stage"], &json["closes_at"]), (&json!("open"), &json!(40_000)));
	}

	#[test]
	fn a_part_is_shown_with_what_is_to_be_done() {
		let found = (7, launch(Stage::Allocated(Cut::ALL)));
		let asked = Some(Asked { units: 75, certain: 50 });
		let claims = Claims::truncate_from(vec![Claim { relay: 3, units: 45, used: 44 }]);
		let (given, unclaimed, deposit) = (Some(60), Some(15), 1_500_000_000_000);
		let part = Part { asked, given, unclaimed, claims, deposit };
		let expected = [
			"launch 7           gpt-next: quotas can be used until 1970-01-01T00:00:50Z",
			"  asked for        75 units, 50 of them certain",
			"  given            60 units",
			"  not claimed      15 units: `lx launch claim 7` takes them",
			"  at relay 3       45 units, 1 of them left",
			"  deposit          1.5 LCO",
		];
		assert_eq!(part_text(&found, &part, 40_000), expected.join("\n"));
		let json = part_json(&found, &part, 40_000);
		assert_eq!((&json["given"], &json["unclaimed"]), (&json!("60"), &json!("15")));
		assert_eq!(json["claims"], json!([{ "relay": 3, "units": "45", "used": "44" }]));
	}

	#[test]
	fn what_can_be_claimed_is_the_rest_or_it_is_said_why_nothing() {
		let of = |stage, unclaimed, relays: &[RelayId]| {
			let claim = |relay: &RelayId| Claim { relay: *relay, units: 20, used: 0 };
			let claims = Claims::truncate_from(relays.iter().map(claim).collect());
			let part = Part { asked: None, given: unclaimed, unclaimed, claims, deposit: 1 };
			claimable(&(7, launch(stage)), &part, 40_000).map_err(|error| error.to_string())
		};
		let divided = Stage::Allocated(Cut::ALL);
		assert_eq!(of(divided, Some(60), &[]), Ok(60));
		assert_eq!(of(divided, Some(20), &[0, 3]), Ok(20));
		let said = |refused: Result<Units, String>, what: &str| {
			let problem = refused.unwrap_err();
			assert!(problem.contains(what), "{problem}");
		};
		said(of(divided, Some(0), &[0, 3]), "lx launch quota 7");
		said(of(divided, Some(0), &[]), "lx launch release 7");
		said(of(Stage::Open { network: 1 }, None, &[]), "is being divided");
	}
}
