import {type Instant} from '../ledger/calendar.ts';
import {type Asset} from '../money/asset.ts';
import {amountText} from './amounts.ts';
import {template, type Template} from './template.ts';
import {type PayTexts} from './texts.ts';

/** What a payment would take, from which cards; no cards where the balance does not suffice. Minor units of one currency. */
export type Preview = {
	readonly currency: Asset;
	readonly parts: readonly PreviewPart[];
	readonly balance: bigint;
};

export type PreviewPart = {
	readonly caption: string | null;
	readonly last4: string | null;
	readonly taken: bigint;
	readonly left: bigint;
};

/** Why the shopper sees the same page again. */
export type PinProblem = 'pinMissing' | 'pinWrong' | 'pinLocked';

export type PayPage = {
	readonly texts: PayTexts;
	readonly locale: string;
	readonly store: string;
	readonly timeZone: string;
	readonly order: string | null;
	readonly value: bigint;
	readonly preview: Preview;
	readonly until: Instant | null;
	readonly token: string;
	readonly needsPin: boolean;
	readonly problem: PinProblem | undefined;
};

/** As many wrong PINs, and as long, as the PINs of cards are patient (minutes). */
export type PinPatience = {readonly misses: number; readonly minutes: number};

export const pinDigitsMax = 12;

type Values = Pick<PayPage, 'texts' | 'store' | 'order' | 'token' | 'needsPin'> & {
	readonly amount: string;
	readonly deadline: string | null;
	readonly cards: readonly {name: string; digits: string | null; taken: string; left: string}[];
	readonly tooSmall: string | null;
	readonly problem: string | null;
	readonly pinDigitsMax: number;
};

const body: Template<Values> = template(`<h1><%= it.texts.heading %></h1>
<p class="sum"><%= it.amount %></p>
<dl class="facts">
<div><dt><%= it.texts.store %></dt><dd><%= it.store %></dd></div>
<% if (it.order !== null) { %><div><dt><%= it.texts.order %></dt><dd><%= it.order %></dd></div><% } %>
<% if (it.deadline !== null) { %><div><dt><%= it.texts.deadline %></dt><dd><%= it.deadline %></dd></div><% } %>
</dl>
<% if (it.cards.length > 0) { %>
<h2><%= it.texts.cards %></h2>
<ul class="cards">
<% for (const card of it.cards) { %>
<li>
<div><span class="name"><%= card.name %></span><% if (card.digits !== null) { %> <span class="digits"><%= it.texts.endingIn(card.digits) %></span><% } %></div>
<dl>
<div><dt><%= it.texts.taken %></dt><dd><%= card.taken %></dd></div>
<div><dt><%= it.texts.left %></dt><dd><%= card.left %></dd></div>
</dl>
</li>
<% } %>
</ul>
<% } %>
<% if (it.tooSmall !== null) { %><p class="notice"><%= it.tooSmall %></p><% } %>
<form method="post" autocomplete="off">
<input type="hidden" name="token" value="<%= it.token %>">
<% if (it.tooSmall === null && it.needsPin) { %>
<% if (it.problem !== null) { %><p class="notice" role="alert" id="problem"><%= it.problem %></p><% } %>
<div class="field">
<label for="pin"><%= it.texts.pin %></label>
<input class="pin" id="pin" name="pin" type="password" inputmode="numeric" pattern="[0-9]*" maxlength="<%= it.pinDigitsMax %>" autocomplete="off" required aria-describedby="<%= it.problem === null ? '' : 'problem ' %>pin-hint"<% if (it.problem !== null) { %> aria-invalid="true" autofocus<% } %>>
<p class="hint" id="pin-hint"><%= it.texts.pinHint %></p>
</div>
<% } %>
<div class="actions">
<% if (it.tooSmall === null) { %><button class="primary" name="action" value="confirm"><%= it.texts.confirm(it.amount) %></button><% } %>
<button class="quiet" name="action" value="decline" formnovalidate><%= it.texts.decline %></button>
</div>
<p class="hint"><%= it.texts.declineHint %></p>
</form>`);

/** The body of the page on which a shopper confirms or declines. */
export function payPageBody(page: PayPage, patience: PinPatience): string {
	const {texts, locale, store, order, value, preview, token, needsPin} = page;
	const money = (units: bigint) => amountText(units, preview.currency, locale);
	return body({
		texts,
		store,
		order,
		token,
		needsPin,
		amount: money(value),
		deadline: deadlineText(page),
		cards: preview.parts.map(({caption, last4, taken, left}) => ({
			name: caption ?? texts.card,
			digits: last4,
			taken: money(taken),
			left: money(left),
		})),
		tooSmall: preview.parts.length > 0 ? null : texts.tooSmall(money(preview.balance), money(value)),
		problem: problemText(page, patience),
		pinDigitsMax,
	});
}

/** By the store's clock, with the name of its zone, because the shopper's is not known. */
function deadlineText({until, locale, timeZone}: PayPage): string | null {
	if (until === null) {
		return null;
	}

	const format = {
		day: 'numeric',
		month: 'short',
		hour: '2-digit',
		minute: '2-digit',
		timeZoneName: 'short',
		timeZone,
	} as const;
	return new Intl.DateTimeFormat(locale, format).format(until);
}

function problemText({texts, problem}: PayPage, {misses, minutes}: PinPatience): string | null {
	switch (problem) {
		case undefined:
			return null;
		case 'pinMissing':
			return texts.pinMissing;
		case 'pinWrong':
			return texts.pinWrong(misses, minutes);
		case 'pinLocked':
			return texts.pinLocked(minutes);
	}
}

type MessageValues = {
	readonly title: string;
	readonly body: string;
	readonly link: {readonly text: string; readonly href: string} | null;
};

/** The body of a page that only says something, with at most one way on. */
export const messageBody: Template<MessageValues> = template(`<h1><%= it.title %></h1>
<p><%= it.body %></p>
<% if (it.link !== null) { %><p class="actions"><a class="button" href="<%= it.link.href %>"><%= it.link.text %></a></p><% } %>`);
