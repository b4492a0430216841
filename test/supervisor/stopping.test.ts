import { describe, expect, it } from 'vitest';
import type { Exchange } from '@graceful/conformance/client';
import { connectTo } from '../src/supervisor/ask.js';
import { nodeService, pythonService, rawChild } from '../src/supervisor/behaviour.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];
const body = 'x'.repeat(1_000);

/** A request that is half sent to generation `number`, which must wait for the rest. */
async function halfSent(supervisor: SupervisorProcess, number: number): Promise<Exchange> {
  const connection = await connectTo(supervisor, number);
  const exchange = connection.draft({ method: 'POST', path: '/echo', body });
  return exchange.send(exchange.wire.headBytes + 1);
}

describe('SIGTERM', () => {
  it('lets all generations drain side by side, and none of their requests is lost', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    const held = [await halfSent(supervisor, 1)];
    for (const generation of [2, 3]) {
      expect(await supervisor.upgrade(nodeService({ version: `v${generation}` }))).toEqual({ done: 'ok' });
      held.push(await halfSent(supervisor, generation));
    }
    supervisor.signal('SIGTERM');
    await supervisor.reached(3, 'draining');
    const { state, generations } = await supervisor.status();
    expect(state).toBe('stopping');
    expect(generations.map((each) => each.state)).toEqual(['draining', 'draining', 'draining']);
    const answers = await Promise.all(held.map((exchange) => exchange.send().answer()));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
    await supervisor.nothingLeft();
  });

  it('has one deadline for all: what drains already hears of it, and what is deaf is killed', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: nodeService({ drain: { requestsMs: 60_000 } }),
      drainMs: 60_000,
      stopMs: 2_000,
    });
    const first = await halfSent(supervisor, 1);
    const deaf = { version: 'v2', ignores: ['SIGTERM'], drain: { requestsMs: 60_000 } } as const;
    expect(await supervisor.upgrade(nodeService(deaf))).toEqual({ done: 'ok' });
    const second = await halfSent(supervisor, 2);
    const begun = performance.now();
    supervisor.signal('SIGTERM');
    const { code } = await supervisor.exit();
    expect(performance.now() - begun).toBeLessThan(10_000);
    // The one that served was forced, and says so.
    expect(code).toBe(1);
    expect(await first.settled()).not.toBe('answered');
    expect(await second.settled()).not.toBe('answered');
    expect(supervisor.log.filter(({ state }) => state === 'exited')).toHaveLength(2);
    await supervisor.nothingLeft();
  });

  it('kills a program that does not leave, and says 137', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: rawChild([{ bytes: '\n' }], true),
      stopMs: 1_000,
    });
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 128 + 9, signal: null });
    await supervisor.nothingLeft();
  });

  it('says 143 for a program that SIGTERM ends', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: rawChild([{ bytes: '\n' }]),
    });
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 128 + 15, signal: null });
  });

  it('uses the signal that the program knows', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: nodeService({ ignores: ['SIGTERM', 'SIGQUIT'] }).map((word) => word) as [string],
      stopSignal: 'SIGINT',
      readiness: { kind: 'timer', ms: 50 },
      stopMs: 20_000,
    });
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 128 + 2, signal: null });
  });

  it.each(['SIGQUIT', 'SIGHUP', 'SIGINT'] as const)('%s ends the service as well', async (signal) => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    supervisor.signal(signal);
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
    await supervisor.nothingLeft();
  });

  it('twice is once', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    const held = await halfSent(supervisor, 1);
    supervisor.signal('SIGTERM');
    await supervisor.reached(1, 'draining');
    supervisor.signal('SIGTERM');
    expect(await supervisor.upgrade()).toMatchObject({ done: 'refused', code: 'stopping' });
    expect(await held.send().answer()).toMatchObject({ status: 200 });
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
  });
});

describe('SIGTERM in the middle of an upgrade ends the new version and drains the old one', () => {
  it.each([
    { when: 'before the first word', command: rawChild([]), state: 'start' },
    { when: 'while it prepares', command: nodeService({ neverReady: true, version: 'v2' }), state: 'hello' },
    { when: 'while both serve', command: nodeService({ version: 'v2' }), state: 'ready' },
    { when: 'while both serve, in Python', command: pythonService('v2'), state: 'ready' },
  ])('$when', async ({ command, state }) => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: nodeService(),
      overlapMs: 60_000,
      stopMs: 20_000,
    });
    const held = await halfSent(supervisor, 1);
    const upgrade = supervisor.upgrade(command);
    if (state === 'start') await supervisor.logged('a start', ({ message }) => message.endsWith(': start'));
    else await supervisor.reached(2, state);
    supervisor.signal('SIGTERM');
    await supervisor.reached(1, 'draining');
    expect(await held.send().answer()).toMatchObject({ status: 200 });
    expect(await upgrade).toMatchObject({ done: 'failed', code: 'aborted' });
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
    await supervisor.nothingLeft();
  });
});

describe('when the supervisor is killed', () => {
  it('its generations finish what they have and leave, and nothing is left', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, workers: 2, command: nodeService() });
    const first = await halfSent(supervisor, 1);
    expect(await supervisor.upgrade(nodeService({ version: 'v2' }))).toEqual({ done: 'ok' });
    const second = await halfSent(supervisor, 2);
    supervisor.signal('SIGKILL');
    expect(await supervisor.exit()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await first.send().answer()).toMatchObject({ status: 200 });
    expect(await second.send().answer()).toMatchObject({ status: 200 });
    await supervisor.nothingLeft();
  });

  it('in the middle of an upgrade, too', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    void supervisor.upgrade(nodeService({ version: 'v2', neverReady: true })).catch(() => {});
    await supervisor.reached(2, 'hello');
    supervisor.signal('SIGKILL');
    await supervisor.exit();
    await supervisor.nothingLeft();
  });
});

describe('generations that drain', () => {
  it('are three at most: one more, and the oldest is ended', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: nodeService({ drain: { requestsMs: 60_000 } }),
      drainMs: 60_000,
    });
    const held = [await halfSent(supervisor, 1)];
    for (const generation of [2, 3, 4, 5]) {
      const command = nodeService({ version: `v${generation}`, drain: { requestsMs: 60_000 } });
      expect(await supervisor.upgrade(command)).toEqual({ done: 'ok' });
      held.push(await halfSent(supervisor, generation));
    }
    await supervisor.logged('the end of the oldest', ({ message }) => message === 'generation 1 has left');
    const answers = await Promise.all(held.map((exchange) => exchange.send().settled()));
    expect(answers[0]).not.toBe('answered');
    expect(answers.slice(1)).toEqual(['answered', 'answered', 'answered', 'answered']);
  });
});
