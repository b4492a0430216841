import type { Server } from 'node:http';
import express, { type RequestHandler } from 'express';
import { describe, expectTypeOf, it } from 'vitest';
import {
  createGraceful,
  type ExpressGraceful,
  type Graceful,
  GracefulError,
  type GracefulOptions,
} from '../src/index.js';

// Nothing here runs: that it compiles is the test.
declare const pool: { query(sql: string): Promise<unknown>; end(): Promise<void> };
declare const consumer: { stop(): Promise<void> };

describe('@graceful/express', () => {
  it('compiles the program of the design', async () => {
    const app = express();
    const graceful = createGraceful({ drain: { delayMs: 5_000, requestsMs: 15_000, hooksMs: 5_000 } });
    app.use(graceful.middleware());
    graceful.addCheck('postgres', () => pool.query('select 1'), { timeoutMs: 1_000, everyMs: 5_000 });
    graceful.onShutdown('orders-consumer', () => consumer.stop(), { phase: 'drain' });
    graceful.onShutdown('postgres', () => pool.end());
    expectTypeOf(await graceful.listen(app, { port: 3000 })).toEqualTypeOf<Server>();
  });

  it('adds middleware() to what core has, and hands on everything else of core', () => {
    expectTypeOf<ReturnType<typeof createGraceful>>().toEqualTypeOf<ExpressGraceful>();
    expectTypeOf<ExpressGraceful>().toExtend<Graceful>();
    expectTypeOf<ReturnType<ExpressGraceful['middleware']>>().toEqualTypeOf<RequestHandler>();
    expectTypeOf<Parameters<typeof createGraceful>[0]>().toEqualTypeOf<GracefulOptions | undefined>();
    expectTypeOf<GracefulError>().toExtend<Error>();
  });
});
