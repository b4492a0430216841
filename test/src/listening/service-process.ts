import { fileURLToPath } from 'node:url';
import { Connection } from '@graceful/conformance/client';
import { onTestFinished } from 'vitest';
import { Program, type ProgramOptions } from '../command-line/program.js';
import type { ListeningConfig, Said } from './config.js';

const service = fileURLToPath(new URL('../../dist/listening/service.js', import.meta.url));
const giver = fileURLToPath(new URL('../../fixtures/socket-giver.py', import.meta.url));
const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;

/** What a service is given; see the program. */
export interface Given {
  readonly sockets: readonly {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly backlog?: number;
    readonly datagram?: boolean;
    readonly file?: boolean;
    readonly closed?: boolean;
    readonly silent?: boolean;
  }[];
  readonly env?: Readonly<Record<string, string | null>>;
}

/** What is answered to `GET /`, on a connection of its own. */
export async function answer(
  address: { readonly port: number; readonly host?: string } | { readonly path: string },
): Promise<string> {
  const connection = await Connection.open({ host: '127.0.0.1', port: 0, tls: false, ...address });
  try {
    return (await connection.ask({ path: '/' })).body;
  } finally {
    connection.destroy();
  }
}

/** What lies between the giver and the service, as shells and other wrappers do. */
export const throughShell: readonly string[] = ['/bin/sh', '-c', 'exec "$@"', 'sh'];

/** A service that listens as it is told, as a process of its own, which ends with the test. */
export class ListeningService {
  readonly program: Program;

  static start(
    config: ListeningConfig,
    given?: Given,
    between: readonly string[] = [],
    options: ProgramOptions = {},
  ): ListeningService {
    const command = [...between, node, service];
    const whole = given === undefined ? command : ['python3', giver, JSON.stringify(given), ...command];
    return new ListeningService(whole, config, options);
  }

  private constructor(command: readonly string[], config: ListeningConfig, options: ProgramOptions) {
    this.program = Program.of(command, {
      ...options,
      env: { ...options.env, LISTENING_TEST: JSON.stringify(config) },
    });
    onTestFinished(() => this.program.destroy());
  }

  /** What it says of one kind, once it has. */
  async said<Says extends Said['says']>(says: Says): Promise<Extract<Said, { says: Says }>> {
    const [line] = await this.program.prints(new RegExp(`^\\{"says":"${says}".*\\}$`, 'm'));
    return JSON.parse(line) as Extract<Said, { says: Says }>;
  }

  /** How it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.program.child.kill(signal);
    return (await this.program.ended()).code;
  }
}
