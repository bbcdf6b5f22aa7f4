//! `lx stake`, `lx unstake`, `lx tier`: the stake, and the tier that follows from it.

use anyhow::Result;
use lx_primitives::Tier;
use serde_json::{json, Value};
use subxt::{
	dynamic,
	ext::{scale_decode::DecodeAsType, scale_encode::EncodeAsFields},
};

use super::Session;
use crate::{
	advice::advise,
	amount::{Amount, Unit},
	args::Unstake,
	chain::{
		staking::{Staker, Unstaking},
		state::State,
		submit::{submit, Done},
	},
	clock,
	output::Reply,
};

/// Stakes more LCO.
pub async fn stake(session: &Session, amount: u128) -> Result<Reply> {
	let more = Unit::Lco.of(amount);
	ensure_free(session, more).await?;
	let done = send(session, "stake", (amount,), Some(more)).await?;
	let staker = staker(session).await?;
	let text = format!("{more} staked; {}", standing(&staker));
	Ok(Reply::done(text, &done, with_stake(json!({ "amount": more }), &staker)))
}

/// Takes LCO out of the stake.
pub async fn unstake(session: &Session, arguments: &Unstake) -> Result<Reply> {
	if arguments.cancel {
		return cancel(session).await;
	}
	let started = match arguments.amount {
		Some(amount) => Some(request(session, amount).await?),
		None => None,
	};
	match started {
		Some(reply) if !arguments.wait => Ok(reply),
		_ => collect(session, arguments.wait).await,
	}
}

/// Shows the tier, and what the next one takes.
pub async fn tier(session: &Session) -> Result<Reply> {
	let staker = staker(session).await?;
	let parts = staker.unstaking.iter().map(part_json).collect::<Vec<_>>();
	let next = staker.next_tier();
	let next = next.map(
		|(tier, missing)| json!({ "tier": format!("{tier:?}"), "missing": Unit::Lco.of(missing) }),
	);
	let json = json!({
		"pays_percent": staker.tier().pays_percent(),
		"unstaking": parts,
		"next": next,
	});
	Ok(Reply::new(text(&staker), with_stake(json, &staker)))
}

fn text(staker: &Staker) -> String {
	let mut lines = vec![
		format!("tier               {:?}: pays {}", staker.tier(), price(staker.tier())),
		format!("staked             {}", Unit::Lco.of(staker.staked)),
	];
	lines.extend(staker.unstaking.iter().map(|part| {
		let (amount, ready_at) = (Unit::Lco.of(part.amount), clock::show(part.ready_at));
		format!("  being unstaked   {amount}, ready {ready_at}")
	}));
	lines.push(match staker.next_tier() {
		Some((next, missing)) => {
			let missing = Unit::Lco.of(missing);
			format!("next               {next:?}: pays {}, with {missing} more", price(next))
		},
		None => "next               none: there is no higher one".into(),
	});
	lines.join("\n")
}

/// What a tier pays, in words.
fn price(tier: Tier) -> String {
	match tier.pays_percent() {
		Some(percent) => format!("{percent} % of the list price"),
		None => "what the provider costs".into(),
	}
}

/// Where an account stands, in a few words.
fn standing(staker: &Staker) -> String {
	let (staked, tier) = (Unit::Lco.of(staker.staked), staker.tier());
	format!("you have staked {staked}, and your tier is {tier:?}")
}

fn part_json(part: &Unstaking) -> Value {
	json!({ "amount": Unit::Lco.of(part.amount), "ready_at": part.ready_at })
}

/// Adds what an account has staked, and its tier.
fn with_stake(mut json: Value, staker: &Staker) -> Value {
	json["staked"] = json!(Unit::Lco.of(staker.staked));
	json["tier"] = json!(format!("{:?}", staker.tier()));
	json
}

async fn staker(session: &Session) -> Result<Staker> {
	let block = session.chain.finalised().await?;
	State(&block).staker(session.wallet.account.0).await
}

async fn ensure_free(session: &Session, asked: Amount) -> Result<()> {
	let block = session.chain.finalised().await?;
	let free = State(&block).free_lco(&session.wallet.account).await?;
	if free.units >= asked.units {
		return Ok(());
	}
	Err(advise(
		format!("{free} are free in your wallet, not {asked}"),
		"your API calls mine LCO, the exchange sells some; `lx tier` shows what is staked",
	))
}

fn ensure_staked(staked: Amount, asked: Amount) -> Result<()> {
	match staked.units {
		0 => Err(advise("you have staked nothing", "`lx stake 1000` makes the tier Lv2")),
		units if units < asked.units => Err(advise(
			format!("you have staked {staked}, not {asked}"),
			"try less; `lx tier` shows what is staked",
		)),
		_ => Ok(()),
	}
}

async fn request(session: &Session, amount: u128) -> Result<Reply> {
	let asked = Unit::Lco.of(amount);
	ensure_staked(Unit::Lco.of(staker(session).await?.staked), asked)?;
	let done = send(session, "request_unstake", (amount,), None).await?;
	let Requested { ready_at } = done.event("StakingTiers", "UnstakeRequested")?;
	let staker = staker(session).await?;
	let text = format!(
		"{asked} are being unstaked until {}; then `lx unstake` collects them\n{}",
		clock::show(ready_at),
		standing(&staker)
	);
	let json = json!({ "unstaking": asked, "ready_at": ready_at });
	Ok(Reply::done(text, &done, with_stake(json, &staker)))
}

async fn cancel(session: &Session) -> Result<Reply> {
	let back = unstaking(session).await?.unstaking_amount();
	let back = Unit::Lco.of(back);
	let done = send(session, "cancel_unstake", (), None).await?;
	let staker = staker(session).await?;
	let text = format!("{back} are staked again; {}", standing(&staker));
	Ok(Reply::done(text, &done, with_stake(json!({ "returned": back }), &staker)))
}

/// Collects what is ready. What waits for longer than the first part stays.
async fn collect(session: &Session, wait: bool) -> Result<Reply> {
	let first = unstaking(session).await?.first_ready_at().unwrap_or_default();
	if wait {
		session.wait_until(first).await?;
	}
	let block = session.chain.finalised().await?;
	if State(&block).now().await? < first {
		return Err(advise(
			format!("it is being unstaked until {}", clock::show(first)),
			"`lx unstake --wait` waits until then, and collects it",
		));
	}
	let done = send(session, "complete_unstake", (), None).await?;
	let Unstaked { amount } = done.event("StakingTiers", "Unstaked")?;
	let taken = Unit::Lco.of(amount);
	let text = format!("{taken} came out of your stake");
	Ok(Reply::done(text, &done, json!({ "unstaked": taken })))
}

/// The account, which is unstaking something.
async fn unstaking(session: &Session) -> Result<Staker> {
	let staker = staker(session).await?;
	if staker.unstaking.is_empty() {
		return Err(advise("nothing is being unstaked", "start with an amount: `lx unstake 10`"));
	}
	Ok(staker)
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Requested {
	ready_at: u64,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Unstaked {
	amount: u128,
}

async fn send<Arguments>(
	session: &Session,
	call: &str,
	arguments: Arguments,
	spends: Option<Amount>,
) -> Result<Done>
where
	Arguments: EncodeAsFields,
{
	let call = dynamic::tx("StakingTiers", call, arguments);
	submit(&session.chain, session.wallet.signer()?, &call, spends, &session.output).await
}

#[cfg(test)]
mod tests {
	use lx_primitives::units::LCO;

	use super::*;

	#[test]
	fn a_tier_is_shown_with_what_is_on_its_way_and_what_comes_next() {
		let part = Unstaking { amount: LCO / 2, ready_at: 1_801_353_600_000 };
		let staker = Staker { staked: 1_500 * LCO, unstaking: vec![part], former: Vec::new() };
		let expected = [
			"tier               Lv2: pays 95 % of the list price",
			"staked             1500 LCO",
			"  being unstaked   0.5 LCO, ready 2027-01-31T00:00:00Z",
			"next               Lv3: pays 85 % of the list price, with 8500 LCO more",
		];
		assert_eq!(text(&staker), expected.join("\n"));
		let whale = Staker { staked: 100_000 * LCO, ..Default::default() };
		assert!(text(&whale).starts_with("tier               Whale: pays what the provider costs"));
		assert!(text(&whale).ends_with("none: there is no higher one"));
	}

	#[test]
	fn no_more_is_unstaked_than_is_staked() {
		let refused = |staked, asked| {
			let checked = ensure_staked(Unit::Lco.of(staked), Unit::Lco.of(asked));
			checked.err().map(|error| error.to_string())
		};
		assert_eq!(refused(LCO, LCO), None);
		let more = refused(LCO, LCO + 1).unwrap();
		assert!(more.contains("you have staked 1 LCO, not 1.000000000001 LCO"), "{more}");
		let nothing = refused(0, LCO).unwrap();
		assert!(nothing.contains("nothing") && nothing.contains("lx stake"), "{nothing}");
	}

	#[test]
	fn scripts_get_the_tier_by_its_name() {
		let json = with_stake(json!({}), &Staker { staked: 7, ..Default::default() });
		assert_eq!((&json["tier"], &json["staked"]["units"]), (&json!("Lv1"), &json!("7")));
	}
}
