/** What a test runner tells its own processes, and a service must not hear: it would not be the one in production. */
const ofTheRunner = /^(VITEST($|_)|JEST_WORKER_ID$|TEST$|NODE_V8_COVERAGE$|NODE_CHANNEL_)/;

/** The environment of the service: that of this process without the runner's, then `more`. */
export function environment(
  more: Readonly<Record<string, string>>,
  own: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const kept = Object.entries(own).filter(([name]) => !ofTheRunner.test(name));
  const inherited = Object.fromEntries(kept);
  if (inherited['NODE_ENV'] === 'test') delete inherited['NODE_ENV'];
  return { ...inherited, ...more };
}
