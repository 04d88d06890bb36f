import {Eta} from 'eta';

export type Template<Values extends object> = (values: Values) => string;

const eta = new Eta({autoEscape: true, useWith: false, cache: false, autoTrim: false});

/**
 * A template in eta's language, compiled once; what it is assigned to says which values it takes. They are properties of `it`. `<%= %>` escapes them for
 * text and for quoted attributes alike, and only `<%~ %>` does not: that is for what another template has made.
 */
export function template(text: string): Template<object> {
	const compiled = eta.compile(text);
	return values => eta.render(compiled, values);
}
