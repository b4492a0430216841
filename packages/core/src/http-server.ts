import { type Server as Http1Server, Server as HttpServerClass } from 'node:http';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import { Server as HttpsServer } from 'node:https';
import { Server as NetServer } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** A server of `node:http`, `node:https` or `node:http2`. */
export type HttpServer = Http1Server | Http2Server | Http2SecureServer;

/** A server as its HTTP/1.1 connections see it; the timeouts are missing where it speaks HTTP/2 alone. */
export type Http1Side = NetServer & Partial<Pick<Http1Server, 'keepAliveTimeout' | 'headersTimeout'>>;

/** Whether `server` is of `node:http`, `node:https` or `node:http2`; the classes have no ancestor in common that tells. */
export function isHttpServer(server: unknown): server is HttpServer {
  return server instanceof HttpServerClass || server instanceof HttpsServer || isHttp2Server(server);
}

/** Whether the connections that `server` accepts are not yet those that it speaks HTTP on. */
export function speaksOverTls(server: HttpServer): boolean {
  return server instanceof TlsServer;
}

/** Whether `server` is of `node:http2`. */
// By what only they have: their classes are not public, and to load `node:http2` costs every service that has no use for it.
export function isHttp2Server(server: unknown): server is Http2Server | Http2SecureServer {
  return server instanceof NetServer && 'updateSettings' in server;
}
