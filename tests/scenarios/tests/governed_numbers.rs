//! `docs/governance.md` says how long decisions take and what they need, and what only new code changes,
//! as it is. Its hours are those of a clock, as a public chain has them.

use frame_support::traits::Get;
use l_exchange_runtime::{
	configs::{Tracks, CANCELLATION, MAJOR, PARAMETERS},
	genesis_presets::SUNSET_WHALES,
	BlockNumber, Runtime, BLOCK_MILLIS,
};
use lx_math::{buyback, emission, prizes};
use lx_primitives::{
	pricing::MAX_COST_PERCENT,
	units::{Balance, LCO},
	Moment, Tier,
};
use pallet_conviction_voting::Config as Voting;
use pallet_launchpad::Config as Launchpad;
use pallet_referenda::{Config as Referenda, Curve, TracksInfo};
use pallet_safe_mode::Config as SafeMode;
use pallet_staking_tiers::Config as Staking;
use pallet_whale_voting::Config as Whales;
use scenarios::{
	calls::{section, PAGE},
	Chain,
};
use sp_runtime::Perbill;

const HOUR: Moment = 60 * 60 * 1_000;
const DAY: Moment = 24 * HOUR;

/// The cells of a line of a table.
fn cells(line: &str) -> Vec<String> {
	let cells = line.trim_matches('|').split(" | ");
	cells.map(|cell| cell.trim().to_owned()).collect()
}

/// A text without what only makes it easier to read.
fn plain(text: &str) -> String {
	text.replace(',', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A setting.
fn of<T: Get<Value>, Value>() -> Value {
	T::get()
}

fn time_of(blocks: BlockNumber) -> Moment {
	Moment::from(blocks) * BLOCK_MILLIS
}

fn hours(blocks: BlockNumber) -> String {
	format!("{} h", time_of(blocks) / HOUR)
}

fn days(blocks: BlockNumber) -> String {
	match time_of(blocks) / DAY {
		0 => hours(blocks),
		days => format!("{days} days"),
	}
}

/// What is needed at first, and at last.
fn needed(curve: &Curve) -> String {
	let percent = |elapsed| curve.threshold(elapsed).mul_floor(100u32);
	format!("{} %, {} %", percent(Perbill::zero()), percent(Perbill::one()))
}

#[test]
fn the_page_says_how_long_each_track_takes_and_what_it_needs() {
	let mut chain = Chain::from_preset("production");
	let tracks = [("major", MAJOR), ("parameters", PARAMETERS), ("cancellation", CANCELLATION)];
	for (name, id) in tracks {
		let start = format!("| `{name}`, track {id} |");
		let line = PAGE.lines().find(|line| line.starts_with(&start)).expect("it has a line");
		let info = chain.with(|| Tracks::info(id)).expect("there is such a track");
		let (approval, support) = (needed(&info.min_approval), needed(&info.min_support));
		let expected = [
			hours(info.prepare_period),
			days(info.decision_period),
			hours(info.confirm_period),
			hours(info.min_enactment_period),
			format!("{approval} of the votes; {support} of whales' stake"),
		];
		assert_eq!(cells(line)[2..], expected, "{name}");
	}
	assert_eq!(chain.with(|| Tracks::tracks().count()), tracks.len());
}

/// With as little support as is needed at last, and with all of it from the first.
#[test]
fn the_page_says_how_soon_an_upgrade_is_called_off() {
	let (least, most, waits) = Chain::from_preset("production").with(|| {
		let info = Tracks::info(CANCELLATION).expect("there is such a track");
		let least = info.prepare_period + info.confirm_period + info.min_enactment_period;
		let waits: Moment = of::<<Runtime as Whales>::UpgradeDelay, _>();
		(time_of(least), time_of(least + info.decision_period), waits)
	});
	let (least, most, left) = (least / HOUR, most / HOUR, (waits - most) / HOUR);
	let said = format!("{least} to {most} hours so that {left} are left to notice");
	assert!(plain(PAGE).contains(&said), "{said}");
}

#[test]
fn the_page_says_what_proposals_deposit() {
	let deposit = |track| Tracks::info(track).expect("there is such a track").decision_deposit;
	let mut chain = Chain::from_preset("production");
	let [major, parameters, cancellation] =
		chain.with(|| [MAJOR, PARAMETERS, CANCELLATION].map(deposit));
	assert_eq!(cancellation, major);
	let submission: Balance = of::<<Runtime as Referenda>::SubmissionDeposit, _>();
	let [submission, major, parameters] =
		[submission, major, parameters].map(|deposit| deposit / LCO);
	let said = [
		format!("A decision deposits {major} LCO on `parameters` {parameters} which come back"),
		format!("A proposal deposits {submission} LCO which come back"),
	];
	let page = plain(PAGE);
	assert!(said.iter().all(|said| page.contains(said)), "{said:?}");
}

/// What the page has to say of each number. Call it within the state of a public chain.
fn numbers() -> Vec<(&'static str, String)> {
	let [_, lv2, lv3, lv4, whale] = Tier::ALL.map(|tier| tier.min_stake() / LCO);
	let [all, less, lesser, least] = [Tier::Lv1, Tier::Lv2, Tier::Lv3, Tier::Lv4]
		.map(|tier| tier.pays_percent().expect("it pays a share of the list price"));
	let launches = Tier::ALL.map(|tier| tier.launch_multiplier().to_string()).join(" ");
	let free = Tier::ALL.into_iter().filter(|tier| !tier.pays_prediction_fee());
	let free = free.map(|tier| format!("{tier:?}")).collect::<Vec<_>>().join(" and ");
	let (burned, prizes) = (buyback::BURNING_PERCENT, buyback::PRIZES_PERCENT);
	let notice: Moment = of::<<Runtime as Launchpad>::ShortestNotice, _>();
	let shares = prizes::SHARES.map(|share| share.to_string());
	let (last, shares) = shares.split_last().expect("there are prizes");
	let smallest: Balance = of::<<Runtime as Staking>::SmallestStake, _>();
	let unstaking: Moment = of::<<Runtime as Staking>::UnstakingDelay, _>();
	let upgrade: Moment = of::<<Runtime as Whales>::UpgradeDelay, _>();
	let safe_mode = time_of(of::<<Runtime as SafeMode>::EnterDuration, _>());
	let stop: Moment = of::<<Runtime as Whales>::RedemptionStop, _>();
	let rest: Moment = of::<<Runtime as Whales>::RedemptionRest, _>();
	let lock = time_of(of::<<Runtime as Voting>::VoteLockingPeriod, _>());
	let (safe_mode, stop) = (safe_mode / HOUR, stop / HOUR);
	vec![
		("what makes a tier", format!("{lv2} {lv3} {lv4} and {whale} LCO staked")),
		(
			"what a tier pays of an API call",
			format!("{all} % {less} % {lesser} % {least} % and what the provider costs"),
		),
		("what a tier's stake counts for in a launch", launches),
		("who pays no fee for predictions", free),
		("the notice before a launch's snapshot", format!("{} hours", notice / HOUR)),
		("what of the profit buys LCO, and what is for prizes", format!("{burned} % {prizes} %")),
		("the smallest stake", format!("{} LCO", smallest / LCO)),
		("how long unstaking takes", format!("{} days; the tier drops at once", unstaking / DAY)),
		("the most that a provider may cost", format!("{MAX_COST_PERCENT} % of the list price")),
		("with how many whales the guardian ends", format!("{SUNSET_WHALES} set at genesis")),
		("how long an upgrade waits", format!("{} hours", upgrade / HOUR)),
		(
			"how long safe mode lasts, stops the way out, and cannot again",
			format!("{safe_mode} hours {stop} hours {} days", rest / DAY),
		),
		(
			"how long a vote with conviction is locked",
			format!("{} days times what the conviction says", lock / DAY),
		),
		(
			"what each rank of the Compute Wars gets of the week's prize",
			format!("{} and {last} %", shares.join(" ")),
		),
		(
			"the cap of LCO, and what each dollar mines",
			format!(
				"{} LCO on the curve of [pallets/mining](../pallets/mining/README.md)",
				emission::CAP / LCO
			),
		),
	]
}

#[test]
fn the_page_says_what_only_new_code_changes() {
	let lines = section("What only new code changes").lines();
	let table = lines.filter(|line| line.starts_with("| ")).skip(1).map(cells);
	let said: Vec<_> = table.map(|cells| (cells[0].clone(), plain(&cells[1]))).collect();
	let numbers = Chain::from_preset("production").with(numbers);
	let expected: Vec<_> =
		numbers.into_iter().map(|(what, number)| (what.to_owned(), number)).collect();
	assert_eq!(said, expected);
}
