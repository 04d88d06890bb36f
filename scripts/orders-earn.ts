import {readFile} from 'node:fs/promises';
import {type ProgramOutcome} from '../src/loyalty/apply-order.ts';
import {type SoldOrder} from '../src/loyalty/order.ts';
import {findVtexAccess} from '../src/merchants/vtex-keys.ts';
import {formatAmount} from '../src/money/amount.ts';
import {isOrderId} from '../src/orders/doorbell.ts';
import {OrderSourceError} from '../src/orders/source.ts';
import {type Context, defineCommand, UsageError} from './lib/command.ts';
import {fileProblem} from './lib/file-error.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

export const ordersEarn = defineCommand({
	name: 'orders:earn',
	summary: 'Book the points of some orders now: by their ids from VTEX, or from a file of order documents.',
	details: [
		'What was booked for an order is brought to what it should have earned by now, up or down; to repeat it changes nothing. A file holds one ' +
			'document as GET /api/oms/pvt/orders/ID answers it, a list of them, or one on each line. Documents have personal data in them: ' +
			'only what points depend on is kept.',
		'booked: points were added or taken back. unchanged: they were right. older: a newer document of the order was booked before. nothing: it ' +
			'earns nothing. nobody: it names no shopper whom the points could be for. unknown: nothing can be said yet.',
	],
	flags: {
		order: {type: 'text', placeholder: 'ID,ID', description: 'Orders by their ids, separated by commas.'},
		file: {type: 'text', placeholder: 'F', description: 'Order documents as JSON.', isFile: true},
	},
	changes: true,
	examples: [
		'--order 1530241870044-01',
		'--order 1530241870044-01,1530241870048-01 --json',
		'--file orders.json',
	],
	async run(context, {order, file}) {
		if ((order === undefined) === (file === undefined)) {
			throw new UsageError('Say which orders: --order ID,ID, or --file F.');
		}

		const orders = order === undefined ? await fromFile(file ?? '') : await fromVtex(context, order);
		const results: Result[] = [];
		try {
			await applyAll(context, orders, results);
		} finally {
			// Also of a run that ends early: these are booked.
			printResults(context, results);
		}

		const failed = results.filter(({problem}) => problem !== undefined).length;
		if (failed > 0) {
			throw new Error(
				`${failed} of ${results.length} could not be booked. What was booked stays; to repeat all of it is safe.`,
			);
		}
	},
});

/** An order to come: where it is from, for people, and how to get it. */
type Coming = {
	readonly name: string;
	readonly get: (context: Context) => Promise<SoldOrder>;
};

/** Of an order in one program; of one that failed, or that no program is for, without. */
type Result = {
	readonly orderId: string;
	readonly outcome?: ProgramOutcome;
	readonly problem?: string;
};

async function fromVtex({parts, merchant}: Context, typed: string): Promise<Coming[]> {
	const ids = [...new Set(typed.split(',').map(id => id.trim()))];
	const wrong = ids.find(id => !isOrderId(id));
	if (wrong !== undefined) {
		throw new UsageError(
			`--order takes ids such as 1530241870044-01, separated by commas; not "${wrong.slice(0, 40)}".`,
		);
	}

	const access = await findVtexAccess(parts, merchant, 'orders');
	if (access === undefined) {
		throw new Error(
			`${merchant.name} has no keys of its VTEX account. Enter them first with credentials:vtex, or give --file.`,
		);
	}

	return ids.map(name => ({name, get: () => parts.orders.source.fetch(access, name)}));
}

async function fromFile(file: string): Promise<Coming[]> {
	const documents = documentsOf(await textOf(file));
	return documents.map((document, index) => ({
		name: `order ${index + 1} of the file`,
		get: async ({parts}) => Promise.resolve(parts.orders.source.read(document)),
	}));
}

async function textOf(file: string): Promise<string> {
	try {
		return await readFile(file, 'utf8');
	} catch (error) {
		throw new Error(`${file} cannot be read: ${fileProblem(error)}.`, {cause: error});
	}
}

/** One document, a list of them, or one on each line. */
function documentsOf(text: string): unknown[] {
	const whole = parsed(text);
	if (whole !== undefined) {
		return Array.isArray(whole) ? whole : [whole];
	}

	return text
		.split('\n')
		.map((line, index) => ({line, number: index + 1}))
		.filter(({line}) => line.trim() !== '')
		.map(({line, number}) => {
			const document = parsed(line);
			if (document === undefined) {
				throw new Error(`The file is not JSON, as a whole or line by line: line ${number} is none.`);
			}

			return document;
		});
}

/** Without the cause of a failure: it quotes the document. */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

/** Applies one order after the other, and says of each what became of it. */
async function applyAll(context: Context, orders: readonly Coming[], results: Result[]): Promise<void> {
	const {parts, merchant, signal} = context;
	for (const {name, get} of orders) {
		signal.throwIfAborted();
		try {
			const {orderId, programs} = await parts.orders.applyOrder(merchant, await get(context));
			results.push(...(programs.length === 0 ? [{orderId}] : programs.map(outcome => ({orderId, outcome}))));
		} catch (error) {
			// Of an order only: what else fails would fail for all of them.
			if (!(error instanceof OrderSourceError) || error.problem === 'refused') {
				throw error;
			}

			results.push({orderId: name, problem: error.message});
		}
	}
}

function printResults({print}: Context, results: readonly Result[]): void {
	for (const {orderId, outcome, problem} of results) {
		const {program, reason} = outcome ?? {};
		print.value(
			outcome === undefined
				? {orderId, kind: problem === undefined ? 'nothing' : 'failed', reason: noProgram(problem), problem}
				: {orderId, program, kind: outcome.kind, points: pointsOf(outcome), reason},
		);
	}

	printTable(print, results, [
		{title: 'Order', text: ({orderId}) => orderId, isShrinking: true},
		{title: 'Program', text: ({outcome}) => outcome?.program ?? ''},
		{
			title: 'Outcome',
			text: ({outcome, problem}) => outcome?.kind ?? (problem === undefined ? 'nothing' : 'failed'),
		},
		{title: 'Points', text: ({outcome}) => (outcome === undefined ? '' : pointsOf(outcome)), isRight: true},
		{title: 'Why', text: ({outcome, problem}) => outcome?.reason ?? problem ?? noProgram(outcome) ?? ''},
	]);
}

/** Why an order that neither failed nor has an outcome earned nothing. */
function noProgram(said: unknown): string | undefined {
	return said === undefined ? 'noProgram' : undefined;
}

const pointsOf = ({units, points}: ProgramOutcome) => formatAmount(units, points);

await runAsScript(import.meta.url, ordersEarn);
