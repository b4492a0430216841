// What a service pays for: core is installed into every one of them.
const node = (config) => ({ ...config, platform: 'node', format: 'esm' });
const own = (name, path, limit, ignore) => ({ name, path, limit, ignore, modifyEsbuildConfig: node });

export default [
  own('@graceful/core', 'packages/core/dist/index.js', '15 kB', ['pino', 'prom-client']),
  own('@graceful/express', 'packages/express-adapter/dist/index.js', '15.5 kB', [
    'pino',
    'prom-client',
    'express',
  ]),
  own('@graceful/fastify', 'packages/fastify-adapter/dist/index.js', '16.5 kB', [
    'pino',
    'prom-client',
    'fastify',
  ]),
];
