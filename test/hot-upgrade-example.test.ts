import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../examples/hot-upgrade/dist/demo.js', import.meta.url));

it('the example upgrades its service three times under load, fails once, and loses nothing', async () => {
  const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
  const { stdout } = await promisify(execFile)(node, [demo]).catch(({ stdout: said, stderr }) => {
    throw new Error(`the example complains:\n${said}${stderr}`);
  });
  expect(stdout.match(/hands over to generation/g)).toHaveLength(3);
  expect(stdout).toContain('generation 3 failed in "start": it exited with code 1');
  expect(stdout).toMatch(/ requests, 0 lost; 0 connections refused, 0 broken/);
  expect(stdout.match(/has left: shutdown clean/g)).toHaveLength(4);
});
