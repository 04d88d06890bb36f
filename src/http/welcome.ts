import {type Config} from '../config.ts';
import {type Credential} from '../merchants/credentials.ts';

/** The address that VTEX is given. Port 0 asks for any free port, so only the open server knows it. */
export function serviceUrl(
	{publicUrl, basePath}: Pick<Config, 'publicUrl' | 'basePath'>,
	port: number,
): string {
	return publicUrl.replace(/:0$/, `:${port}`) + basePath;
}

/** What a person sees at the first start and never again: how VTEX will call us, and something to try at once. */
export function welcome(url: string, {appKey, appToken}: Credential): string {
	return `
Monedero is ready. These belong into the Gift Card Hub of your store; they are shown this once:

  service URL  ${url}
  app key      ${appKey}
  app token    ${appToken}

Try it. No card has this code, so the answer is []:

  curl ${url}/giftcards/_search -H 'Content-Type: application/json' \\
    -H 'X-PROVIDER-API-AppKey: ${appKey}' \\
    -H 'X-PROVIDER-API-AppToken: ${appToken}' \\
    -d '{"cart": {"redemptionCode": "AAAA-BBBB-CCCC-DDDD"}}'

`;
}
