/**
 * For `@graceful/handover`: what passes listening sockets on. Services need nothing of this.
 *
 * @packageDocumentation
 */
export type { HandoverKit } from './handover-kit.js';
export type { HttpServer } from './http-server.js';
export { handoverKit } from './kits.js';
export { type InheritedSocket, takeInheritedSockets } from './listen/inherited.js';
export type { PendingListen } from './listen/listeners.js';
export type { ListeningSocket } from './listen/listening-socket.js';
export { UnixPath } from './listen/unix-path.js';
