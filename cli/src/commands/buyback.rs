//! `lx buyback`: what the weekly buyback has bought and burned.

use std::collections::BTreeMap;

use anyhow::Result;
use lx_primitives::buyback::Receipt;
use serde_json::{json, Value};
use sp_core::H256;

use crate::{
	advice::advise,
	amount::Unit,
	chain::{buyback::Told, state::State, Chain},
	evidence::Check,
	output::{count, Output, Reply},
	receipts::{check, check_blocks, expected, OnChain},
};

/// Checks every receipt against the chain.
pub async fn verify(chain: &Chain, output: Output) -> Result<Reply> {
	let block = chain.finalised().await?;
	let state = State(&block);
	let (receipts, on_chain) = read(chain, &state).await?;
	let expected = expected(&receipts);
	let told = told(chain, output, &expected).await?;
	let mut checks = check(&receipts, &on_chain);
	checks.extend(check_blocks(&expected, &told));
	let failed: String = list("not so", checks.iter().filter(|check| !check.holds));
	if !failed.is_empty() {
		return Err(advise(
			format!("the receipts of the buyback are not as they should be{failed}"),
			"ask another node with --node: if it says the same, the chain does not do what it promises",
		));
	}
	let forgotten = expected.len().saturating_sub(told.len());
	Ok(reply(&receipts, &checks, forgotten))
}

/// All receipts, and what they are checked against, at one block.
async fn read(chain: &Chain, state: &State<'_>) -> Result<(Vec<Receipt>, OnChain)> {
	let head = state.last_receipt().await?;
	let mut receipts = Vec::new();
	for number in 0..head.map_or(0, |head| head.number) {
		// One that is missing is found by what comes after it.
		receipts.extend(state.receipt(number).await?);
	}
	let on_chain = OnChain {
		genesis: H256(chain.client.genesis_hash().0),
		head,
		under_way: state.receipt_under_way().await?,
		fund: state.burn_fund().await?,
		burned: state.burned().await?,
		at: state.0.block_number(),
	};
	Ok((receipts, on_chain))
}

/// What the blocks say that the node keeps.
async fn told(
	chain: &Chain,
	output: Output,
	expected: &BTreeMap<u32, Told>,
) -> Result<BTreeMap<u32, Told>> {
	let blocks = count(expected.len(), "block", "blocks");
	output.progress(&format!("looking at {blocks} that the receipts name"));
	let mut told = BTreeMap::new();
	for number in expected.keys() {
		if let Some(said) = chain.told_of_buyback(*number).await? {
			told.insert(*number, said);
		}
	}
	Ok(told)
}

fn list<'a>(verdict: &str, checks: impl Iterator<Item = &'a Check>) -> String {
	checks.map(|check| format!("\n  {verdict}: {}", check.what)).collect()
}

fn reply(receipts: &[Receipt], checks: &[Check], forgotten: usize) -> Reply {
	let weeks: String = receipts.iter().map(|receipt| format!("{}\n", line(receipt))).collect();
	let proven = list("proven", checks.iter());
	let mut text = format!("{weeks}weeks: {}{proven}", receipts.len());
	if forgotten > 0 {
		let blocks = count(forgotten, "block", "blocks");
		text += &format!(
			"\n\nNot looked at: {blocks} whose events the node does not keep. An archive node does."
		);
	}
	let told = json!({
		"receipts": receipts.iter().map(entry).collect::<Vec<_>>(),
		"proven": checks.iter().map(|check| &check.what).collect::<Vec<_>>(),
		"blocks_not_kept": forgotten,
	});
	Reply::new(text, told)
}

fn line(receipt: &Receipt) -> String {
	let (cred, lco) = (|units| Unit::Cred.of(units), |units| Unit::Lco.of(units));
	let Receipt { number, week, profit, loss, spent, left, block, .. } = receipt;
	let earned = match loss {
		0 => format!("profit {}", cred(*profit)),
		_ => format!("a loss of {} to earn first", cred(*loss)),
	};
	let done = match receipt.bought {
		0 => "nothing bought".into(),
		bought => {
			let (price, burned) = (cred(receipt.average_price), lco(receipt.burned));
			let bought = lco(bought);
			format!("{} bought {bought} at {price} each, {burned} burned", cred(*spent))
		},
	};
	format!("receipt {number}, week {week}, block {block}: {earned}; {done}; {} left", cred(*left))
}

fn entry(receipt: &Receipt) -> Value {
	let (cred, lco) = (|units| Unit::Cred.of(units), |units| Unit::Lco.of(units));
	let slices = receipt.slices.iter().map(|slice| {
		json!({
			"block": slice.block,
			"spent": cred(slice.spent),
			"bought": lco(slice.bought),
			"burned": lco(slice.burned),
		})
	});
	json!({
		"number": receipt.number,
		"hash": format!("{:?}", receipt.hash()),
		"previous": format!("{:?}", receipt.previous),
		"week": receipt.week,
		"block": receipt.block,
		"revenue": cred(receipt.books.revenue),
		"cost": cred(receipt.books.cost),
		"refunds": cred(receipt.books.refunds),
		"loss_before": cred(receipt.loss_before),
		"profit": cred(receipt.profit),
		"loss": cred(receipt.loss),
		"burning": cred(receipt.burning),
		"prizes": cred(receipt.prizes),
		"carried": cred(receipt.carried),
		"slices": slices.collect::<Vec<_>>(),
		"spent": cred(receipt.spent),
		"bought": lco(receipt.bought),
		"average_price": cred(receipt.average_price),
		"burned": lco(receipt.burned),
		"left": cred(receipt.left),
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use lx_primitives::{
		buyback::{Books, Link, Slice},
		units::{CRED, LCO},
	};

	fn receipt(books: Books) -> Receipt {
		let link = Link { left: CRED, ..Link::first(H256::zero()) };
		Receipt { block: 99, ..Receipt::start(&link, 2_922).close(books).unwrap() }
	}

	#[test]
	fn a_week_is_told_in_a_line() {
		let bought = receipt(Books { revenue: 55 * CRED, ..Books::default() });
		let slice = Slice { block: 9, spent: 8 * CRED, bought: 4 * LCO, burned: 5 * LCO };
		assert_eq!(
			line(&bought.enter(slice).unwrap()),
			"receipt 0, week 2922, block 99: profit 55 CRED; 8 CRED bought 4 LCO at 2 CRED each, 5 LCO burned; \
			 4 CRED left"
		);
		let lost = receipt(Books { refunds: 3 * CRED, ..Books::default() });
		assert_eq!(
			line(&lost),
			"receipt 0, week 2922, block 99: a loss of 3 CRED to earn first; nothing bought; 1 CRED left"
		);
	}

	#[test]
	fn scripts_get_all_of_a_receipt() {
		let told = entry(&receipt(Books { revenue: 55 * CRED, ..Books::default() }));
		assert_eq!(told["burning"]["units"], "11000000");
		assert_eq!(told["average_price"]["symbol"], "CRED");
		assert_eq!((&told["week"], &told["slices"]), (&json!(2_922), &json!([])));
	}
}
