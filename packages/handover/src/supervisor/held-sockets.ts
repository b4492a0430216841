import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { type InheritedSocket, takeInheritedSockets, UnixPath } from '@graceful/core/handover';
import { HandoverError } from '../handover-error.js';
import type { ListenSpec } from './options.js';

/** Node's default, and so that of those that listen. */
const defaultBacklog = 511;

/**
 * What Node's own cluster binds with: a handle that never listens. There is no
 * public way on Node 20 and 22; `net.BoundSocket` of later ones does the same.
 */
interface BoundHandle {
  readonly fd: number;
  getsockname?(out: { address?: string; port?: number; family?: string }): number;
  close(): void;
}

const createHandle = (
  net as unknown as {
    _createServerHandle(address: string | null, port: number, addressType: number): BoundHandle | number;
  }
)._createServerHandle;

/**
 * The sockets of a service, bound here and listened on by its processes. They
 * are never polled here: who does not accept can neither steal a connection
 * nor reset one, and the queue outlives every process.
 */
export class HeldSockets {
  readonly #list: InheritedSocket[] = [];
  readonly #handles: BoundHandle[] = [];
  readonly #paths: UnixPath[] = [];

  get list(): readonly InheritedSocket[] {
    return this.#list;
  }

  /**
   * Bind what is asked for, and take what this process was given (`LISTEN_FDS`,
   * sd_listen_fds(3)). One that was given is not bound again.
   *
   * @throws {@link HandoverError} `ERR_HANDOVER_LISTEN`
   */
  async open(specs: readonly ListenSpec[]): Promise<void> {
    this.#list.push(...takeInheritedSockets(process.env));
    try {
      for (const spec of specs) {
        if (!this.#list.some(({ name }) => name === spec.name)) this.#list.push(await this.#bind(spec));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The end of the service: queues are gone, and the paths of Unix sockets that were bound here. */
  close(): void {
    for (const handle of this.#handles.splice(0)) handle.close();
    for (const path of this.#paths.splice(0)) path.release();
    this.#list.length = 0;
  }

  async #bind({
    name,
    path,
    port = 0,
    host,
    backlog = defaultBacklog,
  }: ListenSpec): Promise<InheritedSocket> {
    if (path !== undefined) {
      const claim = await UnixPath.claim(path);
      const handle = this.#keep(createHandle(claim.temporary, -1, -1), path);
      claim.take();
      this.#paths.push(claim);
      return { name, fd: handle.fd, kind: 'unix', path, backlog };
    }
    const handle = this.#keep(bindTcp(host, port), `${host ?? '*'}:${port}`);
    const bound: { address?: string; port?: number } = {};
    // An address in use shows only here: libuv keeps the error for the first question.
    const error = handle.getsockname?.(bound) ?? 0;
    if (error !== 0) throw cannotBind(`${host ?? '*'}:${port}`, error);
    return {
      name,
      fd: handle.fd,
      kind: 'tcp',
      host: bound.address ?? host ?? '::',
      port: bound.port ?? port,
      backlog,
    };
  }

  #keep(handle: BoundHandle | number, where: string): BoundHandle {
    if (typeof handle === 'number') throw cannotBind(where, handle);
    this.#handles.push(handle);
    return handle;
  }
}

/** Without a host: all addresses of both families, where the machine has IPv6, as Node's own `listen` does. */
function bindTcp(host: string | undefined, port: number): BoundHandle | number {
  if (host !== undefined) return createHandle(host, port, net.isIPv6(host) ? 6 : 4);
  const both = createHandle('::', port, 6);
  return typeof both === 'number' ? createHandle('0.0.0.0', port, 4) : both;
}

function cannotBind(where: string, error: number): HandoverError {
  const name = getSystemErrorName(error);
  const advice =
    name === 'EADDRINUSE' ? ' Another process listens there: stop it, or choose another address.' : '';
  return new HandoverError('ERR_HANDOVER_LISTEN', `Expected to bind ${where}, got ${name}.${advice}`);
}
