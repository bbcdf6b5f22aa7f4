// What trades in the market of LCO for CRED move, by its terms.

import assert from 'node:assert/strict';
import { CRED } from './chain.mjs';

/** The L-Coin's place among the assets. */
export const LCO = 0;

/** Planck of a lot. One costs as many µCRED as its price has ticks. */
export const LOT = 10_000_000_000n;

/** What the market charges, in basis points. */
const MAKER_FEE = 10n;
const TAKER_FEE = 20n;

/** The market's terms as the chain shows them. */
export const TERMS = {
	base: LCO,
	quote: CRED,
	lot: LOT,
	tick: 1n,
	min_notional: 1_000_000n,
	maker_fee: Number(MAKER_FEE),
	taker_fee: Number(TAKER_FEE),
};

/**
 * What each account has more or less after trades, `{ lco, cred }` by its address, and the fund by
 * the name `fund`. Each event has to tell the fees that the terms make.
 */
export function movedBy(trades) {
	const moved = {};
	const add = (who, asset, amount) => {
		moved[who] ??= { lco: 0n, cred: 0n };
		moved[who][asset] += amount;
	};
	for (const trade of trades) {
		const [maker, taker] = [trade.maker_account.owner, trade.taker_account.owner];
		const amounts = { lco: trade.lots * LOT, cred: trade.lots * BigInt(trade.tick) };
		const [bought, paid] = trade.taker_side.type === 'Bid' ? ['lco', 'cred'] : ['cred', 'lco'];
		const fees = {
			[bought]: feeOf(amounts[bought], TAKER_FEE),
			[paid]: feeOf(amounts[paid], MAKER_FEE),
		};
		assert.deepEqual([trade.taker_fee, trade.maker_fee], [fees[bought], fees[paid]]);
		add(taker, paid, -amounts[paid]);
		add(maker, bought, -amounts[bought]);
		add(taker, bought, amounts[bought] - fees[bought]);
		add(maker, paid, amounts[paid] - fees[paid]);
		for (const asset of [bought, paid]) add('fund', asset, fees[asset]);
	}
	return moved;
}

/** Rounded up, so that no trade is too small to pay one. */
function feeOf(amount, basisPoints) {
	return (amount * basisPoints + 9_999n) / 10_000n;
}
