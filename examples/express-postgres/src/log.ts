import { pino } from 'pino';

// Collected in memory and written in one go: quick, and the reason why the
// last lines have to be flushed before the process may end.
const destination = pino.destination({ sync: false, minLength: 4_096, periodicFlush: 200 });

export const log: pino.Logger = pino({ name: 'orders' }, destination);

export function flushLog(): Promise<void> {
  return new Promise((resolve, reject) => {
    log.flush((error) => {
      // pino also asks the kernel to bring it to the disk. A pipe, which is
      // what a container's stdout is, answers EINVAL to that.
      if (error && !('code' in error && error.code === 'EINVAL')) reject(error);
      else resolve();
    });
  });
}
