import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KeeperMessage } from './keeper.js';

export interface EmbeddedDatabase {
  readonly url: string;
  /** Resolves when the server has ended and its folder is gone. */
  stop(): Promise<void>;
}

/** A PostgreSQL server of this process' own; it ends with this process at the latest. */
export async function startEmbeddedDatabase(): Promise<EmbeddedDatabase> {
  const keeper = fork(fileURLToPath(new URL('keeper.js', import.meta.url)), {
    // A session of its own: a Ctrl-C reaches everybody in the terminal's, PostgreSQL too.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const exited = once(keeper, 'exit');
  const message = await firstMessage(keeper);
  if (message.type === 'failed') throw new Error(message.message);

  const buryServer = () => bury(message);
  keeper.once('exit', buryServer);
  // The service ends when its work is done; its database does not keep it.
  keeper.unref();
  keeper.channel?.unref();
  return {
    url: message.url,
    async stop() {
      keeper.off('exit', buryServer);
      keeper.ref();
      if (keeper.connected) keeper.disconnect();
      await exited;
    },
  };
}

async function firstMessage(keeper: ChildProcess): Promise<KeeperMessage> {
  const ended = once(keeper, 'exit').then(([code]): never => {
    throw new Error(`the keeper of the database ended with ${code}`);
  });
  const [message]: KeeperMessage[] = await Promise.race([once(keeper, 'message'), ended]);
  return message!;
}

/** The keeper is gone without having been asked to go (a stray `kill -9`): do its last duty. */
function bury({ pid, folder }: KeeperMessage & { type: 'ready' }): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // It had ended before its keeper.
  }
  rmSync(folder, { recursive: true, force: true });
}
