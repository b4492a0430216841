import { Server } from 'node:net';
import type { HttpServer } from '../http-server.js';

/**
 * From now on `server.close()` closes the listener and nothing else, whoever
 * calls it: a framework that closes one server when another has closed, as
 * Fastify does for the second address of `localhost`, or a hook of the app.
 * Node's own would cut connections that the drain still waits for. In the
 * lame-duck, when balancers still send here, it closes nothing yet: the drain
 * will, and whoever asked hears of it then.
 *
 * @param inLameDuck - whether it is still to be kept open
 */
export function closeOnlyListener(server: HttpServer, inLameDuck: () => boolean): Disposable {
  const close = function (this: Server, callback?: (error?: Error) => void): Server {
    if (!inLameDuck()) return Server.prototype.close.call(this, callback);
    if (callback) this.once('close', callback);
    return this;
  };
  const isOwn = Object.hasOwn(server, 'close');
  const before = server.close;
  server.close = close as typeof server.close;
  return {
    [Symbol.dispose]: () => {
      if (server.close !== (close as typeof server.close)) return;
      if (isOwn) server.close = before;
      else Reflect.deleteProperty(server, 'close');
    },
  };
}
