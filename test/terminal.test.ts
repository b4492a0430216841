import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Connection, type Exchange } from '@graceful/conformance/client';
import { adapters } from './src/harness/adapters.js';
import { ServiceProcess } from './src/harness/service-process.js';
import { atTerminal, ctrlC, hasTerminal } from './src/harness/terminal.js';
import { wanted } from './src/scenarios/scenario.js';

const possible = hasTerminal();
const required = process.env['REQUIRE_PTY'] === '1';

if (!possible) {
  console.warn(
    'NOT RUN: Ctrl-C at a terminal. There is no `script` (util-linux) here; REQUIRE_PTY=1 makes this a failure.',
  );
}

it.runIf(required)('a terminal can be made, as REQUIRE_PTY=1 demands', () => {
  expect(possible).toBe(true);
});

/** Longer than any of these tests: whoever waits for it is seen. */
const drain = { delayMs: 60_000, requestsMs: 60_000 };
/** Presses closer together than this are one that was delivered twice. */
const duplicateMs = 500;

/** A service at a terminal, in the middle of a request. */
async function busyService(
  act: (service: ServiceProcess, exchange: Exchange) => Promise<void>,
): Promise<void> {
  const service = await ServiceProcess.start(adapters.coreHttp, wanted({ drain }), atTerminal);
  try {
    const connection = await Connection.open(service.address());
    const exchange = connection.send({ path: '/hold?id=held' });
    await service.entered('held');
    await act(service, exchange);
  } finally {
    await service.destroy();
  }
}

function press(service: ServiceProcess): void {
  service.child.stdin?.write(ctrlC);
}

describe.runIf(possible)('Ctrl-C at a terminal', () => {
  it('skips the lame-duck, for nothing balances towards a laptop, and finishes what is in flight', () =>
    busyService(async (service, exchange) => {
      press(service);
      await service.state('draining');
      service.release('held');
      expect(await exchange.answer()).toMatchObject({ status: 200, saysClose: true });
      expect(await service.exit()).toMatchObject({ code: 0 });
      expect(service.report).toMatchObject({ reason: 'SIGINT', verdict: 'clean' });
    }));

  it('changes nothing when it comes twice for one press, as npm delivers it', () =>
    busyService(async (service, exchange) => {
      press(service);
      await service.state('lame-duck');
      press(service);
      await service.state('draining');
      service.release('held');
      expect(await exchange.answer()).toMatchObject({ status: 200 });
      expect(await service.exit()).toMatchObject({ code: 0 });
      expect(service.report).toMatchObject({ verdict: 'clean', furtherSignals: [] });
    }));

  it('exits at once with 130 when it is pressed again', () =>
    busyService(async (service, exchange) => {
      press(service);
      await service.state('draining');
      await pause(duplicateMs + 100);
      press(service);
      expect(await service.exit()).toMatchObject({ code: 130 });
      expect(exchange.fate).not.toBe('answered');
      expect(service.report).toBeUndefined();
    }));
});
