import { Baseline } from './baseline.js';
import { within } from './client/deadline.js';
import type { Exchange } from './client/exchange.js';
import { Http2Client } from './client/http2-client.js';
import { Ledger } from './client/ledger.js';
import type { RawRequest } from './client/request.js';
import type { RawResponse } from './client/response-parser.js';
import { ConformanceError } from './conformance-error.js';
import { Service } from './service.js';
import type { Requests, Timed } from './requests.js';
import type { Settings } from './settings.js';

/** More than the buffers of both kernels hold, by far. */
const leastLargeBytes = 8 * 1024 * 1024;
const patienceMs = 10_000;

/** An answer to a request of the options, and when it came. */
interface Rehearsed {
  /** The option, as a user writes it. */
  readonly what: string;
  readonly exchange: Exchange;
  readonly response: RawResponse;
}

/**
 * Ask everything once, while nobody leaves, and see whether the options say
 * what is so: a misspelt path would be a loss that is none.
 *
 * @throws {@link ConformanceError} `ERR_CONFORMANCE_START`, `ERR_CONFORMANCE_REQUEST`
 */
export async function rehearse(settings: Settings): Promise<Baseline> {
  const service = await Service.start(settings);
  const clients = new Ledger();
  const ask = async (what: string, request: RawRequest, takesMs = 0): Promise<Rehearsed> => {
    const connection = await clients.connect(service.address);
    const exchange = connection.send(request);
    const response = await answerTo(what, exchange, patienceMs + 2 * takesMs);
    connection.close();
    return { what, exchange, response };
  };
  try {
    const all = await askAll(settings.requests, ask);
    if (settings.http2) await askOverHttp2(service, settings.http2);
    return new Baseline(
      new Map(
        all.map(({ exchange, response: { status, bodyBytes } }) => [exchange.request, { status, bodyBytes }]),
      ),
    );
  } finally {
    await service.destroy();
    clients.destroy();
  }
}

async function askAll(
  { quick, slow, large, upload, stream }: Requests,
  ask: (what: string, request: RawRequest, takesMs?: number) => Promise<Rehearsed>,
): Promise<readonly Rehearsed[]> {
  const all = [await ask('requests.quick', quick)];
  if (slow) {
    const rehearsed = await ask('requests.slow', slow.request, slow.takesMs);
    expectTime(rehearsed, slow);
    all.push(rehearsed);
  }
  if (stream) {
    const rehearsed = await ask('requests.stream', stream.request, stream.takesMs);
    expectTime(rehearsed, stream);
    expectBegun(rehearsed, stream);
    all.push(rehearsed);
  }
  if (large) {
    const rehearsed = await ask('requests.large', large);
    const { bodyBytes } = rehearsed.response;
    if (bodyBytes < leastLargeBytes) {
      wrong(
        rehearsed.what,
        rehearsed.exchange,
        `answer with ${leastLargeBytes} bytes or more, got ${bodyBytes}`,
      );
    }
    all.push(rehearsed);
  }
  if (upload) {
    all.push(await ask('requests.upload', upload.plain), await ask('requests.upload', upload.chunked));
  }
  return all;
}

async function askOverHttp2(
  service: Service,
  { path, takesMs }: NonNullable<Settings['http2']>,
): Promise<void> {
  const expected = `Expected \`http2\` (GET ${path}) to be answered with success`;
  let client: Http2Client | undefined;
  try {
    const patience = patienceMs + 2 * takesMs;
    client = await within(patience, 'a session', Http2Client.open(service.http2));
    const fate = await within(patience, 'an answer', client.ask(path));
    if (fate !== 'answered') throw new Error(`it was ${fate}`);
  } catch (error) {
    throw new ConformanceError('ERR_CONFORMANCE_REQUEST', `${expected}: ${String(error)}.`, { cause: error });
  } finally {
    client?.destroy();
  }
}

async function answerTo(what: string, exchange: Exchange, patience: number): Promise<RawResponse> {
  const fate = await within(patience, what, exchange.settled()).catch(() => 'late');
  if (fate === 'late') wrong(what, exchange, `be answered within ${patience} ms`);
  const { response } = exchange;
  if (!response?.whole) wrong(what, exchange, `be answered: ${exchange.describe()}`);
  if (response.status >= 400) wrong(what, exchange, `be answered with success, got ${response.status}`);
  return response;
}

function expectTime({ what, exchange }: Rehearsed, { takesMs }: Timed): void {
  const tookMs = (exchange.answeredAt ?? 0) - (exchange.writtenAt ?? 0);
  if (tookMs >= takesMs / 2) return;
  wrong(what, exchange, `take about ${takesMs} ms, as \`takesMs\` says; it took ${tookMs.toFixed(0)}`);
}

function expectBegun({ what, exchange }: Rehearsed, { takesMs }: Timed): void {
  // Measured to its end: a machine that is busy lets it begin late, and end later still.
  const lastedMs = (exchange.answeredAt ?? 0) - (exchange.headAt ?? 0);
  if (lastedMs >= takesMs / 4) return;
  wrong(what, exchange, `begin its answer long before its end; it came within ${lastedMs.toFixed(0)} ms`);
}

function wrong(what: string, { request: { method = 'GET', path } }: Exchange, but: string): never {
  throw new ConformanceError(
    'ERR_CONFORMANCE_REQUEST',
    `Expected \`${what}\` (${method} ${path}) to ${but}.`,
  );
}
