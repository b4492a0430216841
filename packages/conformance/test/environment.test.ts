import { expect, it } from 'vitest';
import { environment } from '../src/environment.js';

it('hands on the environment without what a test runner put there, and then what is asked for', () => {
  const own = {
    PATH: '/bin',
    NODE_ENV: 'test',
    VITEST: 'true',
    VITEST_POOL_ID: '1',
    TEST: 'true',
    PORT: '1',
  };
  expect(environment({ PORT: '2' }, own)).toEqual({ PATH: '/bin', PORT: '2' });
  expect(environment({}, { NODE_ENV: 'production' })).toEqual({ NODE_ENV: 'production' });
});
