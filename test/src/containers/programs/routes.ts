import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

const version = process.argv[2] ?? 'v1';
const held: (() => void)[] = [];
const eaten: Buffer[] = [];

/** How many requests wait to be released. */
export function heldCount(): number {
  return held.length;
}

/**
 * What every program answers: `/`, `/echo`, `/slow?ms=`; `/hold`, until somebody
 * asks `/release`; `/memory?mb=`, which takes so much and gives nothing back.
 */
export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  if (url.pathname === '/slow') await after(Number(url.searchParams.get('ms')));
  if (url.pathname === '/hold') await new Promise<void>((resolve) => held.push(resolve));
  if (url.pathname === '/release') for (const release of held.splice(0)) release();
  // Written to, or the kernel would give none.
  if (url.pathname === '/memory') eaten.push(Buffer.alloc(Number(url.searchParams.get('mb')) * 2 ** 20, 1));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ version, pid: process.pid, bytes }));
}
