import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import type { Readiness } from './options.js';

/** Between two questions, in milliseconds. */
const everyMs = 100;
/** For an answer, in milliseconds. */
const answerMs = 1_000;

/**
 * Find out from outside whether a program serves. Resolves when it does;
 * rejects when `signal` is aborted, for then nobody wants to know any more.
 */
export async function serves(
  readiness: Exclude<Readiness, { kind: 'channel' }>,
  signal: AbortSignal,
): Promise<void> {
  if (readiness.kind === 'timer') {
    await after(readiness.ms, undefined, { signal });
    return;
  }
  const ask = readiness.kind === 'http' ? () => answers(readiness.url) : () => connects(readiness);
  while (!(await ask())) await after(everyMs, undefined, { signal });
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: answerMs }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 400);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

function connects(address: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: answerMs });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}
