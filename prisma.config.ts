import {defineConfig} from 'prisma/config';

// Only `prisma generate` and an operator's own `prisma migrate deploy` read this file; the service
// applies its migrations itself (src/db/migrate.ts) and takes its address from src/config.ts.
export default defineConfig({
	schema: 'prisma/schema.prisma',
	migrations: {path: 'prisma/migrations'},
	datasource: {
		url: process.env['DIRECT_DATABASE_URL'] ?? process.env['DATABASE_URL'] ?? '',
	},
});
