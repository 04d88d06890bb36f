import {bytes, insert, type Row, type Walls} from './wall.ts';
import {fixed} from './triggers.ts';

// Two actions of the first merchant: one that is over and gave out 5, and one that is under way and gave out nothing yet.
const over = '(SELECT min(id) FROM actions)';
const open = '(SELECT max(id) FROM actions)';

const action: Row = {
	merchant_id: '1',
	actor_id: '1',
	role: '2',
	command: "'cards:issue'",
	arguments: "'{}'",
	begun_at: 'now()',
};
const value: Row = {merchant_id: '1', action_id: open, asset_id: '1', day: "'2026-01-01'", reserved: '5'};
const limit: Row = {merchant_id: '1', role: '3', asset_id: '1', per_command: '0'};

/** What these walls stand in front of. */
export const trailRows: readonly string[] = [
	insert('actions', action, {ended_at: 'now()', exit_code: '0'}),
	insert('actions', action),
	insert('action_values', value, {action_id: over, moved: '5', once: bytes(32)}),
	insert('role_limits', limit, {role: '2'}),
];

/** Valid rows that would be accepted as they are. */
export const trailAccepted: readonly string[] = [
	insert('actions', action),
	insert('action_values', value),
	insert('role_limits', limit),
	`UPDATE actions SET ended_at = now(), exit_code = 1 WHERE id = ${open}`,
	'UPDATE role_limits SET per_day = 7',
	'DELETE FROM role_limits',
];

export const trailCheckWalls: Walls = {
	actions_role_check: [['somebody of no role', insert('actions', action, {role: '4'})]],
	actions_command_check: [
		['what was typed after a command', insert('actions', action, {command: "'cards:show --code X'"})],
		['a command without a name', insert('actions', action, {command: "''"})],
	],
	actions_arguments_check: [
		['arguments in a row, as they were typed', insert('actions', action, {arguments: '\'["--code", "X"]\''})],
	],
	actions_exit_code_check: [
		['an end of no known kind', insert('actions', action, {ended_at: 'now()', exit_code: '3'})],
	],
	actions_ended_check: [
		['an end without what it came to', insert('actions', action, {ended_at: 'now()'})],
		['what it came to before its end', insert('actions', action, {exit_code: '0'})],
	],
	action_values_moved_check: [
		['a reservation of nothing', insert('action_values', value, {reserved: '0'})],
		['value that was given out backwards', insert('action_values', value, {moved: '-1'})],
		['more than was reserved', insert('action_values', value, {moved: '6'})],
	],
	action_values_once_check: [
		['a key in clear', insert('action_values', value, {once: "convert_to('ticket', 'UTF8')"})],
	],
	role_limits_role_check: [['a limit for who gives nothing', insert('role_limits', limit, {role: '1'})]],
	role_limits_amounts_check: [
		['a limit that limits nothing', insert('role_limits', limit, {per_command: 'NULL'})],
		['a limit below nothing', insert('role_limits', limit, {per_command: '-1'})],
		['a day below nothing', insert('role_limits', limit, {per_day: '-1'})],
	],
};

export const trailReferenceWalls: Walls = {
	actions_merchant_id_actor_id_fkey: [["nobody's action", insert('actions', action, {actor_id: '999'})]],
	action_values_merchant_id_action_id_fkey: [
		['value that no action gave', insert('action_values', value, {action_id: '999'})],
	],
	action_values_merchant_id_asset_id_fkey: [
		['value of no asset', insert('action_values', value, {asset_id: '999'})],
	],
	role_limits_merchant_id_asset_id_fkey: [
		['a limit of no asset', insert('role_limits', limit, {asset_id: '999'})],
	],
};

export const trailHistoryWalls: Walls = {
	actions_stay: [
		['deleting what was done', `DELETE FROM actions WHERE id = ${over}`],
		['emptying the trail', 'TRUNCATE actions CASCADE'],
	],
	actions_fixed: [
		...fixed('actions', `id = ${open}`, {
			merchant_id: '2',
			id: 'DEFAULT',
			actor_id: 'actor_id + 1',
			role: '3',
			command: "'cards:show'",
			arguments: '\'{"amount": "1"}\'',
			begun_at: "now() + interval '1 day'",
		}),
		['another end', `UPDATE actions SET exit_code = 1 WHERE id = ${over}`],
		['taking an end away', `UPDATE actions SET ended_at = NULL, exit_code = NULL WHERE id = ${over}`],
	],
	action_values_stay: [
		['deleting what was given out', `DELETE FROM action_values WHERE action_id = ${over}`],
		['emptying it', 'TRUNCATE action_values'],
	],
	action_values_fixed: [
		...fixed('action_values', `action_id = ${over}`, {
			merchant_id: '2',
			action_id: open,
			asset_id: 'asset_id + 1',
			day: "'2026-01-02'",
			reserved: '6',
			once: 'NULL',
			moved: '4',
		}),
	],
};
