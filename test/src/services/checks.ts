import type { CheckConfig } from '../harness/protocol.js';

/** What a check does when it is asked. */
export const answers: Readonly<Record<CheckConfig['does'], () => unknown>> = {
  passes: () => 1,
  hangs: () => new Promise(() => {}),
  throws: () => {
    throw new Error('secret: password=hunter2');
  },
  // The case that crashes a peer: nothing to read a message from.
  'rejects-undefined': () => Promise.reject(undefined),
};
