import { describe, expect, it } from 'vitest';
import { why } from '../../src/wait/why.js';

function failure(fields: object, message = 'the words of Node'): Error {
  return Object.assign(new Error(message), fields);
}

const refused = { code: 'ECONNREFUSED', port: 5_432 };

describe('why something is not there', () => {
  it.each([
    [failure({ ...refused, address: '10.0.0.3' }), 'connection refused at 10.0.0.3:5432 (ECONNREFUSED)'],
    [failure({ ...refused, address: '::1' }), 'connection refused at [::1]:5432 (ECONNREFUSED)'],
    // Of a Unix socket: its path is known to whoever asked.
    [failure({ code: 'ECONNREFUSED', address: '/run/app.sock' }), 'connection refused (ECONNREFUSED)'],
    [failure({ code: 'ENOTFOUND' }), 'the name does not resolve (ENOTFOUND)'],
    [
      failure({ code: 'HPE_INVALID_CONSTANT' }),
      'what answers there speaks no HTTP/1.1 (HPE_INVALID_CONSTANT)',
    ],
    [failure({ code: 'EMFILE' }), 'the words of Node (EMFILE)'],
    [failure({ code: 'EMFILE' }, 'EMFILE: too many open files'), 'EMFILE: too many open files'],
    [failure({}), 'the words of Node'],
    ['text', 'text'],
  ])('%s', (error, words) => expect(why(error)).toBe(words));

  it('says what to do about a certificate that nobody here trusts', () => {
    for (const code of [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ]) {
      expect(why(failure({ code }))).toMatch(new RegExp(`NODE_EXTRA_CA_CERTS \\(${code}\\)$`));
    }
  });

  it('says the same of several addresses once, and tells those apart that say something else', () => {
    const one = failure({ ...refused, address: '127.0.0.1' });
    const other = failure({ ...refused, address: '::1' });
    expect(why(new AggregateError([one, one]))).toBe('connection refused at 127.0.0.1:5432 (ECONNREFUSED)');
    expect(why(new AggregateError([one, other]))).toBe(
      'connection refused at 127.0.0.1:5432 (ECONNREFUSED); connection refused at [::1]:5432 (ECONNREFUSED)',
    );
  });
});
