import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { atTerminal, ctrlC, hasTerminal } from '../src/harness/terminal.js';
import { nodeService } from '../src/supervisor/behaviour.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const possible = hasTerminal();
const required = process.env['REQUIRE_PTY'] === '1';
const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];
/** Presses closer together than this are one that was delivered twice. */
const duplicateMs = 500;

if (!possible) {
  console.warn(
    'NOT RUN: Ctrl-C at the terminal of a supervisor. There is no `script` (util-linux) here; REQUIRE_PTY=1 makes this a failure.',
  );
}

it.runIf(required)('a terminal can be made, as REQUIRE_PTY=1 demands', () => {
  expect(possible).toBe(true);
});

/** At a terminal, in the middle of a request. */
async function busy() {
  const command = nodeService({ drain: { delayMs: 0, requestsMs: 60_000 } });
  const supervisor = await SupervisorProcess.serving({ listen, command, stopMs: 60_000 }, atTerminal);
  const connection = await Connection.open(await supervisor.address());
  await connection.ask({ path: '/' });
  const exchange = connection.draft({ method: 'POST', path: '/echo', body: 'xyz' });
  exchange.send(exchange.wire.headBytes + 1);
  return { supervisor, exchange };
}

describe.runIf(possible)('Ctrl-C at a terminal', () => {
  it('ends the service in order, and its processes hear of it from the supervisor alone', async () => {
    const { supervisor, exchange } = await busy();
    await using _ = supervisor;
    supervisor.child.stdin?.write(ctrlC);
    await supervisor.reached(1, 'draining');
    expect(await exchange.send().answer()).toMatchObject({ status: 200 });
    expect(await supervisor.exit()).toMatchObject({ code: 0 });
    await supervisor.nothingLeft();
  });

  it('is one press when it comes twice at once', async () => {
    const { supervisor, exchange } = await busy();
    await using _ = supervisor;
    supervisor.child.stdin?.write(ctrlC);
    supervisor.child.stdin?.write(ctrlC);
    await supervisor.reached(1, 'draining');
    expect(await exchange.send().answer()).toMatchObject({ status: 200 });
    expect(await supervisor.exit()).toMatchObject({ code: 0 });
  });

  it('pressed again ends everything at once with 130', async () => {
    const { supervisor, exchange } = await busy();
    await using _ = supervisor;
    supervisor.child.stdin?.write(ctrlC);
    await supervisor.reached(1, 'draining');
    await pause(duplicateMs + 100);
    supervisor.child.stdin?.write(ctrlC);
    expect(await supervisor.exit()).toMatchObject({ code: 130 });
    expect(await exchange.settled()).not.toBe('answered');
    await supervisor.nothingLeft();
  });
});
