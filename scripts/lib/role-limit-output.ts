import {listRoleLimits} from '../../src/admins/role-limits.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {type Context} from './command.ts';
import {printTable} from './table.ts';

/** What a limit is, and what it is not. */
export const limitsNote =
	'A person has the role that admins:create gave them; whoever is no admin acts as an operator. A viewer may only run what changes nothing. ' +
	'Limits guard against slips, and audit:trail shows who did what. They do not stop somebody who means harm: who can run these commands can type ' +
	'another name after --actor, and can reach the database.';

/** Print all limits of the merchant. */
export async function printRoleLimits({parts, merchant, print}: Context): Promise<void> {
	const limits = await Promise.all(
		(await listRoleLimits(parts.prisma, merchant.id)).map(async ({assetId, ...limit}) => ({
			...limit,
			asset: await parts.assets.byId(merchant.id, assetId),
		})),
	);
	for (const {role, asset, perCommand, perDay} of limits) {
		const amount = (units: bigint | null) => (units === null ? null : toJsonNumber(units, asset));
		const value = {role, currency: asset.code, perCommand: amount(perCommand), perDay: amount(perDay)};
		print.value({merchant: merchant.name, ...value});
	}

	printTable(print, limits, [
		{title: 'Role', text: ({role}) => role},
		{title: 'By one command', text: ({perCommand, asset}) => shown(perCommand, asset), isRight: true},
		{
			title: `In a day (${merchant.timeZone})`,
			text: ({perDay, asset}) => shown(perDay, asset),
			isRight: true,
		},
	]);
	if (limits.length === 0) {
		print.line(`${merchant.name} limits nobody. roles:limit sets a limit.`);
	}
}

function shown(units: bigint | null, asset: MerchantAsset): string {
	return units === null ? `any ${asset.code}` : formatMoney(units, asset);
}
