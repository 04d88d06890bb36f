#!/usr/bin/env node
// What npm puts on the path as `monedero`: the service, and every command. It starts what `prepack` has made of the sources.

import process from 'node:process';

// Node 20 does not have it, and the database driver would then load all of `fetch` to find out where it is.
globalThis.navigator ??= {userAgent: `Node.js/${process.versions.node.split('.')[0]}`};
await import('../dist/package/monedero.js');
