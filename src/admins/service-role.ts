/* What `db:roles` makes; the rooms below know how. */

export {makeServiceRole, readInstallation, roleName, serviceRoleSql} from '../db/roles.ts';
