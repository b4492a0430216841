import { createGraceful } from '@graceful/express';
import express from 'express';
import { openDatabase } from './database.js';
import { startEmbeddedDatabase } from './embedded/start.js';
import { answerError } from './errors.js';
import { flushLog, log } from './log.js';
import { metrics, register } from './metrics.js';
import { orders } from './orders.js';
import { leaveWithParent, tellParent } from './parent.js';

const graceful = createGraceful({ logger: log, metrics: { register } });
leaveWithParent(graceful);

const embedded = process.env['DATABASE_URL'] ? undefined : await startEmbeddedDatabase();
const database = await openDatabase(process.env['DATABASE_URL'] || (embedded?.url ?? ''));

const app = express();
app.use(graceful.middleware());
app.get('/metrics', metrics);
app.use('/orders', orders(database.pool));
app.use(answerError);

graceful.addCheck('postgres', () => database.pool.query('select 1'), { timeoutMs: 1_000, everyMs: 5_000 });
graceful.onShutdown('postgres', () => database.close());
if (embedded) graceful.onShutdown('embedded-postgres', () => embedded.stop(), { after: 'postgres' });
graceful.onShutdown('log', flushLog, { phase: 'flush' });

const server = await graceful.listen(app, { port: Number(process.env['PORT'] || 3_000) });
log.info({ address: server.address() }, 'listening');
tellParent(server);
