import test from 'ava';
import {type MergingWallet, planWallets} from '../../src/customers/merge-plan.ts';

const wallet = (cardId: string, assetId = 1, status: MergingWallet['status'] = 'active'): MergingWallet => ({
	cardId,
	assetId,
	status,
});
const nothing = {merging: [], retired: [], blocked: []};

test('a wallet that the survivor has not changes owner like any card', t => {
	t.deepEqual(planWallets([wallet('1')], []), nothing);
	t.deepEqual(planWallets([wallet('1')], [wallet('2', 2)]), nothing);
	t.deepEqual(planWallets([], [wallet('2')]), nothing);
});

test('of two wallets for an asset the value of one moves to the other', t => {
	t.deepEqual(planWallets([wallet('1'), wallet('3', 2)], [wallet('2'), wallet('4', 3)]), {
		...nothing,
		merging: [{fromCardId: '1', toCardId: '2'}],
	});
});

test('a closed wallet makes room, whosever it is', t => {
	t.deepEqual(planWallets([wallet('1')], [wallet('2', 1, 'closed')]), {...nothing, retired: ['2']});
	t.deepEqual(planWallets([wallet('1', 1, 'closed')], [wallet('2')]), {...nothing, retired: ['1']});
});

test('a blocked wallet is told where its value would move, and nowhere else', t => {
	t.deepEqual(planWallets([wallet('1', 1, 'blocked')], [wallet('2')]).blocked, ['1']);
	t.deepEqual(planWallets([wallet('1', 1, 'blocked')], []).blocked, []);
	t.deepEqual(planWallets([wallet('1')], [wallet('2', 1, 'blocked')]).blocked, []);
});
