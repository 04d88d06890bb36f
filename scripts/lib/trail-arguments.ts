import path from 'node:path';
import {type Command, commonFlags, type Flags, type Values} from './command.ts';

/** Stands for a value that the audit trail does not store. */
export const unsaid = '…';

// Who logs in at an address, and by which password.
const user = /^([a-z][a-z\d+.-]*:\/\/).*@/i;

/**
 * What the audit trail stores of what was typed: each flag that was given, without secrets and without what names a customer, files
 * without their folders, addresses without a user and a password. Merchant and actor have columns of their own.
 */
export function trailArguments({flags, operand}: Command, values: Values): Record<string, unknown> {
	const all: Flags = {...flags, json: commonFlags.json};
	const given = Object.entries(all).flatMap(([name, flag]) => {
		const value = values[name];
		const isGiven = value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
		const isUnsaid = flag.isSecret === true || flag.isPersonal === true;
		const stored = typeof value === 'string' ? storedText(value, flag.isFile === true) : value;
		return isGiven ? [[name, isUnsaid ? unsaid : stored] as const] : [];
	});
	const named = values['operand'];
	return {
		...(operand !== undefined && typeof named === 'string' && {operand: path.basename(named)}),
		...Object.fromEntries(given),
	};
}

function storedText(text: string, isFile: boolean): string {
	return isFile ? path.basename(text) : text.replace(user, `$1${unsaid}@`);
}
