import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Foreground } from './foreground.js';

/** What HAProxy is to do. */
export interface HaproxySetup {
  /** Where clients connect, on loopback. */
  readonly port: number;
  /** A line for each server, by name: where it listens, or `undefined` for a place that is kept free. */
  readonly servers: Readonly<Record<string, number | undefined>>;
  /** How often each server is asked how it is, in milliseconds; two refusals and it is out, one answer and it is back. */
  readonly checkMs: number;
  /** What it is asked. */
  readonly checkPath: string;
}

/** What a HAProxy counted since it started. */
export interface HaproxyFigures {
  /** Answers of servers, by their status. */
  readonly answers2xx: number;
  readonly answers5xx: number;
  /** Connections to servers: how many were made, and how often one was used again. */
  readonly connectionsMade: number;
  readonly connectionsReused: number;
  /** Connections to servers that did not come about, and answers that did not come whole. */
  readonly errors: number;
  /** Requests that were sent once more, to the same server or another. */
  readonly triedAgain: number;
}

/** The configuration: connections to servers are kept and shared among clients, and nothing is ever tried again. */
function configOf({ port, servers, checkMs, checkPath }: HaproxySetup): string {
  const lines = Object.entries(servers).map(([name, at]) => {
    return `  server ${name} 127.0.0.1:${at ?? 1}${at === undefined ? ' disabled' : ''}`;
  });
  return `
global
  stats socket unix@admin.sock mode 600 level admin
  maxconn 2000
defaults
  mode http
  retries 0
  retry-on none
  no option redispatch
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  # A check that is late is no refusal: the machine may be busy.
  timeout check 5s
frontend clients
  bind 127.0.0.1:${port}
  default_backend services
backend services
  balance roundrobin
  http-reuse always
  option httpchk
  http-check send meth GET uri ${checkPath} ver HTTP/1.1 hdr Host services
  http-check expect status 200
  # A connection is kept for 1 s at most unused, less than the 5 s that Node promises.
  default-server check inter ${checkMs} fall 2 rise 1 pool-purge-delay 1s
${lines.join('\n')}
`;
}

/** A HAProxy of one's own: on loopback, with its files in a folder that goes with it. */
export class Haproxy {
  readonly #process: Foreground;
  readonly #folder: string;

  /** @throws Error when HAProxy does not start, with what it says */
  static async start(setup: HaproxySetup): Promise<Haproxy> {
    const folder = await mkdtemp(join(tmpdir(), 'graceful-haproxy-'));
    await writeFile(join(folder, 'haproxy.cfg'), configOf(setup));
    const haproxy = new Haproxy(folder);
    try {
      await haproxy.#process.says('Loading success');
    } catch (error) {
      await haproxy.end();
      throw error;
    }
    return haproxy;
  }

  private constructor(folder: string) {
    this.#folder = folder;
    // With a master (-W), for only that says when it is ready.
    this.#process = new Foreground('haproxy', ['-W', '-db', '-f', 'haproxy.cfg'], folder);
  }

  /** What it has said of itself and of its servers. */
  get log(): string {
    return this.#process.log;
  }

  /** Give it a command at its runtime socket; the answer is what it says. */
  async command(line: string): Promise<string> {
    const socket = connect(join(this.#folder, 'admin.sock'));
    await once(socket, 'connect');
    socket.write(`${line}\n`);
    return await text(socket);
  }

  /** Resolves when it says that a server is up, or down, after the first `from` characters of its log. */
  async says(server: string, what: 'UP' | 'DOWN', from: number): Promise<void> {
    await this.#process.says(`Server services/${server} is ${what}`, from);
  }

  /** Where in its log it said that of a server for the last time; the begin, if it never did. */
  lastSaid(server: string, what: 'UP' | 'DOWN'): number {
    return Math.max(0, this.log.lastIndexOf(`Server services/${server} is ${what}`));
  }

  /** What it counted, of all servers together. */
  async figures(): Promise<HaproxyFigures> {
    const [columns = '', ...rows] = (await this.command('show stat')).replace(/^# /, '').split('\n');
    const names = columns.split(',');
    const backend = rows.find((row) => row.startsWith('services,BACKEND,'))?.split(',') ?? [];
    const figure = (name: string): number => Number(backend[names.indexOf(name)]);
    return {
      answers2xx: figure('hrsp_2xx'),
      answers5xx: figure('hrsp_5xx'),
      connectionsMade: figure('connect'),
      connectionsReused: figure('reuse'),
      errors: figure('econ') + figure('eresp'),
      triedAgain: figure('wretr') + figure('wredis'),
    };
  }

  /** End it, and leave nothing of it behind. */
  async end(): Promise<void> {
    await this.#process.end();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
