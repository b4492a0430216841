import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Get } from '../spec/handler.js';

/** Of an answer, not more than this is waited for: the kubelet reads so much of it, 10 KiB. */
const bodyBytes = 10_240;

/** Whom the kubelet says it is: some services answer its probes differently. */
export const agents = { probe: 'kube-probe/1.36', hook: 'kube-lifecycle/1.36' } as const;

/** A GET from the node. */
export interface Question {
  readonly get: Get;
  /** Where the port is reached from here. */
  readonly to: { readonly host: string; readonly port: number };
  readonly agent: string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Ask, and resolve with the status when the answer, or as much of it as
 * matters, has come. A certificate is not verified, and a redirect not followed.
 */
export function ask({ get, to, agent, signal }: Question): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      host: get.host ?? to.host,
      port: to.port,
      path: get.path,
      // One connection for each question, as the kubelet has it for its probes.
      agent: false,
      headers: { 'user-agent': agent, accept: '*/*', ...Object.fromEntries(get.headers) },
      signal,
    } as const;
    const request: ClientRequest =
      get.scheme === 'HTTPS' ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
    request.once('error', reject);
    request.once('response', (response) => {
      const { statusCode = 0 } = response;
      let bytes = 0;
      const done = (): void => {
        resolve(statusCode);
        response.destroy();
      };
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes >= bodyBytes) done();
      });
      response.once('end', done);
      response.once('error', reject);
      response.once('aborted', () => reject(new Error('the answer was cut off')));
    });
    request.end();
  });
}
