import { describe, expect, it } from 'vitest';
import { openControl } from './support/open.js';
import { RawClient } from './support/raw-client.js';

const example = 'Expected one line of JSON such as {"v":1,"do":"status"}';

describe('a request that is not understood is refused, with the reason', () => {
  it.each([
    ['\n', 'malformed', `${example}, got an empty line.`],
    ['status\n', 'malformed', `${example}, got "status".`],
    ['GET / HTTP/1.1\r\n\r\n', 'malformed', `${example}, got "GET / HTTP/1.1\\r".`],
    ['\u001B[2J\n', 'malformed', `${example}, got "\\u001b[2J".`],
    ['["status"]\n', 'malformed', `${example}, got "[\\"status\\"]".`],
    ['null\n', 'malformed', `${example}, got "null".`],
    [`${'x'.repeat(100)}\n`, 'malformed', `${example}, got "${'x'.repeat(40)}" and 60 bytes more.`],
    [Buffer.from('{"v":1,"do":"stat\xFFus"}\n', 'latin1'), 'malformed', /^Expected one line of JSON/],
    ['{"do":"status"}\n', 'version', 'Expected `v` to be 1, got none.'],
    ['{"v":2,"do":"status"}\n', 'version', 'Expected `v` to be 1, got 2.'],
    ['{"v":"1","do":"status"}\n', 'version', 'Expected `v` to be 1, got "1".'],
    [
      '{"v":1}\n',
      'unknown-request',
      'Expected `do` to be one of status, upgrade, rollback, drain, stop, got none.',
    ],
    [
      '{"v":1,"do":"constructor"}\n',
      'unknown-request',
      'Expected `do` to be one of status, upgrade, rollback, drain, stop, got "constructor".',
    ],
    [
      '{"v":1,"do":["stop"]}\n',
      'unknown-request',
      'Expected `do` to be one of status, upgrade, rollback, drain, stop, got ["stop"].',
    ],
    [
      '{"v":1,"do":"upgrade","comand":["node"]}\n',
      'malformed',
      'Expected "upgrade" to have no other keys than command, cwd, got "comand".',
    ],
    [
      '{"v":1,"do":"status","all":true}\n',
      'malformed',
      'Expected "status" to have no further keys, got "all".',
    ],
    [
      '{"v":1,"do":"upgrade","command":"node server.js"}\n',
      'malformed',
      'Expected `command` to be an array of strings that begins with a program, got "node server.js".',
    ],
    [
      '{"v":1,"do":"upgrade","command":[]}\n',
      'malformed',
      'Expected `command` to be an array of strings that begins with a program, got [].',
    ],
    [
      '{"v":1,"do":"upgrade","command":["node","a\\u0000b"]}\n',
      'malformed',
      'Expected `command` to be an array of strings that begins with a program, got ["node","a\\u0000b"].',
    ],
    [
      '{"v":1,"do":"upgrade","cwd":"next"}\n',
      'malformed',
      'Expected `cwd` to be an absolute path, got "next".',
    ],
  ])('%j: %s', async (sent, code, message) => {
    const { path, target } = await openControl();
    const matching = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(await RawClient.ask(path, sent)).toEqual([{ done: 'refused', code, message: matching }]);
    expect(target.asked).toEqual([]);
  });
});
