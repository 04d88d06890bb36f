export {restoreCluster, type RestoreOptions} from './db/restore.ts';
