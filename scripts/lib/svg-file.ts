import {randomBytes} from 'node:crypto';
import {rename, rm, writeFile} from 'node:fs/promises';
import {type Chart, chartSvg} from './chart.ts';
import {type Flag} from './command.ts';
import {fileProblem} from './file-error.ts';

/** For reports that can be drawn: `svg: svgFlag` among the flags. */
export const svgFlag = {
	type: 'text',
	placeholder: 'FILE',
	description: 'Also draw it as bars into this file, which is replaced; any browser shows it.',
	isFile: true,
} as const satisfies Flag;

/** Write a chart under a temporary name beside the file, so that the file is whole or the one before. */
export async function writeSvg(file: string, chart: Chart): Promise<void> {
	const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
	try {
		await writeFile(temporary, chartSvg(chart), {flag: 'wx'});
		await rename(temporary, file);
	} catch (error) {
		await rm(temporary, {force: true});
		throw new Error(`${file} cannot be written: ${fileProblem(error)}.`, {cause: error});
	}
}
