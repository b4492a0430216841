// What a service pays for: core is installed into every one of them.
const node = (config) => ({ ...config, platform: 'node', format: 'esm' });
const own = (name, path, limit, ignore) => ({ name, path, limit, ignore, modifyEsbuildConfig: node });

export default [
  // 0.2 kB of it is the step between the report and the exit, and what a companion's client may know; 0.1 kB is setDrain().
  own('@graceful/core', 'packages/core/dist/index.js', '24.8 kB', ['pino', 'prom-client']),
  own('@graceful/core/websocket', 'packages/core/dist/websocket.js', '3 kB', ['pino', 'prom-client']),
  own('@graceful/express', 'packages/express-adapter/dist/index.js', '25.1 kB', [
    'pino',
    'prom-client',
    'express',
  ]),
  own('@graceful/fastify', 'packages/fastify-adapter/dist/index.js', '26 kB', [
    'pino',
    'prom-client',
    'fastify',
  ]),
  // Loaded beside a service, once: what `graceful status` and `graceful run` cost, commander with it.
  // Each command loads what it asks of the companion itself, below.
  own('graceful', 'packages/cli/dist/bin.js', '42 kB', ['pino', 'prom-client', '@graceful/companion']),
  own('@graceful/companion', 'packages/companion/dist/index.js', '21 kB', ['prom-client', '@graceful/core']),
  own('@graceful/companion/client', 'packages/companion/dist/client.js', '6 kB', ['@graceful/core']),
  own('@graceful/companion/control', 'packages/companion/dist/control.js', '3 kB', []),
  own('@graceful/companion/wait', 'packages/companion/dist/wait.js', '4 kB', []),
  own('@graceful/companion/receipts', 'packages/companion/dist/receipts.js', '5 kB', []),
  own('@graceful/handover/control', 'packages/handover/dist/control.js', '5 kB', []),
];
