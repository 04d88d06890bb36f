import {open} from 'node:fs/promises';
import {isOrderId} from '../../src/orders/doorbell.ts';
import {CsvError, readCsv} from './csv.ts';
import {fileProblem} from './file-error.ts';

// A file beyond this is better compared by time.
const ordersMax = 100_000;

/**
 * Ids of orders from a file, each once: one on each line, or the column `order` of comma-separated values.
 * @throws Error that names the line, where something else stands
 */
export async function readOrderIds(file: string): Promise<string[]> {
	const handle = await open(file).catch((error: unknown) => {
		throw new Error(`${file} cannot be read: ${fileProblem(error)}.`);
	});
	try {
		const ids = new Set<string>();
		let column = 0;
		let isFirst = true;
		for await (const {line, cells} of readCsv(handle.createReadStream({autoClose: false}))) {
			const named = isFirst ? cells.findIndex(cell => cell.trim().toLowerCase() === 'order') : -1;
			if (named !== -1) {
				column = named;
			} else if (isFirst && cells.length > 1) {
				throw new Error(`${file} has several columns, and none of them is called order.`);
			} else {
				ids.add(orderIdOn(file, line, cells[column]));
			}

			isFirst = false;
			if (ids.size > ordersMax) {
				throw new Error(`${file} names more than ${ordersMax} orders; compare them by time, with --from.`);
			}
		}

		return [...ids];
	} catch (error) {
		throw error instanceof CsvError ? new Error(`${file}, line ${error.line}: ${error.message}`) : error;
	} finally {
		await handle.close();
	}
}

function orderIdOn(file: string, line: number, cell = ''): string {
	const id = cell.trim();
	if (!isOrderId(id)) {
		throw new Error(`${file}, line ${line}: there is no order's id, such as 1530241870044-01.`);
	}

	return id;
}
