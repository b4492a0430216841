import { describe, expect, it } from 'vitest';
import {
  environmentOf,
  type Membership,
  takeMembership,
  withoutPersonal,
} from '../src/generation/environment.js';

const membership: Membership = {
  generation: 7,
  form: 'supervisor',
  token: 'ab12',
  parent: 123,
  channel: 5,
  sockets: [
    { name: 'http', fd: 3, kind: 'tcp', host: '::', port: 3000, backlog: 511 },
    { name: 'admin', fd: 4, kind: 'unix', path: '/run/admin.sock', backlog: 16 },
  ],
};

/** The process that is meant, and one that somebody else started. */
const started = { pid: 456, ppid: 123 };
const stray = { pid: 456, ppid: 124 };

describe('the environment of a new process', () => {
  it('says everything that it reads', () => {
    const environment = environmentOf({ HOME: '/root' }, membership);
    expect(takeMembership(environment, started)).toEqual(membership);
  });

  it('says what sd_listen_fds_with_names(3) asks for, but for the number that nobody knows yet', () => {
    const environment = environmentOf({}, membership);
    expect(environment).toMatchObject({
      LISTEN_FDS: '2',
      LISTEN_FDNAMES: 'http:admin',
      GRACEFUL_READY_FD: '5',
    });
    expect(environment).not.toHaveProperty('LISTEN_PID');
  });

  it('keeps nothing that describes the process before it', () => {
    const before = {
      LISTEN_PID: '1',
      LISTEN_FDS: '9',
      NODE_CHANNEL_FD: '3',
      WATCH_REPORT_DEPENDENCIES: '1',
      GRACEFUL_TOKEN: 'old',
      PATH: '/bin',
    };
    expect(withoutPersonal(before)).toEqual({ PATH: '/bin' });
  });

  it('is empty of it once it was read: what the service starts is not meant', () => {
    const environment = environmentOf({ PATH: '/bin' }, membership);
    takeMembership(environment, started);
    expect(Object.keys(environment).filter((name) => name.startsWith('GRACEFUL_'))).toEqual([]);
  });

  it('is nobody’s when the parent is another: then it came along from an ancestor', () => {
    const environment = environmentOf({}, membership);
    expect(takeMembership(environment, stray)).toBeUndefined();
    expect(environment).not.toHaveProperty('GRACEFUL_TOKEN');
  });

  it('is its own by LISTEN_PID where the parent has died meanwhile', () => {
    const environment = { ...environmentOf({}, membership), LISTEN_PID: '456' };
    expect(takeMembership(environment, stray)).toEqual(membership);
  });

  it('is taken from behind a wrapper where the operator says so', () => {
    expect(
      takeMembership({ ...environmentOf({}, membership), GRACEFUL_PARENT_CHECK: '0' }, stray),
    ).toBeDefined();
  });

  it('is none in a process that was started cold', () => {
    expect(takeMembership({ PATH: '/bin' }, started)).toBeUndefined();
  });

  it.each([
    ['GRACEFUL_GENERATION', 'NaN', /Expected GRACEFUL_GENERATION to be a whole number from 1, got "NaN"/],
    ['GRACEFUL_FORM', 'init', /Expected GRACEFUL_FORM to be "supervisor" or "process", got "init"/],
    ['GRACEFUL_CHANNEL', '2', /Expected GRACEFUL_CHANNEL to be a whole number from 3, got "2"/],
    ['GRACEFUL_TOKEN', undefined, /Expected GRACEFUL_TOKEN to be set, got none/],
    ['GRACEFUL_SOCKETS', '{', /Expected GRACEFUL_SOCKETS to be a JSON array/],
    ['GRACEFUL_SOCKETS', '[{"name":"http","fd":1}]', /`fd` from 3/],
  ])('is refused when %s is %s', (name, value, message) => {
    const environment = { ...environmentOf({}, membership), [name]: value };
    expect(() => takeMembership(environment, started)).toThrow(message);
  });
});
