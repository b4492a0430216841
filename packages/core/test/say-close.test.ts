import type { ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sayClose } from '../src/drain/http1/say-close.js';
import { type Answer, ask, closeServer, serve } from './support/http.js';

const onSaid = vi.fn();

/** What a client gets from `respond`, when the response may be the last of its connection. */
async function answerOf(respond: (response: ServerResponse) => void, isLast = true): Promise<Answer> {
  onSaid.mockClear();
  const { server, port } = await serve((_, response) => {
    sayClose(response, () => isLast, onSaid);
    try {
      respond(response);
    } catch (error) {
      response.destroy(error as Error);
    }
  });
  onTestFinished(() => closeServer(server));
  return ask(port, '/', 'GET', { connection: 'keep-alive' });
}

/** Every way in which Node lets a handler write its head, with a keep-alive of its own in it. */
const ways: [way: string, respond: (response: ServerResponse) => void][] = [
  ['no head at all', (response) => response.end('whole')],
  [
    'setHeader',
    (response) => {
      response.setHeader('Connection', 'keep-alive');
      response.setHeader('X-Own', 'kept');
      response.end('whole');
    },
  ],
  [
    'writeHead with an object',
    (response) => response.writeHead(200, { connection: 'keep-alive', 'X-Own': 'kept' }).end('whole'),
  ],
  [
    'writeHead with a reason and an object',
    (response) => response.writeHead(200, 'Fine', { Connection: 'keep-alive', 'X-Own': 'kept' }).end('whole'),
  ],
  [
    'writeHead with a flat list',
    (response) => response.writeHead(200, ['X-Own', 'kept', 'CONNECTION', 'keep-alive']).end('whole'),
  ],
  [
    'writeHead with a list of pairs',
    (response) =>
      response
        .writeHead(200, [
          ['X-Own', 'kept'],
          ['Connection', 'keep-alive'],
        ] as never)
        .end('whole'),
  ],
  [
    'writeHead with a list of an odd number of pairs',
    (response) =>
      response
        .writeHead(200, [
          ['X-Own', 'kept'],
          ['Connection', 'keep-alive'],
          ['X-Other', 'kept too'],
          ['X-Third', 'kept as well'],
        ] as never)
        .end('whole'),
  ],
  [
    'setHeader and writeHead',
    (response) => {
      response.setHeader('X-Own', 'replaced');
      response.writeHead(200, { 'X-Own': 'kept', Connection: 'keep-alive' }).end('whole');
    },
  ],
  [
    'flushHeaders and writes',
    (response) => {
      response.flushHeaders();
      response.write('who');
      response.end('le');
    },
  ],
];

describe('the last response of a connection', () => {
  it.each(ways)('says close, with %s', async (way, respond) => {
    const { status, headers, body } = await answerOf(respond);
    expect({ status, body }).toEqual({ status: 200, body: 'whole' });
    expect(headers.connection).toBe('close');
    expect(headers['keep-alive']).toBeUndefined();
    if (/[wW]riteHead|setHeader/.test(way)) expect(headers['x-own']).toBe('kept');
    expect(onSaid).toHaveBeenCalledOnce();
  });

  it('keeps the values of a header that is given more than once', async () => {
    const flat = ['Set-Cookie', 'a=1', 'Connection', 'keep-alive', 'Set-Cookie', 'b=2'];
    const { headers } = await answerOf((response) => response.writeHead(200, flat).end());
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(headers.connection).toBe('close');
  });

  it('does not take a value for a name', async () => {
    const { headers } = await answerOf((response) =>
      response.writeHead(200, ['X-Own', 'connection', 'X-Other', 'y']).end(),
    );
    expect(headers).toMatchObject({ 'x-own': 'connection', 'x-other': 'y', connection: 'close' });
  });
});

describe('a response that has another request pipelined behind it', () => {
  it.each(ways)('keeps the connection alive, with %s', async (_, respond) => {
    const { status, headers, body } = await answerOf(respond, false);
    expect({ status, body }).toEqual({ status: 200, body: 'whole' });
    expect(headers.connection).toBe('keep-alive');
    expect(onSaid).not.toHaveBeenCalled();
  });
});

describe('a head that takes the word back', () => {
  it('says close all the same, where the handler removed the header', async () => {
    const { headers } = await answerOf((response) => {
      response.removeHeader('connection');
      response.end('whole');
    });
    expect(headers.connection).toBe('close');
    expect(onSaid).toHaveBeenCalledOnce();
  });

  it('does not count as told, where a writeHead beneath sets keep-alive', async () => {
    onSaid.mockClear();
    const { server, port } = await serve((_, response) => {
      const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
      response.writeHead = (...args: unknown[]) => {
        response.setHeader('Connection', 'keep-alive');
        return writeHead(...args);
      };
      sayClose(response, () => true, onSaid);
      response.end('whole');
    });
    onTestFinished(() => closeServer(server));
    const { headers, body } = await ask(port, '/', 'GET', { connection: 'keep-alive' });
    expect([headers.connection, body]).toEqual(['keep-alive', 'whole']);
    expect(onSaid).not.toHaveBeenCalled();
  });
});
