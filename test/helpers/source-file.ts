import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import ts from 'typescript';

/** A place in a source file, its text on one line. */
export type Place = {readonly line: number; readonly text: string};

/** Something that a file imports: as written, and as a path from the repository's root where it is a file of ours. */
export type Import = Place & {readonly specifier: string; readonly target: string | undefined};

/** What the rules of the architecture ask of a file: what it imports, and where it reads a clock, chance or the environment. */
export type SourceFile = {
	readonly path: string;
	readonly imports: readonly Import[];
	readonly clocks: readonly Place[];
	readonly environment: readonly Place[];
};

const root = fileURLToPath(new URL('../../', import.meta.url));

const clockOrChance =
	/^(?:globalThis\.)?(?:Date\.now|performance\.\w+|process\.(?:hrtime|uptime)|Math\.random|crypto\.\w*[rR]andom\w*)$/;
const calledClockOrChance =
	/^(?:Date|setTimeout|setInterval|setImmediate|randomBytes|randomUUID|randomInt|getRandomValues)$/;
const environment = /^(?:globalThis\.)?process(?:\.env|\[(?:'env'|"env")\])$/;

/** All our source files in these folders, without the generated database client. */
export function readSources(...folders: readonly string[]): SourceFile[] {
	return folders
		.flatMap(folder =>
			readdirSync(path.join(root, folder), {recursive: true, encoding: 'utf8'}).map(
				name => `${folder}/${name}`,
			),
		)
		.map(name => name.replaceAll('\\', '/'))
		.filter(name => /\.[cm]?[jt]s$/.test(name) && !name.startsWith('src/db/generated'))
		.sort()
		.map(name => readSource(name, readFileSync(path.join(root, name), 'utf8')));
}

/** Reads one file through the compiler's parser, so that comments and strings are not taken for code. */
export function readSource(name: string, text: string): SourceFile {
	const parsed = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
	const imports: Import[] = [];
	const clocks: Place[] = [];
	const environmentReads: Place[] = [];
	const visit = (node: ts.Node): void => {
		const specifier = importedBy(node);
		if (specifier !== undefined) {
			imports.push({...placeOf(node, parsed), specifier, target: targetOf(name, specifier)});
		}

		if (readsClockOrChance(node)) {
			clocks.push(placeOf(node, parsed));
		}

		if (readsEnvironment(node)) {
			environmentReads.push(placeOf(node, parsed));
		}

		ts.forEachChild(node, visit);
	};
	visit(parsed);
	return {path: name, imports, clocks, environment: environmentReads};
}

/** What a node imports: by declaration, by export, at run time, or as a type. */
function importedBy(node: ts.Node): string | undefined {
	if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
		return textOf(node.moduleSpecifier);
	}

	if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
		return textOf(node.arguments[0]);
	}

	return ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
		? textOf(node.argument.literal)
		: undefined;
}

function readsClockOrChance(node: ts.Node): boolean {
	if (ts.isNewExpression(node)) {
		return node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0;
	}

	return ts.isCallExpression(node)
		? calledClockOrChance.test(node.expression.getText())
		: ts.isPropertyAccessExpression(node) && clockOrChance.test(node.getText());
}

function readsEnvironment(node: ts.Node): boolean {
	if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
		return environment.test(node.getText());
	}

	if (ts.isVariableDeclaration(node)) {
		return node.initializer?.getText() === 'process' && /\benv\b/.test(node.name.getText());
	}

	return ts.isImportDeclaration(node) && /\benv\b.*from '(?:node:)?process'/s.test(node.getText());
}

function textOf(node: ts.Node | undefined): string | undefined {
	return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function targetOf(name: string, specifier: string): string | undefined {
	return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(name), specifier) : undefined;
}

function placeOf(node: ts.Node, parsed: ts.SourceFile): Place {
	const {line} = parsed.getLineAndCharacterOfPosition(node.getStart(parsed));
	return {line: line + 1, text: node.getText(parsed).replaceAll(/\s+/g, ' ').slice(0, 160)};
}
