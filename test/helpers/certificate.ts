import {createSign, generateKeyPairSync, type KeyObject, randomBytes} from 'node:crypto';

/** A self-signed certificate and its key, in PEM. */
export type TestCertificate = {readonly cert: string; readonly key: string};

export type CertificateOptions = {
	readonly name?: string;
	/** Besides localhost. */
	readonly host?: string;
	readonly keyType?: 'ec' | 'rsa';
	readonly validFrom?: Date;
	readonly validTo?: Date;
};

const hour = 3_600_000;

/**
 * A certificate for `localhost` and 127.0.0.1, made here: Node reads certificates and makes none, and no other program need be
 * installed. It is an X.509 of version 3 (RFC 5280, 4.1), written in DER by hand.
 */
export function makeCertificate({
	name = 'localhost',
	host,
	keyType = 'ec',
	validFrom = new Date(Date.now() - hour),
	validTo = new Date(Date.now() + 24 * hour),
}: CertificateOptions = {}): TestCertificate {
	const {publicKey, privateKey} =
		keyType === 'ec'
			? generateKeyPairSync('ec', {namedCurve: 'P-256'})
			: generateKeyPairSync('rsa', {modulusLength: 2048});
	const algorithm = algorithms[keyType];
	const subject = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(name)))));
	const toBeSigned = sequence(
		der(0xa0, der(0x02, Buffer.from([2]))),
		der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
		algorithm,
		subject,
		sequence(time(validFrom), time(validTo)),
		subject,
		publicKey.export({type: 'spki', format: 'der'}),
		der(0xa3, sequence(sequence(alternativeName, der(0x04, namesWith(host))))),
	);
	const certificate = sequence(toBeSigned, algorithm, bits(sign(toBeSigned, privateKey)));
	return {
		cert: pem('CERTIFICATE', certificate),
		key: privateKey.export({type: 'pkcs8', format: 'pem'}) as string,
	};
}

// Object identifiers, in DER.
const commonName = Buffer.from('0603550403', 'hex');
const alternativeName = Buffer.from('0603551d11', 'hex');
const algorithms = {
	// ECDSA with SHA-256; RSA (PKCS #1) with SHA-256, whose parameters are NULL.
	ec: sequence(Buffer.from('06082a8648ce3d040302', 'hex')),
	rsa: sequence(Buffer.from('06092a864886f70d01010b', 'hex'), Buffer.from('0500', 'hex')),
};

function namesWith(host?: string): Buffer {
	const more = host === undefined ? [] : [der(0x82, Buffer.from(host))];
	return sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])), ...more);
}

function sign(content: Buffer, key: KeyObject): Buffer {
	return createSign('sha256').update(content).sign(key);
}

function sequence(...parts: readonly Buffer[]): Buffer {
	return der(0x30, ...parts);
}

function bits(content: Buffer): Buffer {
	return der(0x03, Buffer.from([0]), content);
}

/** `20260311150000Z`. */
function time(at: Date): Buffer {
	return der(0x18, Buffer.from(`${at.toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const {length} = content;
	const size =
		length < 0x80 ? [length] : length < 0x1_00 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(label: string, content: Buffer): string {
	const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
	return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
