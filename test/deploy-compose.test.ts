import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { graceful } from './src/command-line/program.js';

const folder = new URL('../deploy/compose/', import.meta.url);
const text = readFileSync(new URL('compose.yaml', folder), 'utf8');

/** What the tests below look at. */
interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly init: boolean;
  readonly stop_signal: string;
  readonly stop_grace_period: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly user: string;
  readonly healthcheck: Readonly<Record<string, unknown>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, { readonly driver_opts: { readonly o: string } }>>;
}

const document = parseDocument(text, { merge: true, uniqueKeys: true });
const { services, volumes } = document.toJS() as Compose;
const { orders, companion } = services as { orders: Service; companion: Service };

interface Config {
  readonly drain: { readonly delayMs: number; readonly requestsMs: number; readonly hooksMs: number };
}

const { drain } = JSON.parse(readFileSync(new URL('config/config.json', folder), 'utf8')) as Config;

function ms(duration: string): number {
  const [, digits, unit] = /^(\d+)(ms|s)$/.exec(duration) ?? [];
  return Number(digits) * (unit === 's' ? 1_000 : 1);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown) => typeof value === 'boolean';
const isDuration = (value: unknown) => isText(value) && /^\d+(?:ms|s|m|h)$/.test(value);
const isList = (value: unknown) => Array.isArray(value) && value.every(isText);
const isMap = (value: unknown) => Object.values(value as object).every(isText);

type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

/** An object with no other members than these, each of which is what it must be. */
const has = (fields: Fields) => (value: unknown) =>
  Object.entries(value as object).every(([key, member]) => fields[key]?.(member) === true);

/** The part of the Compose Specification that is used; it allows no members that it does not know. */
const service: Fields = {
  image: isText,
  command: isList,
  init: isFlag,
  stop_signal: (value) => value === 'SIGTERM',
  stop_grace_period: isDuration,
  restart: (value) => ['no', 'always', 'on-failure', 'unless-stopped'].includes(value as string),
  depends_on: (value) =>
    Object.values(value as object).every(
      has({
        condition: (condition) =>
          ['service_started', 'service_healthy', 'service_completed_successfully'].includes(
            condition as string,
          ),
        restart: isFlag,
      }),
    ),
  environment: isMap,
  ports: isList,
  volumes: isList,
  healthcheck: has({
    test: isList,
    interval: isDuration,
    timeout: isDuration,
    retries: Number.isInteger,
    start_period: isDuration,
    start_interval: isDuration,
  }),
  user: isText,
  read_only: isFlag,
  cap_drop: isList,
  security_opt: isList,
  tmpfs: isList,
  logging: has({ driver: isText, options: isMap }),
};

describe('deploy/compose', () => {
  it('is YAML without a fault', () => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
  });

  it('has what the Compose Specification knows, and nothing else', () => {
    expect(Object.keys(document.toJS() as object)).toEqual(['name', 'services', 'volumes']);
    for (const [name, one] of Object.entries(services)) {
      for (const [key, value] of Object.entries(one)) {
        expect([`${name}.${key}`, service[key]?.(value)]).toEqual([`${name}.${key}`, true]);
      }
    }
    expect(Object.values(volumes).every(has({ driver: isText, driver_opts: isMap }))).toBe(true);
  });

  it.runIf(hasCompose())('is a file that Compose takes as it is', () => {
    const path = fileURLToPath(new URL('compose.yaml', folder));
    const { status, stderr } = spawnSync('docker', ['compose', '-f', path, 'config', '-q'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('gives the service the time that it needs, and says how much', () => {
    const sum = drain.delayMs + drain.requestsMs + drain.hooksMs;
    expect(ms(orders.stop_grace_period)).toBeGreaterThanOrEqual(sum + 3_000);
    const arithmetic = [drain.delayMs, drain.requestsMs, drain.hooksMs, 3_000]
      .map((each) => each / 1_000)
      .join(' + ');
    expect(text).toContain(`${arithmetic} = ${(sum + 3_000) / 1_000}`);
  });

  it('tells the companion the grace that the service has', () => {
    expect(companion.command).toContain(`--grace-ms=${ms(orders.stop_grace_period)}`);
  });

  it('stops the service first, and lets it start when the companion answers', () => {
    expect(orders.depends_on).toMatchObject({ companion: { condition: 'service_healthy' } });
    expect(companion.depends_on).toBeUndefined();
  });

  it('lets SIGTERM reach node', () => {
    for (const { init, stop_signal: signal } of [orders, companion]) {
      expect({ init, signal }).toEqual({ init: false, signal: 'SIGTERM' });
    }
    expect(orders.command[0]).toBe('node');
  });

  it('has a health check that can be run, and fails while nobody serves', () => {
    const [kind, program, ...args] = orders.healthcheck['test'] as string[];
    expect([kind, program]).toEqual(['CMD', 'node']);
    expect(spawnSync(process.execPath, args, { encoding: 'utf8' })).toMatchObject({ status: 1, stderr: '' });
  });

  it('has the control socket in a folder of both, who are one user', () => {
    const [, mode] = /mode=(\d+)/.exec(volumes['control']?.driver_opts.o ?? '') ?? [];
    expect(mode).toBe('0750');
    const [uid, gid] = orders.user.split(':');
    expect(volumes['control']?.driver_opts.o).toContain(`uid=${uid},gid=${gid},`);
    for (const { user, volumes: mounted, environment } of [orders, companion]) {
      expect(user).toBe(orders.user);
      expect(mounted).toContain('control:/run/graceful');
      expect(environment['GRACEFUL_COMPANION']).toBe('/run/graceful/control.sock');
    }
  });

  it('has a reason beside each number', () => {
    const lines = text.split('\n');
    for (const [index, line] of lines.entries()) {
      if (!/^ +(?:- --\w[\w-]*=\d+|\w+: ['"]?\d+(?:ms|s|m)?['"]?)$/.test(line)) continue;
      const above = lines.slice(Math.max(0, index - 6), index);
      expect(
        above.some((one) => one.trimStart().startsWith('#')),
        line,
      ).toBe(true);
    }
  });
});

describe('the command that deploy/compose gives', () => {
  it('knows each option of the companion', async () => {
    const { out } = await graceful(['companion', '--help']);
    for (const option of companion.command.slice(1)) {
      expect(out).toContain(option.replace(/=.*$/, ''));
    }
  });
});

function hasCompose(): boolean {
  return spawnSync('docker', ['compose', 'version']).status === 0;
}
