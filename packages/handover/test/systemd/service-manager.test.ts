import { describe, expect, it } from 'vitest';
import { takeServiceManager } from '../../src/systemd/service-manager.js';

describe('what a service manager set', () => {
  it('is nothing where there is none', () => {
    expect(takeServiceManager({ PATH: '/bin' })).toBeUndefined();
    expect(takeServiceManager({ NOTIFY_SOCKET: '' })).toBeUndefined();
  });

  it.each(['/run/systemd/notify', '@/org/systemd/notify', 'vsock:2:1234', 'vsock-stream:2:1234'])(
    'is taken out of the environment: %s',
    (socket) => {
      const environment: NodeJS.ProcessEnv = {
        PATH: '/bin',
        NOTIFY_SOCKET: socket,
        WATCHDOG_USEC: '30000000',
        WATCHDOG_PID: String(process.pid),
      };
      expect(takeServiceManager(environment)).toEqual({ socket, watchdogMs: 30_000 });
      expect(environment).toEqual({ PATH: '/bin' });
    },
  );

  it('asks no other process for a watchdog than the one it names', () => {
    const asks = (environment: NodeJS.ProcessEnv) =>
      takeServiceManager({ NOTIFY_SOCKET: '/run/notify', ...environment })?.watchdogMs;
    expect(asks({ WATCHDOG_USEC: '1500' })).toBe(1.5);
    expect(asks({ WATCHDOG_USEC: '1500', WATCHDOG_PID: String(process.pid) })).toBe(1.5);
    expect(asks({ WATCHDOG_USEC: '1500', WATCHDOG_PID: String(process.ppid) })).toBeUndefined();
    expect(asks({})).toBeUndefined();
  });

  it.each(['run/notify', '/', '@', `/${'x'.repeat(107)}`, 'tcp:1'])(
    'is an error that says so: NOTIFY_SOCKET=%s',
    (socket) => {
      expect(() => takeServiceManager({ NOTIFY_SOCKET: socket })).toThrow(
        /^ERR_HANDOVER_ENVIRONMENT: Expected NOTIFY_SOCKET to be an absolute path, or "@" and a name/,
      );
    },
  );

  it.each(['0', '-1', 'soon', '1.5', ''])('is an error that says so: WATCHDOG_USEC=%s', (usec) => {
    expect(() => takeServiceManager({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: usec })).toThrow(
      /^ERR_HANDOVER_ENVIRONMENT: Expected WATCHDOG_USEC to be a whole number of microseconds from 1, got/,
    );
  });
});
