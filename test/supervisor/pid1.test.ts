import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canMakePidNamespace, childOf, inPidNamespace } from '../src/harness/pid-namespace.js';
import { nodeService, rawChild } from '../src/supervisor/behaviour.js';
import { Load } from '../src/supervisor/load.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const possible = canMakePidNamespace();
const required = process.env['REQUIRE_PID_NAMESPACE'] === '1';
const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];

if (!possible) {
  console.warn(
    'NOT RUN: the supervisor as PID 1. `unshare --pid` is not permitted here; REQUIRE_PID_NAMESPACE=1 makes this a failure.',
  );
}

it.runIf(required)('a PID namespace can be made, as REQUIRE_PID_NAMESPACE=1 demands', () => {
  expect(possible).toBe(true);
});

/** The supervisor's number outside of its namespace. */
function pidOf(supervisor: SupervisorProcess): number {
  return childOf(supervisor.pid);
}

describe.runIf(possible)('the supervisor as PID 1 of a container', () => {
  it('upgrades at SIGUSR2 and ends at SIGTERM, with nothing lost', async () => {
    await using supervisor = await SupervisorProcess.serving(
      { listen, command: nodeService() },
      inPidNamespace,
    );
    const pid = pidOf(supervisor);
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^NSpid:\s+\d+\s+1$/m);
    using load = new Load({ at: await supervisor.address() });
    await load.more();
    process.kill(pid, 'SIGUSR2');
    await supervisor.logged('the old one leaves', ({ message }) => message === 'generation 1 has left');
    await load.more();
    await load.nothingLost();
    process.kill(pid, 'SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
    await supervisor.nothingLeft();
  });

  it.each([
    { name: 'of a program that SIGTERM ends: 143', command: rawChild([{ bytes: '\n' }]), code: 143 },
    { name: 'of a program that must be killed: 137', command: rawChild([{ bytes: '\n' }], true), code: 137 },
  ])('ends with the code $name', async ({ command, code }) => {
    await using supervisor = await SupervisorProcess.serving(
      { listen, command, stopMs: 1_000 },
      inPidNamespace,
    );
    process.kill(pidOf(supervisor), 'SIGTERM');
    expect(await supervisor.exit()).toMatchObject({ code });
    await supervisor.nothingLeft();
  });

  it('ends with the code of a service that cannot be started', async () => {
    const command = nodeService({ goes: { at: 'start', code: 5 } });
    await using supervisor = new SupervisorProcess({ listen, command }, inPidNamespace);
    expect(await supervisor.exit()).toMatchObject({ code: 5 });
  });

  it('names the orphans that its processes leave behind dead, and counts them', async () => {
    const command = nodeService({ orphan: true });
    await using supervisor = await SupervisorProcess.serving({ listen, command }, inPidNamespace);
    expect(await supervisor.upgrade()).toEqual({ done: 'ok' });
    const { message, program } = await supervisor.logged('a zombie', ({ level }) => level === 'warn');
    expect(program).toBe('true');
    expect(message).toContain('has died and nobody waits for it');
    expect((await supervisor.status()).zombies).toBeGreaterThan(0);
    process.kill(pidOf(supervisor), 'SIGTERM');
    expect(await supervisor.exit()).toMatchObject({ code: 0 });
  });
});
