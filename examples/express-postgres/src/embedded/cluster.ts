import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { copyBinaries } from './binaries.js';
import { databaseUser } from './user.js';

/** A PostgreSQL server with programs, data and socket in one temporary folder. */
export interface Cluster {
  readonly folder: string;
  /** For `pg` and psql. A Unix socket: no TCP port is taken, and only this user and root get in. */
  readonly url: string;
  readonly server: ChildProcess;
  /** Stop the server, remove the folder. */
  remove(): Promise<void>;
}

const patienceMs = 3_000;

export async function createCluster(): Promise<Cluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'graceful-pg-'));
  try {
    copyBinaries(folder);
    const server = await startServer(folder);
    return {
      folder,
      url: `postgresql://orders@localhost/postgres?host=${encodeURIComponent(folder)}`,
      server,
      async remove() {
        await stopServer(server);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startServer(folder: string): Promise<ChildProcess> {
  const user = databaseUser();
  if (user) await chown(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  // Nothing of the caller's environment: PGPORT or LC_ALL would change what runs here.
  const options = { ...user, cwd: folder, env: { LC_ALL: 'C', TZ: 'UTC' } };

  const initdb = ['-D', data, '-U', 'orders', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(path.join(folder, 'bin/initdb'), initdb, options);

  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'dynamic_shared_memory_type=mmap', // in the folder, so that it goes with it
    'shared_buffers=16MB',
    'fsync=off', // it does not outlive its folder anyway
  ];
  const server = spawn(
    path.join(folder, 'bin/postgres'),
    ['-D', data, ...settings.flatMap((s) => ['-c', s])],
    {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  await ready(server);
  return server;
}

async function ready(server: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${said}`)));
    // Read on after that too: a full pipe would stop the server.
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      if (said.includes('ready to accept connections')) resolve();
    });
  });
}

async function stopServer(server: ChildProcess): Promise<void> {
  // Fast (connections are ended), immediate (no checkpoint), by force.
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, 'exit', { signal: AbortSignal.timeout(patienceMs) }).catch(() => {});
  }
}
