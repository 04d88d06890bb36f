import {type Account} from '../../src/ledger/chart.ts';
import {type EntryKind} from '../../src/ledger/entry.ts';
import {formatAmount, formatMoney} from '../../src/money/amount.ts';
import {type Asset} from '../../src/money/asset.ts';
import {type Print} from '../lib/print.ts';
import {type BookedEntry} from './books.ts';

/** Something is not as the story says it should be. */
export class StoryError extends Error {
	override readonly name = 'StoryError';
}

/** Where the story is told: numbered steps, under each who calls whom, what the books got, and what stands on the card. */
export type Stage = {
	readonly step: (title: string) => void;
	/** A call, or a command: who makes it, what it is, and what came back. */
	readonly call: (who: string, what: string, result: string) => void;
	readonly entries: (entries: readonly BookedEntry[], asset: Asset) => void;
	/** A bar as long as `whole`, in minor units. */
	readonly card: (
		card: {readonly balance: bigint; readonly held: bigint; readonly whole: bigint},
		asset: Asset,
	) => void;
	/** What a person should notice. */
	readonly remark: (text: string) => void;
	/** What a command printed. */
	readonly quote: (text: string) => void;
	/** How many steps were told. */
	readonly steps: () => number;
};

const barWidth = 40;
const indent = '    ';
const whoWidth = 18;
const whatWidth = 55;

export function openStage(print: Print): Stage {
	let steps = 0;
	const line = (label: string, text: string) => {
		print.line(`${indent}${label.padEnd(whoWidth)}${text}`);
	};

	return {
		step(title) {
			steps++;
			print.line(`\n${print.styled('bold', `${String(steps).padStart(2)}  ${title}`)}`);
		},
		call(who, what, result) {
			line(who, `${what.padEnd(whatWidth)}  ${print.styled('dim', result)}`);
		},
		entries(entries, asset) {
			if (entries.length === 0) {
				line('the books', print.styled('dim', 'nothing new'));
			}

			entries.forEach(({kind, postings}, index) => {
				const texts = postings.map(
					({account, amount}) => `${accountWords[account]} ${signed(amount, asset)}`,
				);
				line(
					index === 0 ? 'the books' : '',
					`${entryWords[kind].padEnd(12)}${print.styled('cyan', texts.join(', '))}`,
				);
			});
		},
		card({balance, held, whole}, asset) {
			const [first, second] = [cells(balance, whole), cells(held, whole)];
			const bar =
				print.styled('green', '█'.repeat(first)) +
				print.styled('yellow', '▒'.repeat(second)) +
				print.styled('dim', '·'.repeat(Math.max(0, barWidth - first - second)));
			const reserved = held === 0n ? '' : `, ${formatAmount(held, asset)} held`;
			line('the card', `${bar}  ${print.styled('bold', formatMoney(balance, asset))}${reserved}`);
		},
		remark(text) {
			line('', print.styled('dim', text));
		},
		quote(text) {
			print.line(`\n${text.trimEnd()}`);
		},
		steps: () => steps,
	};
}

/** @throws StoryError that says what is and what should be */
export function expect<Value>(what: string, actual: Value, expected: Value): void {
	if (actual !== expected) {
		throw new StoryError(`${what} should be ${String(expected)}, but is ${String(actual)}.`);
	}
}

function cells(units: bigint, whole: bigint): number {
	return Number((units * BigInt(barWidth) + whole / 2n) / whole);
}

function signed(units: bigint, asset: Asset): string {
	return units < 0n ? `−${formatAmount(-units, asset)}` : `+${formatAmount(units, asset)}`;
}

const entryWords = {
	issue: 'issue',
	credit: 'credit',
	authorize: 'authorize',
	capture: 'capture',
	release: 'release',
	refund: 'refund',
	reverseCredit: 'take back',
	expire: 'expire',
	close: 'close',
	transfer: 'transfer',
	adjust: 'adjust',
	earn: 'earn',
	clawback: 'claw back',
	extend: 'extend',
} as const satisfies Record<EntryKind, string>;

const accountWords = {
	available: 'available',
	held: 'held',
	debt: 'debt',
	fundingSold: 'funding (sold)',
	fundingPromotional: 'funding (promotional)',
	fundingCourtesy: 'funding (courtesy)',
	fundingMigrated: 'funding (migrated)',
	fundingCredit: 'funding (credit)',
	fundingEarned: 'funding (earned)',
	redeemed: 'redeemed',
	breakage: 'breakage',
	adjustment: 'adjustment',
	exchange: 'exchange',
	committed: 'committed',
} as const satisfies Record<Account, string>;
