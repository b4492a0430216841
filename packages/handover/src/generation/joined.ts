import { subscribe } from 'node:diagnostics_channel';
import type { Graceful } from '@graceful/core';
import type { HandoverKit } from '@graceful/core/handover';
import { takeMembership } from './environment.js';
import { environmentAtStart } from './launch.js';
import { Member } from './member.js';

/** Shared by all copies of this package in a process: its variables can be read only once. */
const key = Symbol.for('@graceful/handover.member.1');

/**
 * This process as one of a generation; `undefined` in one that was started
 * cold. Whatever service is made here takes part without knowing of it.
 *
 * @throws HandoverError `ERR_HANDOVER_ENVIRONMENT`
 */
export function joined(): Member | undefined {
  const shared = globalThis as { [key]?: Member | 'cold' };
  shared[key] ??= join() ?? 'cold';
  return shared[key] === 'cold' ? undefined : shared[key];
}

function join(): Member | undefined {
  // As it was at the start: whoever made a service has taken it out since.
  const membership = takeMembership(process.env, process, environmentAtStart()['LISTEN_PID']);
  if (!membership) return undefined;
  const member = new Member(membership);
  subscribe('graceful:service', (message) => {
    const { version, graceful, kit } = message as {
      version: number;
      graceful: Graceful;
      kit: HandoverKit;
    };
    if (version === 1) member.bind(graceful, kit);
  });
  return member;
}
