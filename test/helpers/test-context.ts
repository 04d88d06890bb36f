import type {ExecutionContext} from 'ava';

/** What a helper needs of a test: to clean up after it. */
export type TestContext = Pick<ExecutionContext, 'teardown'>;
