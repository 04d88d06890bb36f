import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {type Context} from './command.ts';
import {counted} from './counted.ts';
import {type CsvColumn, openCsv} from './csv-write.ts';
import {writeOut} from './out-file.ts';
import {type Print} from './print.ts';

/** What an export consists of. */
export type Export<Row> = {
	readonly columns: readonly CsvColumn<Row>[];
	/** A row as `--json` prints it. */
	readonly value: (row: Row) => unknown;
	/** What a row is called: one, and several. */
	readonly noun: readonly [one: string, several: string];
	readonly read: (onRows: (rows: readonly Row[]) => Promise<void>) => Promise<void>;
};

type Wish = {readonly out: string | undefined; readonly force: boolean};

/**
 * Write rows as CSV, or with `--json` as JSON lines, to `--out` or standard output, as fast as whoever reads takes them.
 * @throws Error when it was stopped: what is on standard output is incomplete, and of a file nothing is left
 */
export async function exportRows<Row>(
	context: Context,
	wish: Wish,
	{columns, value, noun, read}: Export<Row>,
): Promise<void> {
	const {print, signal} = context;
	let count = 0;
	const write = async (output: Print) => {
		const csv = output.isJson ? undefined : openCsv(output, columns);
		await read(async rows => {
			if (signal.aborted) {
				throw new Error(`Stopped after ${counted(count, ...noun)}: what was written is incomplete.`);
			}

			rows.forEach(row => {
				output.value(value(row));
			});
			await (csv === undefined ? output.room() : csv.rows(rows));
			count += rows.length;
		});
	};
	await writeOut(context, wish, write);
	if (wish.out !== undefined) {
		print.value({file: wish.out, [noun[1]]: count});
		print.line(`${counted(count, ...noun)} written to ${wish.out}.`);
	}
}

/** Rows, each with what its amounts are counted in. */
export async function withAssets<Row extends {readonly assetId: number}>(
	{parts: {assets}, merchant}: Context,
	rows: readonly Row[],
): Promise<(Row & {readonly asset: MerchantAsset})[]> {
	const ids = [...new Set(rows.map(({assetId}) => assetId))];
	const found = new Map(
		await Promise.all(ids.map(async id => [id, await assets.byId(merchant.id, id)] as const)),
	);
	return rows.flatMap(row => {
		const asset = found.get(row.assetId);
		return asset === undefined ? [] : [{...row, asset}];
	});
}
