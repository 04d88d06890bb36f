import {
	dawdle,
	type Has,
	type Kind,
	type Members,
	moves,
	newId,
	type Payment,
	refused,
	type Reply,
} from './payments-moves.ts';

/** What the small provider knows of payments. */
export type Book = {
	/** With the payment where it is a new one. */
	readonly create: (body: Members) => Promise<{readonly reply: Reply; readonly payment?: Payment}>;
	readonly operate: (paymentId: string, kind: Kind, body: Members) => Promise<Reply>;
	/** A payment as it stands, as a create and a callback tell it. */
	readonly answer: (payment: Payment) => Members;
};

const methods = ['Privatelabels', 'BankInvoice'];
const notUnderstood: Reply = {
	status: 400,
	body: {status: 'error', code: 'invalid', message: 'What is this?'},
};

export function openBook(has: Has): Book {
	const payments = new Map<string, Payment>();
	/** Payment, kind and request id → what was answered. */
	const answered = new Map<string, Reply>();
	let answers = 0;
	const answer = (payment: Payment) => answerOf(has, payment, answers++);

	return {
		answer,
		async create(body) {
			const sent = String(body['paymentId']);
			const paymentId = has('long ids cut short') ? sent.slice(0, 64) : sent;
			const cents = centsOf(body['value'], has('a decimal comma for nothing'));
			const known = payments.get(paymentId);
			if (known !== undefined) {
				repeat(has, known, cents);
				return {reply: {status: 200, body: answer(known)}};
			}

			await dawdle(has, 'two payments for parallel creates');
			const refusal = refusalOf(has, body);
			if (refusal !== undefined) {
				return {reply: refusal};
			}

			const payment = paymentOf(has, paymentId, body, cents);
			payments.set(paymentId, payment);
			if (payment.status === 'denied' && has('400 for a denial')) {
				return {reply: notUnderstood};
			}

			const told = has('card numbers in messages') ? {message: `Card ${numberOf(body) ?? ''}`} : {};
			return {reply: {status: 200, body: {...answer(payment), ...told}}, payment};
		},
		async operate(paymentId, kind, body) {
			// One that is cancelled before it comes is denied when it comes; of all else that is too early nothing is kept.
			const payment = payments.get(paymentId) ?? paymentOf(has, paymentId, {card: {number: '0'}}, 0);
			const forgets =
				has('no memory of early cancellations') || has('no cancellations of what is not there yet');
			if (kind === 'cancellations' && !forgets) {
				payments.set(paymentId, payment);
			}

			if (!payments.has(paymentId) && has('no cancellations of what is not there yet')) {
				return refused(has, kind, body);
			}

			const space = has('one requestId for everything') ? '' : kind;
			const key = JSON.stringify([paymentId, space, body['requestId']]);
			const known = answered.get(key);
			if (known !== undefined && !has('ignored requestIds')) {
				return known;
			}

			const reply = await moves[kind](has, payment, body, centsOf(body['value'], false));
			if (isDone(reply) || has('refusals remembered for good')) {
				answered.set(key, reply);
			}

			return reply;
		},
	};
}

/** Refusals are tried anew when they are asked for again. */
function isDone({status, body}: Reply): boolean {
	return status === 200 && (body as Members)['settleId'] !== null;
}

function answerOf(has: Has, payment: Payment, count: number): Members {
	const {paymentId, status, tid, hasPage} = payment;
	const isApproved = status === 'approved';
	if (status === 'undefined' && has('short answers while a payment waits')) {
		return {paymentId, status, tid, ...(hasPage && pageOf(has, payment))};
	}

	const authorizationId = isApproved ? `aut-${tid}` : has('null as id of a denial') ? null : '';
	const delays = {
		delayToAutoSettle: 432_000,
		delayToAutoSettleAfterAntifraud: 1800,
		delayToCancel: has('a minute to pay') ? 60 : 86_400 + (has('delays that change') ? count : 0),
	};
	return {
		...{paymentId, status, acquirer: 'Small', code: null, message: null},
		tid: has('numbers as ids') ? Number.parseInt(tid.slice(0, 8), 16) : tid,
		...((isApproved || !has('no ids for denials')) && {nsu: `nsu-${tid}`, authorizationId}),
		...(!has('no delays') && delays),
		...(hasPage && status === 'undefined' && !has('an invoice without an address') && pageOf(has, payment)),
	};
}

function pageOf(has: Has, {tid}: Payment): Members {
	return {paymentUrl: `https://small.example.com/pay/${has('an address that changes') ? newId() : tid}`};
}

/** What a create changes about a payment that is there: nothing. */
function repeat(has: Has, payment: Payment, cents: number): void {
	payment.tid = has('new ids for a repeated create') ? newId() : payment.tid;
	payment.approved += has('a second charge for a repeated create') ? cents : 0;
	payment.approved = has('the last value of a repeated create counts') ? cents : payment.approved;
	if (payment.cancellationId !== undefined && has('approved again after the cancellation')) {
		payment.status = 'approved';
	}
}

function refusalOf(has: Has, body: Members): Reply | undefined {
	if (String(body['value']).includes(',') && has('400 for decimal commas')) {
		return notUnderstood;
	}

	const isKnown = methods.includes(String(body['paymentMethod']));
	if (!isKnown && !has('any method approved') && !has('denials for unknown methods')) {
		return has('HTML for errors') ? {status: 500, body: '<html>Oops</html>'} : notUnderstood;
	}

	const {buyer = {}} = (body['miniCart'] ?? {}) as {readonly buyer?: Members};
	const needsDocument = has('no buyers without a document') && buyer['document'] === null;
	const needsCard = has('no create without a card') && typeof body['card'] !== 'object';
	return needsDocument || needsCard ? notUnderstood : undefined;
}

function paymentOf(has: Has, paymentId: string, body: Members, cents: number): Payment {
	const number = body['paymentMethod'] === 'BankInvoice' ? undefined : numberOf(body);
	const end = endOf(number);
	const isVerified = body['verificationOnly'] === true && !has('a charge for a verification');
	const isMeant = methods.includes(String(body['paymentMethod'])) || has('any method approved');
	const isDenied = number !== '4444333322221111' || !isMeant || (isVerified && has('no verifications'));
	const status = end !== undefined ? 'undefined' : isDenied ? 'denied' : 'approved';
	return {
		...{paymentId, tid: newId(), callbackUrl: String(body['callbackUrl'])},
		...{status, end, hasPage: number === undefined},
		approved: status === 'denied' || isVerified ? 0 : cents,
		...{settled: 0, refunded: 0, cancellationId: undefined},
	};
}

/** Without a number it is a page that is paid by itself. */
function endOf(number: string | undefined): Payment['end'] {
	if (number === undefined || number === '4222222222222224') {
		return 'approved';
	}

	return number === '4222222222222225' ? 'denied' : undefined;
}

function numberOf({card}: Members): string | undefined {
	const {number} = (card ?? {}) as Members;
	return typeof number === 'string' && number !== 'null' ? number : undefined;
}

function centsOf(value: unknown, isThousands: boolean): number {
	const text = String(value).replace(',', isThousands ? '' : '.');
	return Math.round(Number(text) * 100);
}
