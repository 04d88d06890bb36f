import {variables} from '../../src/config-variables.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {type MerchantChanges} from '../../src/merchants/update.ts';
import {currency as currencyOf} from '../../src/money/asset.ts';
import {type Flags, UsageError} from './command.ts';
import {type Print} from './print.ts';
import {printTable} from './table.ts';

export const merchantFlags = {
	name: {type: 'text', placeholder: 'N', description: "The VTEX account's name.", required: true},
	'time-zone': {
		type: 'text',
		placeholder: 'Z',
		description: 'Cards expire at the end of its day: America/Sao_Paulo.',
	},
	currency: {type: 'text', placeholder: 'BRL', description: 'Of cards that name none: a code of ISO 4217.'},
	sandbox: {type: 'switch', description: 'For homologation, never for real value.'},
} as const satisfies Flags;

type Settings = {
	readonly name: string;
	readonly 'time-zone': string | undefined;
	readonly currency: string | undefined;
};

/** What was typed of a merchant's settings, held to the same rules as the configuration. @throws UsageError */
export function checkedSettings({name, 'time-zone': timeZone, currency}: Settings): MerchantChanges {
	check('name', 'MERCHANT', name);
	check('time-zone', 'TIME_ZONE', timeZone);
	const code = currency?.toUpperCase();
	check('currency', 'CURRENCY', code);
	return {
		...(timeZone !== undefined && {timeZone}),
		...(code !== undefined && {currency: knownCurrency(code)}),
	};
}

function check(flag: string, variable: (typeof variables)[number]['name'], text: string | undefined): void {
	const problem = variables
		.find(({name}) => name === variable)
		?.schema.safeParse(text)
		.error?.issues.at(0)?.message;
	if (text !== undefined && problem !== undefined) {
		throw new UsageError(`--${flag} ${problem}.`);
	}
}

function knownCurrency(code: string): string {
	try {
		return currencyOf(code).code;
	} catch (error) {
		throw new UsageError(`--currency: ${(error as Error).message}`);
	}
}

/** Print merchants, in the mode that was asked for. */
export function printMerchants(print: Print, merchants: readonly Merchant[]): void {
	for (const {name, timeZone, currency, sandbox, foreignCodes} of merchants) {
		print.value({name, timeZone, currency, sandbox, foreignCodes});
	}

	printTable(print, merchants, [
		{title: 'Merchant', text: ({name}) => name},
		{title: 'Time zone', text: ({timeZone}) => timeZone},
		{title: 'Currency', text: ({currency}) => currency},
		{title: 'Sandbox', text: ({sandbox}) => (sandbox ? 'yes' : 'no')},
	]);
}
