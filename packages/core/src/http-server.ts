import { Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';

/** Whether `server` is of `node:http` or `node:https`; the classes have no ancestor in common that tells. */
export function isHttpServer(server: unknown): server is HttpServer {
  return server instanceof HttpServer || server instanceof HttpsServer;
}

/** Whether the connections that `server` accepts are not yet those that it speaks HTTP on. */
export function speaksOverTls(server: HttpServer): boolean {
  return server instanceof HttpsServer;
}
