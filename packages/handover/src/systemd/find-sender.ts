import { commandSender } from './command-sender.js';
import { ffiSender } from './ffi-sender.js';
import type { Sender } from './sender.js';

/** The best way there is to `socket`; `undefined` where there is none. */
export function findSender(socket: string): Sender | undefined {
  return ffiSender(socket) ?? commandSender(socket);
}
