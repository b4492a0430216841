import { spawn } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { BeforeLoading } from '../config.js';
import { haltAt } from './tell.js';

/** The protocol as somebody writes it who does not know this package. */
const channel = Number(process.env['GRACEFUL_CHANNEL']);
const token = process.env['GRACEFUL_TOKEN'] ?? '';
const generation = Number(process.env['GRACEFUL_GENERATION']);

function say(message: object): void {
  writeSync(channel, `${JSON.stringify(message)}\n`);
}

function hello(v = 1, as = token): void {
  say({ type: 'hello', v, token: as, generation, pid: process.pid });
}

/** Waits for the parent to say `type`. */
async function hear(type: string): Promise<void> {
  const bytes = Buffer.alloc(65_536);
  for (let text = ''; !text.includes(`"type":"${type}"`); ) {
    try {
      text += bytes.toString('utf8', 0, readSync(channel, bytes));
    } catch (error) {
      // The descriptor does not block.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** For as long as it is let. */
function stay(): Promise<void> {
  setInterval(() => {}, 60_000);
  return new Promise(() => {});
}

/** Do what is wrong. Resolves where the service is to start after it all. */
export async function misbehave(how: BeforeLoading): Promise<void> {
  switch (how) {
    case 'exits with 0':
      return process.exit(0);
    case 'exits with 3':
      return process.exit(3);
    case 'is killed':
      return void process.kill(process.pid, 'SIGKILL');
    case 'says nothing':
      return stay();
    case 'says nothing, deaf to SIGTERM':
      process.on('SIGTERM', () => {});
      return stay();
    case 'exits, a process of its own holds the channel':
      spawn('sleep', ['1.5'], { stdio: ['ignore', 'inherit', 'inherit', channel], detached: true }).unref();
      return process.exit(3);
    case 'says garbage':
      hello();
      writeSync(channel, '{"type":"prepared"\n');
      return stay();
    case 'says a line of 100 KB':
      hello();
      writeSync(channel, `{"type":"status","text":"${'x'.repeat(100_000)}`);
      return stay();
    case 'says ready first':
      say({ type: 'ready', listeners: [] });
      return stay();
    case 'says hello twice':
      hello();
      hello();
      return stay();
    case 'says prepared twice':
      hello();
      say({ type: 'prepared' });
      say({ type: 'prepared' });
      return stay();
    case 'says ready before it was told to listen':
      hello();
      say({ type: 'ready', listeners: [] });
      return stay();
    case 'speaks version 99':
      hello(99);
      return stay();
    case 'says the token of another':
      hello(1, 'f'.repeat(32));
      return stay();
    case 'says fatal':
      hello();
      await hear('welcome');
      say({ type: 'fatal', reason: 'the licence has expired' });
      return stay();
    case 'says what nobody knows, and then starts':
      say({ type: 'greetings', from: 'the future' });
      return undefined;
    case 'serves without the protocol': {
      haltAt('before listen()');
      const server = createServer((_request, response) =>
        response.end(JSON.stringify({ pid: process.pid, generation })),
      );
      server.listen({ fd: 3 }, () => writeSync(channel, '\n'));
      process.on('SIGTERM', () => process.exit(0));
      return stay();
    }
  }
}
