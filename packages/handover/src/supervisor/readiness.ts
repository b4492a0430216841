import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { acceptedBy } from './accepted-by.js';
import type { Readiness } from './options.js';

/** Between two questions, in milliseconds. */
const everyMs = 100;
/** For an answer, in milliseconds. */
const answerMs = 1_000;

/**
 * Find out from outside whether the process `pid` serves. Resolves when it
 * does; rejects when `signal` is aborted, for then nobody wants to know any more.
 */
export async function serves(
  readiness: Exclude<Readiness, { kind: 'channel' }>,
  pid: number,
  signal: AbortSignal,
): Promise<void> {
  if (readiness.kind === 'timer') {
    await after(readiness.ms, undefined, { signal });
    return;
  }
  while (!(await asks(readiness, pid))) await after(everyMs, undefined, { signal });
}

async function asks(readiness: Extract<Readiness, { kind: 'http' | 'tcp' }>, pid: number): Promise<boolean> {
  const { host, port } = readiness.kind === 'tcp' ? readiness : addressOf(new URL(readiness.url));
  const socket = connect({ host, port });
  socket.setTimeout(answerMs, () => socket.destroy());
  socket.on('error', () => {});
  try {
    // Before anything is asked: a server may close with its answer, and then nobody knows whose it was.
    if (!(await connected(socket)) || !(await acceptedBy(socket, pid, answerMs))) return false;
    return readiness.kind === 'tcp' || (await answers(socket, readiness.url));
  } finally {
    socket.destroy();
  }
}

function addressOf({ hostname, port }: URL): { host: string; port: number } {
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 80) };
}

function connected(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
}

function answers(socket: Socket, url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { createConnection: () => socket }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 400);
    });
    asked.once('error', () => resolve(false));
    asked.once('close', () => resolve(false));
    asked.end();
  });
}
