import {type Job} from './job.ts';

/** Forget wrong codes and PINs once they count no more (B12). By the system's clock, as those who count them. */
export const forgetGuesses: Job = {
	name: 'forget-guesses',
	description: 'Forget wrong redemption codes and PINs that were tried more than an hour ago.',
	everySeconds: 900,
	async runOnce({prisma}) {
		const {count} = await prisma.guessLimit.deleteMany({where: {expire: {lte: BigInt(Date.now())}}});
		return {forgotten: count};
	},
};
