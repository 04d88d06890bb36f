import {findCustomer as resolve, findOrCreateCustomer} from '../../src/customers/customers.ts';
import {type Identifier, identifiersOf} from '../../src/customers/identity.ts';
import {standingOf, survivorOf} from '../../src/customers/survivor.ts';
import {type Context, type Flags, UsageError} from './command.ts';

/** How a customer is named. */
export const customerFlags = {
	customer: {
		type: 'whole',
		placeholder: 'N',
		description: 'The customer, by the number that customers:show prints.',
	},
	'customer-id': {
		type: 'text',
		placeholder: 'X',
		description: "The customer, by VTEX's profile id.",
		isPersonal: true,
	},
	'customer-email': {
		type: 'text',
		placeholder: 'E',
		description: 'The customer, by e-mail address.',
		isPersonal: true,
	},
	'customer-document': {
		type: 'text',
		placeholder: 'D',
		description: 'The customer, by personal or corporate document.',
		isPersonal: true,
	},
} as const satisfies Flags;

type CustomerArgs = {
	readonly customer?: number | undefined;
	readonly 'customer-id'?: string | undefined;
	readonly 'customer-email'?: string | undefined;
	readonly 'customer-document'?: string | undefined;
};

/** A customer as somebody named them: by number, or by what identifies them. */
export type NamedCustomer = {readonly number: string} | {readonly identifiers: readonly Identifier[]};

/** Texts of flags; `label` is what their names begin with, for messages. */
export type CustomerNames = {
	readonly label: string;
	readonly number: number | undefined;
	readonly id: string | undefined;
	readonly email: string | undefined;
	readonly document: string | undefined;
};

/**
 * Read how a customer is named, before anything is looked up or made.
 * @throws UsageError when it is not at all, in two ways at once, or by what names nobody
 */
export function namedCustomer({label, number, id, email, document}: CustomerNames): NamedCustomer {
	const given = [id, email, document].filter(text => text !== undefined);
	if ((number === undefined) === (given.length === 0)) {
		throw new UsageError(
			`Name the customer by --${label} N, or by --${label}-email E, --${label}-document D and --${label}-id X.`,
		);
	}

	if (number !== undefined) {
		return {number: String(number)};
	}

	const identifiers = identifiersOf({id, email, document});
	if (identifiers.length < given.length) {
		throw new UsageError(
			`One of the --${label}-… flags names nobody: an e-mail address has an @ and is none of the aliases of VTEX, a document has digits or letters.`,
		);
	}

	return {identifiers};
}

/** The same, from the flags that are called `customer…`. */
export function customerOf(args: CustomerArgs): NamedCustomer {
	return namedCustomer({
		label: 'customer',
		number: args.customer,
		id: args['customer-id'],
		email: args['customer-email'],
		document: args['customer-document'],
	});
}

/**
 * The number of the customer who is named, or of whoever that customer has become.
 * @throws Error when the merchant knows nobody of that name
 */
export async function findCustomer({parts, merchant}: Context, named: NamedCustomer): Promise<string> {
	const customerId =
		'number' in named
			? (await standingOf(parts.prisma, merchant.id, named.number))?.customerId
			: await identified(parts.prisma, merchant.id, named.identifiers);
	if (customerId === undefined) {
		throw new Error(
			`${merchant.name} knows no customer by this ${'number' in named ? 'number' : 'name'}. Check it, and --merchant where there are several.`,
		);
	}

	return customerId;
}

/**
 * The number of the customer who is named, to give them something: one whom nobody knows yet is made.
 * @throws {CustomerConflictError} {CustomerErasedError}
 */
export async function findOrMakeCustomer({parts, merchant}: Context, named: NamedCustomer): Promise<string> {
	return 'number' in named
		? survivorOf(parts.prisma, merchant.id, named.number)
		: findOrCreateCustomer(parts.prisma, merchant.id, named.identifiers);
}

async function identified(
	prisma: Context['parts']['prisma'],
	merchantId: number,
	identifiers: readonly Identifier[],
): Promise<string | undefined> {
	const resolution = await resolve(prisma, merchantId, identifiers);
	if (resolution.kind === 'conflict') {
		throw new Error('These names belong to different customers. Give only those of the one who is meant.');
	}

	return resolution.kind === 'customer' ? resolution.customerId : undefined;
}
