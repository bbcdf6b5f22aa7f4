use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
	Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_command_line_is_consistent() {
	Cli::command().debug_assert();
}

#[test]
fn amounts_are_exact_on_the_command_line() {
	let Command::Faucet { amount } = parse("lx faucet").unwrap().command else { panic!() };
	assert_eq!(amount, 100_000_000);
	let Command::TopUp { amount, .. } = parse("lx top-up 0.000001").unwrap().command else {
		panic!()
	};
	assert_eq!(amount, 1);
	assert!(parse("lx top-up 1e3").is_err());
}

#[test]
fn options_that_need_each_other_are_asked_for() {
	assert!(parse("lx deposit").is_ok());
	assert!(parse("lx deposit --network tron").is_err());
	let deposit = "lx deposit --network tron --reference ab";
	assert!(parse(&format!("{deposit} --as-custodian --amount 5")).is_err());
	assert!(parse(&format!("{deposit} --amount 5 --to x")).is_err());
	assert!(parse(&format!("{deposit} --as-custodian --amount 5 --to x")).is_ok());
	assert!(parse("lx deposit --as-custodian --reserves 1000").is_ok());
	assert!(parse("lx withdraw 5 --cancel").is_err());
	assert!(parse("lx withdraw --wait --json --relay-id 3").is_ok());
}

#[test]
fn a_key_to_revoke_can_be_named() {
	let line = "lx key revoke sk-lx-1 --relay http://r:1";
	let Command::Key(Key::Revoke(held)) = parse(line).unwrap().command else { panic!() };
	assert_eq!((held.key.as_deref(), &*held.at.relay), (Some("sk-lx-1"), "http://r:1"));
	assert!(parse("lx key revoke-all sk-lx-1").is_err());
}

#[test]
fn stakes_are_of_lco() {
	let Command::Stake { amount } = parse("lx stake 0.000000000001").unwrap().command else {
		panic!()
	};
	assert_eq!(amount, 1);
	let Command::Unstake(unstake) = parse("lx unstake 1000 --wait").unwrap().command else {
		panic!()
	};
	assert_eq!((unstake.amount, unstake.wait), (Some(1_000_000_000_000_000), true));
	assert!(parse("lx unstake --cancel").is_ok());
	assert!(parse("lx unstake 5 --cancel").is_err());
	assert!(parse("lx unstake --wait --cancel").is_err());
	assert!(parse("lx stake").is_err() && parse("lx stake 0").is_err());
}

#[test]
fn a_champion_chooses_one_perk() {
	let wars = |line: &str| match parse(line).unwrap().command {
		Command::Wars(wars) => wars,
		other => panic!("{other:?}"),
	};
	assert!(matches!(wars("lx wars"), Wars { top: 10, choice: None }));
	assert!(matches!(wars("lx wars no-limit").choice, Some(PerkChoice::NoLimit)));
	let free = wars("lx wars free-calls --relay-id 3").choice;
	assert!(matches!(free, Some(PerkChoice::FreeCalls { at: At { relay: 3 } })));
	assert!(parse("lx wars --top 0").is_err() && parse("lx wars --top 101").is_err());
}

#[test]
fn a_part_of_a_launch_is_some_units_of_it() {
	let parsed = parse("lx launch subscribe 3 18446744073709551615").unwrap().command;
	let Command::Launch(Launch::Subscribe { launch, units }) = parsed else { panic!() };
	assert_eq!((launch, units), (3, u64::MAX));
	for wrong in
		["subscribe 3", "subscribe 3 0", "subscribe 3 1.5", "claim", "claim 3 0", "release x"]
	{
		assert!(parse(&format!("lx launch {wrong}")).is_err(), "{wrong} was taken");
	}
	for right in ["list", "claim 3", "quota", "quota 3", "release 3"] {
		assert!(parse(&format!("lx launch {right}")).is_ok(), "{right} was refused");
	}
}

#[test]
fn a_quota_is_claimed_at_one_relay_as_a_whole_or_in_part() {
	let claim = |line: &str| match parse(line).unwrap().command {
		Command::Launch(Launch::Claim { launch, units, at }) => (launch, units, at.relay),
		other => panic!("{other:?}"),
	};
	assert_eq!(claim("lx launch claim 3"), (3, None, 0));
	assert_eq!(claim("lx launch claim 3 500 --relay-id 7"), (3, Some(500), 7));
}

#[test]
fn a_limit_is_of_one_relay() {
	let Command::Limit { daily_limit, at } = parse("lx limit none").unwrap().command else {
		panic!()
	};
	assert_eq!((daily_limit, at.relay), (u128::MAX, 0));
	let Command::Limit { daily_limit, at } = parse("lx limit 0.5 --relay-id 7").unwrap().command
	else {
		panic!()
	};
	assert_eq!((daily_limit, at.relay), (500_000, 7));
}
