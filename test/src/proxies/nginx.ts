import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, Foreground } from './foreground.js';

/** What nginx is to do. */
export interface NginxSetup {
  /** Where clients connect, on loopback. */
  readonly port: number;
  /** Where the servers listen, by name. */
  readonly servers: Readonly<Record<string, number>>;
}

function upstream(name: string, ports: readonly number[]): string {
  const lines = ports.map((at) => `    server 127.0.0.1:${at} max_fails=0;`);
  return `  upstream ${name} {\n${lines.join('\n')}\n    keepalive 64;\n    keepalive_timeout 4s;\n  }`;
}

/**
 * The configuration: connections to servers are kept for 4 s, less than the
 * 5 s that Node promises, and nothing is ever tried again. While a file
 * `<name>.out` is there, all that is asked goes to the other servers: nginx
 * looks for it with each request.
 */
function configOf({ port, servers }: NginxSetup): string {
  const names = Object.keys(servers);
  const others = (name: string): number[] =>
    names.flatMap((other) => (other === name ? [] : (servers[other] ?? [])));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
error_log stderr notice;
pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_buffer_size 128k;
${temporary.map((name) => `  ${name}_temp_path ${name};`).join('\n')}
${upstream('all', Object.values(servers))}
${names.map((name) => upstream(`without_${name}`, others(name))).join('\n')}
  server {
    listen 127.0.0.1:${port};
    root .;
    set $services all;
${names.map((name) => `    if (-f $document_root/${name}.out) { set $services without_${name}; }`).join('\n')}
    location / {
      proxy_pass http://$services;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_next_upstream off;
    }
  }
}
`;
}

/** An nginx of one's own: on loopback, with its files in a folder that goes with it. */
export class Nginx {
  readonly #process: Foreground;
  readonly #folder: string;
  readonly #port: number;

  /** @throws Error when nginx does not start, with what it says */
  static async start(setup: NginxSetup): Promise<Nginx> {
    const folder = await mkdtemp(join(tmpdir(), 'graceful-nginx-'));
    // The worker has another user than its master where that is root.
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'nginx.conf'), configOf(setup));
    const nginx = new Nginx(folder, setup.port);
    try {
      await nginx.#process.says('start worker process ');
    } catch (error) {
      await nginx.end();
      throw error;
    }
    return nginx;
  }

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.#process = new Foreground('nginx', this.#arguments(), folder);
  }

  /** What it has said of itself, and of every request that went wrong. */
  get log(): string {
    return this.#process.log;
  }

  /** Write the configuration anew and have it read, as `nginx -s reload` does; resolves when the old worker accepts no more. */
  async reload(servers: NginxSetup['servers']): Promise<void> {
    await writeFile(join(this.#folder, 'nginx.conf'), configOf({ port: this.#port, servers }));
    const sofar = this.log.length;
    const command = spawn('nginx', [...this.#arguments(), '-s', 'reload'], { env, stdio: 'ignore' });
    const [code] = (await once(command, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`nginx -s reload: exit ${code}\n${this.log}`);
    await this.#process.says('gracefully shutting down', sofar);
  }

  /** Take a server out, without a reload. */
  async takeOut(name: string): Promise<void> {
    await writeFile(join(this.#folder, `${name}.out`), '');
  }

  /** Put it back. */
  async putBack(name: string): Promise<void> {
    await rm(join(this.#folder, `${name}.out`));
  }

  /** End it, and leave nothing of it behind. */
  async end(): Promise<void> {
    await this.#process.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #arguments(): string[] {
    return ['-p', this.#folder, '-c', 'nginx.conf', '-e', 'stderr'];
  }
}
