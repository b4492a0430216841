import { Gauge, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../src/config-error.js';
import { type ConfigFigures, registerConfigMetrics } from '../src/metrics.js';
import { errorOf, fileWith, watching } from './support/watch.js';

const figures = (revision: number): ConfigFigures => ({
  revision: () => revision,
  lastSuccess: () => 1_700_000_000,
  rejected: () => false,
  hash: () => 'ffffffffffff0000',
});

const valueOf = async (registry: Registry, line: string) =>
  (await registry.metrics())
    .split('\n')
    .find((text) => text.startsWith(`${line} `))
    ?.slice(line.length + 1);

describe('the metrics of a configuration', () => {
  it('are those of several ones in a registry', async () => {
    const registry = new Registry();
    using _a = registerConfigMetrics(registry, 'a', figures(1));
    using _b = registerConfigMetrics(registry, 'b', figures(7));
    expect(await valueOf(registry, 'graceful_config_revision{config="a"}')).toBe('1');
    expect(await valueOf(registry, 'graceful_config_revision{config="b"}')).toBe('7');
    expect(await valueOf(registry, 'graceful_config_hash{config="b"}')).toBe(String(2 ** 48 - 1));
  });

  it('count looks by what they came to, from 0 on', async () => {
    const registry = new Registry();
    using metrics = registerConfigMetrics(registry, 'a', figures(1));
    const line = 'graceful_config_reloads_total{config="a",result="rejected",code="ERR_CONFIG_INVALID"}';
    expect(await valueOf(registry, line)).toBe('0');
    const error = new ConfigError('ERR_CONFIG_INVALID', 'no');
    metrics.count({ result: 'rejected', revision: 1, error });
    metrics.count({ result: 'applied', revision: 2 });
    expect(await valueOf(registry, line)).toBe('1');
    expect(
      await valueOf(registry, 'graceful_config_reloads_total{config="a",result="applied",code=""}'),
    ).toBe('1');
  });

  it('have labels from a fixed list', async () => {
    const registry = new Registry();
    using _ = registerConfigMetrics(registry, 'a', figures(1));
    const codes = [...(await registry.metrics()).matchAll(/code="(\w*)"/g)].map(([, code]) => code);
    expect(codes).toEqual([
      '',
      '',
      'ERR_CONFIG_MISSING',
      'ERR_CONFIG_UNREADABLE',
      'ERR_CONFIG_TOO_LARGE',
      'ERR_CONFIG_PARSE',
      'ERR_CONFIG_INVALID',
      'ERR_CONFIG_TIMEOUT',
    ]);
  });

  it('go with the configuration, the last one takes all of them', async () => {
    const registry = new Registry();
    const a = registerConfigMetrics(registry, 'a', figures(1));
    const b = registerConfigMetrics(registry, 'b', figures(1));
    a[Symbol.dispose]();
    expect(await registry.metrics()).not.toContain('config="a"');
    expect(await registry.metrics()).toContain('config="b"');
    b[Symbol.dispose]();
    expect(registry.getMetricsAsArray()).toEqual([]);
    using _again = registerConfigMetrics(registry, 'a', figures(3));
    expect(await valueOf(registry, 'graceful_config_revision{config="a"}')).toBe('3');
  });

  it('are made anew in a registry that was cleared', async () => {
    const registry = new Registry();
    using _a = registerConfigMetrics(registry, 'a', figures(1));
    registry.clear();
    using _b = registerConfigMetrics(registry, 'a', figures(2));
    expect(await valueOf(registry, 'graceful_config_revision{config="a"}')).toBe('2');
  });

  it('refuse a name that is there, and a registry that has them from somewhere else', async () => {
    const registry = new Registry();
    using _ = registerConfigMetrics(registry, 'a', figures(1));
    expect(await errorOf(() => registerConfigMetrics(registry, 'a', figures(1)))).toMatchObject({
      code: 'ERR_CONFIG_OPTION',
      message: expect.stringContaining('got "a" twice'),
    });
    const other = new Registry();
    other.registerMetric(new Gauge({ name: 'graceful_config_revision', help: 'x', registers: [] }));
    expect(await errorOf(() => registerConfigMetrics(other, 'a', figures(1)))).toMatchObject({
      code: 'ERR_CONFIG_OPTION',
      message: expect.stringContaining('graceful_config_revision'),
    });
  });

  it('leave the registry as it was when there is no first value', async () => {
    const register = new Registry();
    await errorOf(() => watching(fileWith('bad'), { metrics: { register } }));
    expect(register.getMetricsAsArray()).toEqual([]);
  });
});
