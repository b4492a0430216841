import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Graceful } from '@graceful/core';
import type { Handover } from '@graceful/handover';
import type { Registry } from 'prom-client';
import type { Request } from '../config.js';
import { counter } from './routes.js';

const opened: number[] = [];

/** What a process can be asked by the harness. */
export function answerTo(
  request: Request,
  graceful: Graceful,
  service: Handover,
  register: Registry,
): unknown {
  switch (request.do) {
    case 'upgrade':
      return service.upgrade();
    case 'upgrade often':
      return Promise.all(Array.from({ length: request.times }, () => service.upgrade()));
    case 'descriptors':
      return descriptors();
    case 'start a program':
      return startProgram();
    case 'exhaust':
      return exhaust();
    case 'relent':
      for (const fd of opened.splice(0)) closeSync(fd);
      return undefined;
    case 'change environment':
      Object.assign(process.env, request.set);
      return undefined;
    case 'change folder':
      process.chdir(request.to);
      return undefined;
    case 'count':
      return counter.requests;
    case 'metrics':
      return register.metrics();
    case 'throw from each listener':
      service.onUpgrade(() => {
        throw new Error('a listener that throws');
      });
      return undefined;
    case 'states':
      return { state: graceful.state, upgrade: service.upgradeState, parent: service.parent };
  }
}

function descriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      // That of the listing itself.
      return [];
    }
  });
}

async function startProgram(): Promise<{ descriptors: string[]; variables: string[] }> {
  const child = spawn('sh', ['-c', 'ls /proc/$$/fd; echo --; env'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [fds = '', variables = ''] = (await text(child.stdout)).split('--\n');
  return { descriptors: fds.trim().split('\n'), variables: variables.trim().split('\n') };
}

function exhaust(): string {
  for (;;) {
    try {
      opened.push(openSync('/dev/null', 'r'));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? '';
    }
  }
}
