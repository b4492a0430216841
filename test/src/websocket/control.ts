import { randomBytes } from 'node:crypto';
import type { Graceful } from '@graceful/core';
import { onceToldMs, type SocketCommand, type SocketNotice, type SocketServiceConfig } from './protocol.js';

export function readConfig(): SocketServiceConfig {
  return JSON.parse(process.env['SOCKET_SERVICE'] ?? '{}') as SocketServiceConfig;
}

export function tell(notice: SocketNotice): void {
  process.send?.(notice);
}

const waiting: (() => void)[] = [];

/** Resolves when the harness releases what is held. */
export function released(path: string): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    tell({ type: 'held', path });
  });
}

/** Obey the harness from now on. */
export function obey(graceful: Graceful, send: (messages: readonly (string | Buffer)[]) => void): void {
  process.on('message', (command: SocketCommand) => {
    switch (command.type) {
      case 'release':
        for (const resolve of waiting.splice(0)) resolve();
        return;
      case 'send': {
        const { messages, fillerBytes = 0 } = command;
        send(fillerBytes > 0 ? [randomBytes(fillerBytes), ...messages] : messages);
        return tell({ type: 'sent' });
      }
      case 'drain':
        return graceful.shortenDeadline(onceToldMs);
      case 'count':
        return tell({ type: 'counted', connections: graceful.connections });
    }
  });
  // Nothing of the harness may keep the service alive, or stand in its report.
  process.channel?.unref();
}
