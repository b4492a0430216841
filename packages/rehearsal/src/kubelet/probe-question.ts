import { connect } from 'node:net';
import type { RunningContainer } from '../runtime/runtime.js';
import type { ResolvedProbe } from '../spec/resolve.js';
import { agents, ask } from './http-get.js';

/** What an answer was; why, where it was a failure. */
export type Answer =
  | { readonly result: 'success' }
  | { readonly result: 'failure'; readonly message: string };

const passed: Answer = { result: 'success' };

/**
 * Put a probe's question once. No answer within the timeout is a failure.
 *
 * @param signal - the answer is of no interest any more
 */
export async function question(
  { handler, timeoutSeconds }: ResolvedProbe,
  container: RunningContainer,
  signal: AbortSignal,
): Promise<Answer> {
  const asked = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    asked.abort();
  }, timeoutSeconds * 1_000);
  const over = (): void => asked.abort();
  signal.addEventListener('abort', over);
  try {
    switch (handler.does) {
      case 'exec':
        return ofExec(await container.exec(handler.command, asked.signal), late);
      case 'httpGet': {
        const to = container.address(handler.get.port);
        return ofStatus(await ask({ get: handler.get, to, agent: agents.probe, signal: asked.signal }));
      }
      case 'tcpSocket': {
        const to = container.address(handler.port);
        await opens(handler.host ?? to.host, to.port, asked.signal);
        return passed;
      }
    }
  } catch (error) {
    const message = late ? `no answer in ${timeoutSeconds} s` : (error as Error).message;
    return { result: 'failure', message };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', over);
  }
}

function ofExec(code: number, late: boolean): Answer {
  if (late) return { result: 'failure', message: 'the command took too long' };
  return code === 0 ? passed : { result: 'failure', message: `the command exited with ${code}` };
}

function ofStatus(status: number): Answer {
  return status >= 200 && status < 400 ? passed : { result: 'failure', message: `status ${status}` };
}

function opens(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
