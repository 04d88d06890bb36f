import {isNative, type Outcome} from '../../src/assemble-setup.ts';
import {type Print} from './print.ts';

/** What became of the entries of others, where something did; and what puts them back. */
export function printLosses(
	print: Print,
	{restored, restoreProblem, lost}: Pick<Outcome, 'restored' | 'restoreProblem' | 'lost'>,
	saved: string,
): void {
	if (restored !== null) {
		print.line(
			`VTEX had replaced the entry of its own gift cards, ${restored.id}. It was put back as it was.`,
		);
	}

	for (const entry of lost) {
		const needed = isNative(entry)
			? `It could not be put back: ${restoreProblem ?? 'VTEX lists it otherwise.'} Put it back soon, for shoppers cannot pay with VTEX's own cards until then.`
			: 'Its keys can be read by nobody: whoever runs that provider has them.';
		print.line(print.styled('red', `${entry.id} is no longer in the Hub as it was.`));
		print.line(`${needed} Its entry as it was stands in ${saved}. What puts it back:`);
		print.line(`PUT /api/giftcardproviders/${encodeURIComponent(entry.id)}`);
		print.line(JSON.stringify(bodyOf(entry)));
	}
}

/** The body to be sent by hand: of what was listed, what people would have to give; the keys are to be filled in. */
function bodyOf(entry: Outcome['lost'][number]) {
	const {id, serviceUrl, oauthProvider, preAuthEnabled, cancelEnabled, caption} = entry;
	return {
		...{id, serviceUrl, oauthProvider, preAuthEnabled, cancelEnabled},
		...(caption !== null && {caption}),
		...(!isNative(entry) && {appKey: '…', appToken: '…'}),
	};
}
