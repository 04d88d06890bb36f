import {createPrivateKey, type KeyObject, X509Certificate} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {type SecureContextOptions} from 'node:tls';
import {type Config} from '../config.ts';
import {type Log} from './log.ts';

/** A certificate file or key file cannot be used; the message names the variable and says what to do. */
export class TlsFileError extends Error {
	constructor(message: string, cause?: unknown) {
		super(message, {cause});
		this.name = 'TlsFileError';
	}
}

export type TlsFiles = {readonly certFile: string; readonly keyFile: string};

/** What a server needs to serve HTTPS, and the end of its certificate's validity. */
export type TlsPair = {
	readonly options: Required<Pick<SecureContextOptions, 'cert' | 'key' | 'minVersion'>>;
	readonly validTo: Date;
};

/** Nothing where HTTPS is not configured: then a reverse proxy speaks it. */
export function tlsFilesOf({
	tlsCertFile,
	tlsKeyFile,
}: Partial<Pick<Config, 'tlsCertFile' | 'tlsKeyFile'>>): TlsFiles | undefined {
	return tlsCertFile === undefined || tlsKeyFile === undefined
		? undefined
		: {certFile: tlsCertFile, keyFile: tlsKeyFile};
}

/**
 * Read the certificate chain and its key, and see that they belong together: OpenSSL takes a pair of two kinds without a word, and
 * then refuses every caller.
 * @throws TlsFileError
 */
export function readTlsPair({certFile, keyFile}: TlsFiles): TlsPair {
	const cert = readNamed('TLS_CERT_FILE', certFile);
	const key = readNamed('TLS_KEY_FILE', keyFile);
	const certificate = certificateOf(cert, certFile);
	if (!certificate.checkPrivateKey(privateKeyOf(key, keyFile))) {
		throw new TlsFileError(
			`The key of TLS_KEY_FILE (${keyFile}) does not belong to the first certificate of TLS_CERT_FILE (${certFile}). Put the server's own certificate first, and its issuers after it.`,
		);
	}

	return {options: {cert, key, minVersion: 'TLSv1.2'}, validTo: new Date(certificate.validTo)};
}

/**
 * Let a server read its certificate again, as SIGHUP asks for. Connections that are open go on as they are; a pair that cannot be
 * used changes nothing.
 * @param renew - undefined without HTTPS
 */
export function renewCertificate(
	renew: (() => TlsPair) | undefined,
	log: Pick<Log, 'info' | 'warn' | 'error'>,
	now = Date.now(),
): void {
	if (renew === undefined) {
		log.info('SIGHUP ignored: there is no certificate to read again without TLS_CERT_FILE');
		return;
	}

	try {
		const {validTo} = renew();
		log[validTo.getTime() > now ? 'info' : 'warn']({validTo}, 'The certificate was read again');
	} catch (error) {
		log.error({error}, 'The certificate was not changed: the new one cannot be used');
	}
}

function readNamed(variable: string, file: string): Buffer {
	try {
		return readFileSync(file);
	} catch (error) {
		const reasons: Readonly<Record<string, string>> = {
			ENOENT: 'does not exist',
			EACCES: 'may not be read by this user',
			EISDIR: 'is a folder',
		};
		const {code = ''} = error as NodeJS.ErrnoException;
		throw new TlsFileError(
			`The file of ${variable} ${reasons[code] ?? `cannot be read (${code})`}: ${file}. Correct ${variable}, or the file.`,
			error,
		);
	}
}

function certificateOf(pem: Buffer, file: string): X509Certificate {
	try {
		return new X509Certificate(pem);
	} catch (error) {
		throw new TlsFileError(
			`The file of TLS_CERT_FILE holds no certificate in PEM: ${file}. It begins with -----BEGIN CERTIFICATE-----.`,
			error,
		);
	}
}

function privateKeyOf(pem: Buffer, file: string): KeyObject {
	try {
		return createPrivateKey(pem);
	} catch (error) {
		// What Node says of it depends on its version.
		const isLocked = pem.includes('ENCRYPTED');
		throw new TlsFileError(
			isLocked
				? `The key of TLS_KEY_FILE is protected by a passphrase: ${file}. Store it without one, readable by this user only.`
				: `The file of TLS_KEY_FILE holds no private key in PEM: ${file}. It begins with -----BEGIN PRIVATE KEY-----.`,
			error,
		);
	}
}
