import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { CompanionProcess, socketIn } from '../src/companion-client/companion-process.js';
import { ExampleClient } from '../src/companion-client/example-client.js';
import { SocketFolder } from '../src/listeners/addresses.js';

const startPython = (socket: string) =>
  ExampleClient.start(
    ['python3', 'service.py'],
    { GRACEFUL_COMPANION: socket, PORT: '0', DELAY: '0.2' },
    /listening on/,
  );

/** A program that says when it is there, and leaves at SIGTERM with `code`. */
const program = (code: number) => `trap 'exit ${code}' TERM; echo begun; while :; do sleep 0.1; done`;

const startShell = (socket: string, code: number) =>
  ExampleClient.start(
    ['sh', 'with-companion.sh', 'job', 'sh', '-c', program(code)],
    { GRACEFUL_COMPANION: socket },
    /begun/,
  );

async function status(client: ExampleClient, path: string): Promise<number> {
  const connection = await Connection.open(client.address);
  const { status: answered } = await connection.ask({ path });
  connection.close();
  return answered;
}

describe.concurrent('the client in Python', () => {
  it.each([
    ['at SIGTERM', (_companion: CompanionProcess, client: ExampleClient) => client.signal('SIGTERM')],
    [
      'at the word of the companion',
      (companion: CompanionProcess) => void companion.ask('POST', '/v1/drain', { reason: 'operator' }),
    ],
  ])('serves, and leaves %s when its last request is answered, with a clean receipt', async (_how, leave) => {
    using folder = new SocketFolder();
    await using companion = await CompanionProcess.start(folder.folder);
    await using client = await startPython(companion.socket);
    await companion.reached('ready', 'hello');
    expect(await status(client, '/')).toBe(200);
    const held = await Connection.open(client.address);
    const exchange = held.send({ path: '/?s=1' });
    // It is at work before it is told.
    await companion.seen('hello', ({ inFlight }) => inFlight === 1);
    leave(companion, client);
    expect(await exchange.answer()).toMatchObject({ status: 200, body: 'hello\n' });
    expect(await client.exit(), client.stderr).toEqual({ code: 0, signal: null });
    expect(client.stderr).toBe('');
    await companion.reached('gone', 'hello');
    expect(await companion.receipts()).toMatchObject([
      { name: 'hello', verdict: 'clean', served: 2, dropped: 0, exit: { how: 'bye' } },
    ]);
  });

  it('serves and leaves without a companion', async () => {
    using folder = new SocketFolder();
    await using client = await startPython(socketIn(folder.folder));
    expect(await status(client, '/')).toBe(200);
    client.signal('SIGTERM');
    expect(await client.exit()).toEqual({ code: 0, signal: null });
    expect(client.stderr).toBe('');
  });

  it('comes back to a companion that was killed', async () => {
    using folder = new SocketFolder();
    const first = await CompanionProcess.start(folder.folder);
    await using client = await startPython(first.socket);
    await first.reached('ready', 'hello');
    first.signal('SIGKILL');
    await first.exit();
    await using second = await CompanionProcess.start(folder.folder);
    await second.reached('ready', 'hello');
    client.signal('SIGTERM');
    expect(await client.exit()).toEqual({ code: 0, signal: null });
    await second.reached('gone', 'hello');
    expect((await second.receipts()).at(-1)).toMatchObject({ name: 'hello', verdict: 'clean' });
  });
});

describe.concurrent('the client in shell', () => {
  it.each([
    [0, 'clean'],
    [3, 'forced'],
  ])('ends its program at the word of the companion; code %i makes a receipt %s', async (code, verdict) => {
    using folder = new SocketFolder();
    await using companion = await CompanionProcess.start(folder.folder);
    await using client = await startShell(companion.socket, code);
    await companion.reached('ready', 'job');
    await companion.ask('POST', '/v1/drain', { reason: 'operator' });
    expect(await client.exit(), client.stderr).toEqual({ code, signal: null });
    await companion.reached('gone', 'job');
    expect(await companion.receipts()).toMatchObject([{ name: 'job', verdict, exit: { how: 'bye' } }]);
  });

  it('hands SIGTERM on, and ends as its program does, with a companion or without', async () => {
    using folder = new SocketFolder();
    await using companion = await CompanionProcess.start(folder.folder);
    await using client = await startShell(companion.socket, 7);
    await companion.reached('ready', 'job');
    client.signal('SIGTERM');
    expect(await client.exit()).toEqual({ code: 7, signal: null });
    await using alone = await startShell(`${folder.folder}/nobody.sock`, 5);
    alone.signal('SIGTERM');
    expect(await alone.exit()).toEqual({ code: 5, signal: null });
  });
});
