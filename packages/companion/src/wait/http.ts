import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { aborted } from './aborted.js';
import { lookupOnce } from './addresses.js';

/**
 * Resolves when a GET of `url` is answered with 200 to 299. Redirects are not
 * followed: what is behind one may serve while what is asked for does not.
 *
 * @param insecure - believe any certificate
 * @throws what was answered instead, and the reason of `signal` when that is aborted
 */
export async function answersWell(url: string, insecure: boolean, signal: AbortSignal): Promise<string> {
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    // A connection of its own for each question: one that is kept may lead to a process that has been replaced.
    agent: false,
    lookup: lookupOnce,
    headers: { accept: '*/*', 'user-agent': 'graceful-wait' },
    rejectUnauthorized: !insecure,
  };
  const request = url.startsWith('https:') ? requestHttps(url, options) : requestHttp(url, options);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    // An upgrade that nobody asked for ends it without a word.
    request.once('close', () => reject(new Error('the connection ended without an answer')));
  });
  request.end();
  try {
    const { statusCode = 0, statusMessage = '', headers } = await aborted(signal, answered);
    const status = `${statusCode}${statusMessage === '' ? '' : ` ${statusMessage}`}`;
    if (statusCode >= 200 && statusCode < 300) return status;
    const to = headers.location;
    throw new Error(
      statusCode >= 300 && statusCode < 400 && to !== undefined
        ? `it answers ${status}, to ${to}; redirects are not followed`
        : `it answers ${status}`,
    );
  } finally {
    // The status is all that was asked for.
    request.destroy();
  }
}
