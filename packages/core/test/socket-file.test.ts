import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UnixPath } from '../src/listen/unix-path.js';

const require = createRequire(import.meta.url);

/** A folder of modules that is reached through a symlink, as in pnpm's node_modules. */
class Linked {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), 'graceful-linked-')));
  #modules = 0;

  constructor() {
    mkdirSync(join(this.folder, 'real'));
    symlinkSync('real', join(this.folder, 'link'));
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    // From now on Node knows the folders on the way.
    this.expectFound();
  }

  /** The next module is known by where it is, and so finds what lies beside it. */
  expectFound(): void {
    this.#modules++;
    const name = `module-${this.#modules}.cjs`;
    writeFileSync(join(this.folder, 'real', name), 'module.exports = __filename;');
    expect(require(join(this.folder, 'link', name))).toBe(join(this.folder, 'real', name));
  }
}

async function listening(path: string): Promise<Server> {
  const server = createServer().listen(path);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return server;
}

describe('a require() through a symlink finds its module', () => {
  it('after a Unix path was claimed, taken and released', async () => {
    const linked = new Linked();
    const claim = await UnixPath.claim(join(linked.folder, 'service.sock'));
    linked.expectFound();
    await listening(claim.temporary);
    claim.take();
    linked.expectFound();
    claim.release();
    linked.expectFound();
  });

  it('after one was adopted, and after one was refused', async () => {
    const linked = new Linked();
    const path = join(linked.folder, 'service.sock');
    await listening(path);
    UnixPath.adopt(path);
    linked.expectFound();
    await expect(UnixPath.claim(path)).rejects.toThrow('ERR_GRACEFUL_PORT_IN_USE');
    linked.expectFound();
  });
});

it('a socket that came to a stale path after it was claimed is not replaced, even where its file has the number of the old one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'graceful-stale-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'service.sock');
  const killed = await listening(join(folder, 'bound.sock'));
  linkSync(join(folder, 'bound.sock'), path);
  killed.close();
  await once(killed, 'close');

  const claim = await UnixPath.claim(path);
  // A file system gives the number of a removed file to the next one.
  unlinkSync(path);
  await listening(path);
  await listening(claim.temporary);
  expect(() => claim.take()).toThrow('ERR_GRACEFUL_PORT_IN_USE');
});
