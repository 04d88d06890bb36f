import {commandLine} from '../../src/config-command-line.ts';
import {wireIdOf} from '../../src/cards/public-id.ts';
import {type Here, type Remedy, type There} from '../../src/reconcile/compare.ts';
import {type Finding} from '../../src/reconcile/finding.ts';
import {type Asset} from '../../src/money/asset.ts';
import {formatAmount, formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {type Context} from './command.ts';
import {type CsvColumn} from './csv-write.ts';
import {jsonMoment, shownMoment} from './dates.ts';
import {exampleLine, wrapped} from './help.ts';
import {ageOf, packed} from './hold-output.ts';

type Place = Pick<Context, 'merchant' | 'isMerchantNamed'>;

/** A command that mends a finding, as it is typed. */
type Mending = {readonly name: string; readonly flags: string};

const reasonCodes = {
	capture: 'delivered',
	release: 'returned',
	refund: 'returned',
} as const satisfies Record<Remedy, string>;

/**
 * The command that mends a finding, if one is safe. It names the exact amount, so that it is refused where that is not left any more, and a
 * key made of what it leads to, so that it happens once however often it is pasted.
 */
function mendingOf({merchant, isMerchantNamed}: Place, finding: Finding): Mending | null {
	const {remedy, holdId, amount, asset, here} = finding;
	if (remedy === null || holdId === null || here === null) {
		return null;
	}

	const before = {capture: here.captured, refund: here.refunded, release: here.authorized - here.held};
	const [typed, target] = [amount, before[remedy] + amount].map(units => formatAmount(units, asset));
	const flags = [
		`--hold ${wireIdOf(holdId)} --amount ${typed}`,
		`--reason "reconciled with VTEX" --reason-code ${reasonCodes[remedy]}`,
		`--key reconcile-${target}`,
		...(isMerchantNamed ? [`--merchant ${merchant.name}`] : []),
	];
	return {name: `holds:${remedy}`, flags: flags.join(' ')};
}

const typedLine = ({name, flags}: Mending) => commandLine(name, flags);

/** A finding as `--json` prints it. */
export function findingValue(place: Place, finding: Finding, now: number) {
	const {kind, amount, asset, there, here, movedAt, why} = finding;
	const money = (units: bigint) => toJsonNumber(units, asset);
	const moneyThere = (units: bigint) => toJsonNumber(units, there?.asset ?? asset);
	const mending = mendingOf(place, finding);
	return {
		...{kind, orderId: finding.orderId, paymentId: finding.paymentId},
		...{cardId: idOf(finding.cardId), holdId: idOf(finding.holdId)},
		...{amount: money(amount), currency: asset.code},
		vtex: there && {
			...{authorized: moneyThere(there.authorized), captured: moneyThere(there.captured)},
			...{refunded: moneyThere(sumOf(there.refunds)), refunds: there.refunds.map(moneyThere)},
			...{currency: there.asset.code, status: there.status},
		},
		here: here && {
			...{authorized: money(here.authorized), captured: money(here.captured)},
			...{refunded: money(here.refunded), held: money(here.held)},
		},
		...{movedAt: jsonMoment(movedAt), ageDays: Math.floor((now - movedAt) / dayMs), why},
		command: mending && typedLine(mending),
	};
}

/** A finding for people: what it is about, both sides, what it means, and what mends it. */
export function findingLines(place: Place, finding: Finding, now: number): string[] {
	const {kind, amount, asset, there, here, movedAt, why} = finding;
	const {timeZone} = place.merchant;
	const mending = mendingOf(place, finding);
	return [
		`${kind}: ${formatMoney(amount, asset)}`,
		...packed([
			...(finding.orderId === null ? [] : [`order ${finding.orderId}`]),
			...(finding.paymentId === null ? [] : [`payment ${finding.paymentId}`]),
			...(finding.cardId === null ? [] : [`card ${wireIdOf(finding.cardId)}`]),
			...(finding.holdId === null ? [] : [`hold ${wireIdOf(finding.holdId)}`]),
			`last moved ${shownMoment(movedAt, timeZone)} (${timeZone}), ${ageOf(now - movedAt)} ago`,
		]),
		...packed([
			there === null
				? 'VTEX: nothing'
				: `VTEX: ${sideText(there.asset, {...there, refunded: sumOf(there.refunds)})}, ${there.status}`,
		]),
		...packed([
			here === null
				? 'here: nothing'
				: `here: ${sideText(asset, here)}, ${formatMoney(here.held, asset)} held`,
		]),
		`  ${wrapped(why, 2)}`,
		...(mending === null ? [] : [`  ${exampleLine(mending, mending.flags)}`]),
	];
}

type Side = {readonly authorized: bigint; readonly captured: bigint; readonly refunded: bigint};

function sideText(asset: Asset, {authorized, captured, refunded}: Side): string {
	const [a, c, r] = [authorized, captured, refunded].map(units => formatMoney(units, asset));
	return `${a} authorized, ${c} captured, ${r} refunded`;
}

/** A finding as a line of a file. */
export function findingColumns(place: Place, now: number): readonly CsvColumn<Finding>[] {
	const column = (
		name: string,
		of: (finding: Finding) => readonly [units: bigint | undefined, asset: Asset],
	): CsvColumn<Finding> => ({
		name,
		number: finding => {
			const [units, asset] = of(finding);
			return units === undefined ? null : formatAmount(units, asset);
		},
	});
	const here = (name: string, of: (side: Here) => bigint) =>
		column(name, finding => [finding.here === null ? undefined : of(finding.here), finding.asset]);
	const vtex = (name: string, of: (side: There) => bigint) =>
		column(name, ({there, asset}) => (there === null ? [undefined, asset] : [of(there), there.asset]));
	return [
		{name: 'kind', text: ({kind}) => kind},
		{name: 'orderId', text: ({orderId}) => orderId},
		{name: 'paymentId', text: ({paymentId}) => paymentId},
		{name: 'cardId', text: ({cardId}) => idOf(cardId)},
		{name: 'holdId', text: ({holdId}) => idOf(holdId)},
		column('amount', ({amount, asset}) => [amount, asset]),
		{name: 'currency', text: ({asset}) => asset.code},
		vtex('vtexAuthorized', ({authorized}) => authorized),
		vtex('vtexCaptured', ({captured}) => captured),
		vtex('vtexRefunded', ({refunds}) => sumOf(refunds)),
		{name: 'vtexCurrency', text: ({there}) => there?.asset.code ?? null},
		{name: 'vtexStatus', text: ({there}) => there?.status ?? null},
		here('hereAuthorized', ({authorized}) => authorized),
		here('hereCaptured', ({captured}) => captured),
		here('hereRefunded', ({refunded}) => refunded),
		here('hereHeld', ({held}) => held),
		{name: 'movedAt', text: ({movedAt}) => jsonMoment(movedAt)},
		{name: 'ageDays', number: ({movedAt}) => Math.floor((now - movedAt) / dayMs)},
		{name: 'why', text: ({why}) => why},
		{
			name: 'command',
			text: finding => {
				const mending = mendingOf(place, finding);
				return mending && typedLine(mending);
			},
		},
	];
}

const dayMs = 86_400_000;
const idOf = (uuid: string | null) => (uuid === null ? null : wireIdOf(uuid));
const sumOf = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);
