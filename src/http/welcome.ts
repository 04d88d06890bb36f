import {type Config} from '../config.ts';
import {type Credential} from '../merchants/credentials.ts';

/** What a person sees at the first start, and only then: how VTEX will call us, and something to try at once. */
export function welcome(config: Pick<Config, 'publicUrl' | 'basePath'>, port: number, credential: Credential): string {
	const {appKey, appToken} = credential;
	// Port 0 asks for any free port, so that only now it is known.
	const serviceUrl = `${config.publicUrl.replace(/:0$/, `:${port}`)}${config.basePath}`;
	return `
Monedero is ready. For the Gift Card Hub of your store, shown this once:

  serviceUrl   ${serviceUrl}
  app key      ${appKey}
  app token    ${appToken}

Try it; an unknown code finds no card, so the answer is []:

  curl ${serviceUrl}/giftcards/_search -H 'Content-Type: application/json' \\
    -H 'X-PROVIDER-API-AppKey: ${appKey}' -H 'X-PROVIDER-API-AppToken: ${appToken}' \\
    -d '{"cart": {"redemptionCode": "AAAA-BBBB-CCCC-DDDD"}}'

`;
}
