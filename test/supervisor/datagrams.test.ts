import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { within } from '@graceful/conformance/client';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.py`, import.meta.url));
const echo = (version: string) => ['python3', fixture('datagram-echo'), version] as const;

it('a UDP socket that the supervisor was given is passed on to every generation, and none of its datagrams is lost', async () => {
  await using supervisor = await SupervisorProcess.serving({ command: echo('v1') }, (command) => [
    'python3',
    fixture('give-datagrams'),
    ...command,
  ]);
  expect((await supervisor.status()).sockets).toMatchObject([{ name: 'log' }]);
  const port = Number(/udp port (\d+)/.exec(supervisor.output)?.[1]);
  const client = createSocket('udp4');
  const ask = async (text: string) => {
    client.send(text, port, '127.0.0.1');
    const [answer] = (await within(20_000, `an answer to ${text}`, once(client, 'message'))) as [Buffer];
    return answer.toString();
  };
  try {
    expect(await ask('before')).toBe('v1 before');
    const upgraded = supervisor.upgrade(echo('v2'));
    const during: string[] = [];
    const over = new AbortController();
    void upgraded.then(() => over.abort());
    while (!over.signal.aborted) during.push(await ask(`${during.length}`));
    expect(await upgraded).toEqual({ done: 'ok' });
    expect(during.map((each) => each.split(' ')[1])).toEqual(during.map((_each, index) => `${index}`));
    await supervisor.logged('the old one leaves', ({ message }) => message === 'generation 1 has left');
    expect(await ask('after')).toBe('v2 after');
  } finally {
    client.close();
  }
  supervisor.signal('SIGTERM');
  // What a program leaves with that knows nothing of graceful.
  expect(await supervisor.exit()).toMatchObject({ signal: null });
});
