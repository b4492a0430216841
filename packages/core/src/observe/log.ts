import { createRequire } from 'node:module';
import type { Events } from '../events.js';
import { settled } from '../settle.js';

/** Writes a line with its fields. */
export type LogMethod = (fields: object, message: string) => void;

/** What is asked of a logger; pino's, and Fastify's own, are of this shape. */
export interface Logger {
  /** Changes of state, and a clean report. */
  readonly info: LogMethod;
  /** A check that fails, and a report with something dropped. */
  readonly warn: LogMethod;
  /** Whatever went wrong. */
  readonly error: LogMethod;
  /** Write what is buffered, then call back. Waited for before the exit, where there is one. */
  readonly flush?: (done?: (error?: Error) => void) => void;
}

/**
 * pino, loaded only where the user has given no logger of his own. It writes
 * as it is called: its few lines are the last that the process has to say.
 */
export function defaultLogger(): Logger {
  const require = createRequire(import.meta.url);
  const { pino } = require('pino') as typeof import('pino');
  const destination = pino.destination({ dest: 1, sync: true });
  // Whoever read the log has gone. That is no fault of the service, and logging it would only fail again.
  destination.on('error', () => {});
  return pino({ name: 'graceful' }, destination);
}

/** One line for each change of state, one for the report, and one for whatever goes wrong. */
export function logEvents(events: Events, logger: Logger): void {
  events.on('state', ({ state, previous, reason }) => {
    logger.info({ state, previous, reason }, `state ${state}`);
  });
  events.on('signal', ({ signal, first }) => {
    logger.info(
      { signal },
      first ? `${signal}: shutting down` : `${signal}: shutting down already, nothing changes`,
    );
  });
  events.on('check', ({ name, status, cause, error }) => {
    if (status === 'pass') logger.info({ check: name }, `check ${name} passes`);
    else logger.warn({ check: name, cause, err: error }, `check ${name} ${cause}`);
  });
  events.on('hook', ({ name, phase, result, durationMs, thrown }) => {
    if (result === 'ok') return;
    logger.error({ hook: name, phase, result, durationMs, err: thrown }, `hook ${name} ${result}`);
  });
  events.on('error', ({ error, from }) => {
    logger.error({ err: error, from }, `error from ${from}`);
  });
  events.on('report', (report) => {
    const method = { clean: 'info', forced: 'warn', failed: 'error' } as const;
    logger[method[report.verdict]]({ report }, `shutdown ${report.verdict}`);
  });
}

/** Wait until the logger has written what it holds, but no longer than `ms`: a stuck log must not hold an exit. */
export async function flushLogger(logger: Logger, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    if (typeof logger.flush !== 'function') return resolve();
    const timer = setTimeout(resolve, ms);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    try {
      logger.flush(done);
      // A flush that takes no callback has done its work by now.
      if (logger.flush.length === 0) done();
    } catch {
      done();
    }
  });
  await fileWritesSettled();
}

/** How often to look: a write takes a turn or two, and somebody else's files must not hold the exit. */
const looks = 100;

/**
 * pino's own destination calls back from `flush` while its last write is on
 * its way to the kernel. Exiting in that moment puts lines out of order.
 */
function fileWritesSettled(): Promise<void> {
  return settled(() => !process.getActiveResourcesInfo().includes('FSReqCallback'), looks);
}
