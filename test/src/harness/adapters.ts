/** A service to test: a program that speaks the protocol of `protocol.ts`. */
export interface Adapter {
  readonly name: string;
  /** The program, beside this package's other services or by its URL; without `.js`. */
  readonly program: string;
  readonly tls: boolean;
  /** Hooks that the adapter registers for itself. */
  readonly ownHooks?: readonly string[];
}

type AdapterName = 'coreHttp' | 'coreHttps' | 'express5' | 'express4' | 'express5OwnListen' | 'fastify5';

/** The columns of the table. */
export const adapters: Readonly<Record<AdapterName, Adapter>> = {
  coreHttp: { name: 'core, node:http', program: 'core-http', tls: false },
  coreHttps: { name: 'core, node:https', program: 'core-https', tls: true },
  express5: { name: 'Express 5', program: 'express5', tls: false },
  express4: { name: 'Express 4', program: 'express4', tls: false },
  express5OwnListen: {
    name: "Express 5, the user's own listen()",
    program: 'express5-own-listen',
    tls: false,
  },
  fastify5: { name: 'Fastify 5', program: 'fastify5', tls: false, ownHooks: ['fastify'] },
};

/** No library at all: here requests are lost, and the suite must see it. */
export const bareNode: Adapter = { name: 'bare Node, server.close()', program: 'bare-node', tls: false };
