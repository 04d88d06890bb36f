import {SingleBar} from 'cli-progress';
import {type IssuedCard, type IssueRequest, type IssueResult} from '../../src/cards/issue.ts';
import {wireIdOf} from '../../src/cards/public-id.ts';
import {formatCode, maskCode} from '../../src/cards/redemption-code.ts';
import {formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {type Context} from './command.ts';
import {counted} from './counted.ts';
import {lastDay} from './dates.ts';
import {type Column, tableLines} from './table.ts';

/** What a run of `cards:issue` prints while it goes on. */
export type IssueOutput = {
	readonly chunk: (cards: readonly IssuedCard[]) => void;
	/** The summary. @throws Error, which says how to go on, when the run was stopped */
	readonly end: (result: IssueResult) => void;
	/** Takes the progress bar away; may be called twice. */
	readonly close: () => void;
};

/** Changed by cards:pin since, or forgotten with the codes of its run. */
const hiddenPin = '******';
/** One card is there before a bar could be seen. */
const barFrom = 2;

export function openIssueOutput({print, merchant}: Context, request: IssueRequest): IssueOutput {
	const {asset, count, key, card, withPin} = request;
	const expiringDate = lastDay(card.expiresAt, merchant.timeZone);
	const columns: readonly Column<IssuedCard>[] = [
		{title: 'Card', text: card => wireIdOf(card.publicId)},
		{title: 'Redemption code', text: codeOf},
		...(withPin ? [{title: 'PIN', text: ({pin}: IssuedCard) => pin ?? hiddenPin}] : []),
		{title: 'Balance', text: ({balance}) => formatMoney(balance, asset), isRight: true},
		{title: 'Valid through', text: () => expiringDate ?? 'no end'},
	];
	const secrets = withPin ? 'codes and PINs' : 'codes';
	const bar = openBar(count);
	let isFirst = true;
	let done = 0;
	let masked = 0;
	return {
		chunk(cards) {
			bar?.clear();
			const [titles = '', ...lines] = tableLines(cards, columns);
			if (isFirst) {
				print.line(print.styled('dim', titles));
			}

			isFirst = false;
			cards.forEach((card, index) => {
				print.line(lines[index]);
				print.value({
					id: wireIdOf(card.publicId),
					redemptionCode: codeOf(card),
					...(withPin && {pin: card.pin}),
					balance: toJsonNumber(card.balance, asset),
					currency: asset.code,
					expiringDate,
				});
			});
			done += cards.length;
			masked += cards.filter(({code}) => code === null).length;
			bar?.update(done);
		},
		end({issued, repeated, isComplete}) {
			bar?.close();
			if (!isComplete) {
				throw new Error(
					`Stopped after ${done} of ${count} cards. To go on, repeat the command with --key ${key}`,
				);
			}

			const before = repeated === 0 ? '' : `, ${repeated} printed again`;
			print.line(
				`\n${counted(issued, 'card')} issued${before}, ${formatMoney(request.amount * BigInt(issued), asset)} in all.`,
			);
			print.line(
				print.styled(
					'yellow',
					masked > 0
						? `Masked ${secrets} cannot be shown any more: the run was completed more than a day ago, or the card reissued since.`
						: `The ${secrets} are shown here only: hand them on safely, and keep no copy.`,
				),
			);
		},
		close() {
			bar?.close();
		},
	};
}

function codeOf({code, codeLast4}: IssuedCard): string {
	return code === null ? maskCode(codeLast4) : formatCode(code);
}

type Bar = {readonly clear: () => void; readonly update: (done: number) => void; readonly close: () => void};

/** On standard error, and only on a terminal: standard output belongs to the cards. */
function openBar(count: number): Bar | undefined {
	if (!process.stderr.isTTY || count < barFrom) {
		return undefined;
	}

	const bar = new SingleBar({
		format: 'Issuing {bar} {value}/{total} cards, {eta_formatted} left',
		stream: process.stderr,
		clearOnComplete: true,
		hideCursor: true,
		// Ctrl-C is the command's own.
		gracefulExit: false,
	});
	bar.start(count, 0);
	return {
		// Cards may be printed on the same terminal: the bar makes room and is drawn anew below them.
		clear: () => process.stderr.write('\r\u001B[K'),
		update(done) {
			bar.update(done);
		},
		close() {
			bar.stop();
		},
	};
}
