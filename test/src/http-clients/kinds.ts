import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { create } from 'axios';
import { Pool } from 'undici';
import type { HttpClientKind } from './http-client.js';

/**
 * Without a `timeout` Node's agent keeps a connection until the server ends
 * it, whatever `Keep-Alive: timeout=…` says, and asks on it in that instant:
 * that loses requests on any day, without a deploy. With one it gives up a
 * connection a second before the server does, or after this time.
 */
function keepAliveAgent(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections, timeout: 2_000 });
}

const undiciPool: HttpClientKind = {
  name: "undici's Pool",
  create(origin, connections) {
    const pool = new Pool(origin, { connections });
    return {
      async ask({ method, path, body = null }) {
        const answer = await pool.request({ method, path, body });
        return { status: answer.statusCode, body: await answer.body.text() };
      },
      close: () => pool.close(),
    };
  },
};

const globalFetch: HttpClientKind = {
  name: "Node's fetch()",
  create: (origin) => ({
    async ask({ method, path, body = null }) {
      const answer = await fetch(`${origin}${path}`, { method, body });
      return { status: answer.status, body: await answer.text() };
    },
    // The pool is Node's own and global; the network under it ends with the test.
    close: () => Promise.resolve(),
  }),
};

const axiosKeptAlive: HttpClientKind = {
  name: 'axios over follow-redirects, with an agent that keeps connections',
  create(origin, connections) {
    const httpAgent = keepAliveAgent(connections);
    const client = create({
      baseURL: origin,
      adapter: 'http',
      httpAgent,
      responseType: 'text',
      validateStatus: () => true,
    });
    return {
      async ask({ method, path, body }) {
        const { status, data } = await client.request<string>({ method, url: path, data: body });
        return { status, body: data };
      },
      close: () => Promise.resolve(httpAgent.destroy()),
    };
  },
};

const nodeAgent: HttpClientKind = {
  name: 'node:http with an agent that keeps connections',
  create(origin, connections) {
    const agent = keepAliveAgent(connections);
    return {
      async ask({ method, path, body = '' }) {
        const asked = request(`${origin}${path}`, { method, agent });
        asked.end(body);
        return await new Promise((resolve, reject) => {
          asked.on('error', reject);
          asked.on('response', (answer) => {
            text(answer).then((whole) => resolve({ status: answer.statusCode ?? 0, body: whole }), reject);
          });
        });
      },
      close: () => Promise.resolve(agent.destroy()),
    };
  },
};

/** The rows. */
export const httpClients: readonly HttpClientKind[] = [undiciPool, globalFetch, axiosKeptAlive, nodeAgent];
