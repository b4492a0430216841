import Fastify from 'fastify';
import { describe, expectTypeOf, it } from 'vitest';
import { type Graceful, type GracefulOptions, gracefulPlugin } from '../src/index.js';

// Nothing here runs: that it compiles is the test.
declare const pool: { end(): Promise<void> };

describe('@graceful/fastify', () => {
  it('compiles the program of the design', async () => {
    const app = Fastify();
    await app.register(gracefulPlugin, { drain: { delayMs: 5_000 } });
    app.graceful.onShutdown('postgres', () => pool.end());
    await app.listen({ port: 3000 });
  });

  it('types app.graceful, and needs no options', async () => {
    const app = Fastify({ logger: true });
    await app.register(gracefulPlugin);
    expectTypeOf(app.graceful).toEqualTypeOf<Graceful>();
  });

  it('takes the options of core', () => {
    expectTypeOf<Parameters<typeof gracefulPlugin>[1]>().toEqualTypeOf<GracefulOptions>();
    // @ts-expect-error -- a budget is a number of milliseconds
    void Fastify().register(gracefulPlugin, { drain: { delayMs: '5s' } });
  });
});
