import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ledger } from '@graceful/conformance/client';
import { Held } from '../src/containers/held.js';
import { programsImage } from '../src/containers/images/service-images.js';
import { OwnEngine, whyNoOwnEngine } from '../src/containers/own-engine.js';
import { ServiceContainer } from '../src/containers/service-container.js';
import { sweep } from '../src/containers/sweep.js';
import { SocketFolder } from '../src/listeners/addresses.js';
import { Load } from '../src/supervisor/load.js';
import { describeContainers } from './describe-containers.js';

/** Without a network: whatever an engine does to networks is not what is looked at here. */
async function serving(folder: SocketFolder): Promise<ServiceContainer> {
  const socket = folder.path();
  return await ServiceContainer.ready({
    image: await programsImage(),
    command: ['node', 'app.js'],
    env: { SOCKET: `/run/service/${basename(socket)}`, DRAIN: JSON.stringify({ delayMs: 0 }) },
    socket,
    networkMode: 'none',
    host: { Binds: [`${dirname(socket)}:/run/service`], RestartPolicy: { Name: 'always' } },
    create: { StopTimeout: 60, User: '0:0' },
  });
}

await describeContainers(
  'the engine is restarted',
  () => {
    let engine: OwnEngine;

    beforeAll(async () => {
      engine = await OwnEngine.start(true);
    });
    afterAll(async () => {
      await sweep();
      await engine[Symbol.asyncDispose]();
    });

    it.for(['SIGTERM', 'SIGKILL'] as const)(
      'with live-restore, by %s: the containers serve on, and are stopped in order later',
      async (signal) => {
        using folder = new SocketFolder();
        await using service = await serving(folder);
        using load = new Load({ at: service.address });
        await load.more();
        const { Pid: pid } = (await service.inspect()).State;

        await engine.end(signal);
        await load.more(200);
        await engine.startAgain(true);
        await load.more();

        await load.nothingLost();
        expect((await service.inspect()).State).toMatchObject({ Running: true, Pid: pid });
        const same = await service.again();
        expect(await same.stop(), same.output).toMatchObject({ code: 0 });
        expect(same.report).toMatchObject({ verdict: 'clean', reason: 'SIGTERM' });
      },
    );

    it.for([
      { signal: 'SIGTERM', when: 'when the engine ends' },
      { signal: 'SIGKILL', when: 'when the next one starts' },
    ] as const)(
      'without live-restore, by $signal: they are stopped $when, drain, and are started again',
      async ({ signal }) => {
        await engine.end('SIGTERM');
        await engine.startAgain(false);
        using folder = new SocketFolder();
        await using service = await serving(folder);
        using held = await Held.at(service);

        const restarted = (async () => {
          await engine.end(signal);
          await engine.startAgain(false);
        })();
        // The service is told; nobody can be asked when, for the engine may be the one that has gone.
        await untilRefused(service);
        await held.release();
        await restarted;

        expect(await held.exchange.settled()).toBe('answered');
        const same = await service.again();
        await same.log.until('the report', ({ report }) => report?.verdict === 'clean');
        await untilReadyTwice(same);
      },
    );
  },
  { whyNot: whyNoOwnEngine, concurrent: false },
);

/** Resolves when the service has closed its listener. */
async function untilRefused({ address }: ServiceContainer): Promise<void> {
  const knocking = new Ledger();
  while (knocking.refusals.length === 0) {
    const connection = await knocking.connect(address).catch(() => {});
    connection?.close();
    // A listener that closes tells nobody.
    await sleep(20);
  }
}

/** Resolves when it has been ready for the second time. */
async function untilReadyTwice({ log }: ServiceContainer): Promise<void> {
  await log.until('the second start', () => log.all.filter(({ state }) => state === 'ready').length === 2);
}
