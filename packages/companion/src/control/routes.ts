import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../pod/clock.js';
import type { Instance } from '../pod/instance.js';
import type { Pod } from '../pod/pod.js';
import { invalid, nameOf, oneOf } from '../protocol/check.js';
import { Refused } from '../protocol/refused.js';
import { drainOf, farewellOf, longestMs, registrationOf, updateOf } from '../protocol/requests.js';
import { protocolVersion } from '../protocol/wire.js';
import type { DrainReceipt } from '../receipts/receipt.js';
import { answer, answerEmpty } from '../http/answer.js';
import { readJson, readLines } from './body.js';
import type { EventRing } from './event-ring.js';
import { shownDrain, shownInstance } from './show.js';
import type { InstanceStreams } from './streams.js';
import { type Awaited, waitGoals, type Waiters } from './waiters.js';

/** What the routes are answered from. */
export interface ControlRoom {
  readonly pod: Pod;
  readonly clock: Clock;
  readonly epoch: number;
  readonly streams: InstanceStreams;
  readonly waiters: Waiters;
  readonly events: EventRing;
  readonly receipts: () => readonly DrainReceipt[];
  /** Of an instance that has ended. */
  readonly receiptOf: (instance: Instance) => DrainReceipt | undefined;
  /** About the companion itself, for `GET /v1/state`. */
  readonly about: () => object;
}

/** One request, as far as it is understood. */
interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of the path, behind the route. */
  readonly id: string;
  readonly query: URLSearchParams;
}

type Handler = (room: ControlRoom, asked: Asked) => void | Promise<void>;

const defaultWaitMs = 30_000;
/** Of one instance at once; it needs one. */
const mostUpstreams = 4;

/** By path, with `*` for an id, and by method. */
export const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/v1/instances': { POST: register },
  '/v1/instances/*': { GET: show, PATCH: update },
  '/v1/instances/*/stream': { GET: stream },
  '/v1/instances/*/state': { POST: updates },
  '/v1/instances/*/bye': { POST: bye },
  '/v1/drain': { POST: drain },
  '/v1/drain/*': { DELETE: cancel },
  '/v1/state': { GET: state },
  '/v1/receipts': { GET: receipts },
  '/v1/events': { GET: events },
  '/v1/wait': { GET: wait },
};

async function register({ pod, epoch }: ControlRoom, { request, response }: Asked): Promise<void> {
  const { instance, token, isNew } = pod.register(registrationOf(await readJson(request)));
  if (isNew) withdrawUnheard(pod, instance, request.socket);
  const remainingMs = pod.remainingMs(instance);
  answer(response, isNew ? 201 : 200, {
    id: instance.id,
    token,
    epoch,
    state: instance.state,
    pod: pod.state,
    ...(remainingMs !== undefined && { deadline: { remainingMs } }),
  });
}

/** By the connection over which they registered: one may serve for many. */
const registeredOver = new WeakMap<Socket, readonly Instance[]>();

/**
 * Whoever goes before it has read the answer leaves an error behind: EPIPE
 * where it had gone when that was written, ECONNRESET where it left bytes
 * unread (unix(7)). It will come again, as another.
 */
function withdrawUnheard(pod: Pod, instance: Instance, socket: Socket): void {
  const earlier = registeredOver.get(socket);
  registeredOver.set(socket, [...(earlier ?? []).filter((one) => one.isSilent), instance]);
  if (earlier) return;
  socket.once('close', (hadError) => {
    if (hadError) for (const one of registeredOver.get(socket) ?? []) pod.withdraw(one);
  });
}

function show({ pod }: ControlRoom, asked: Asked): void {
  answer(asked.response, 200, shownInstance(pod, authorized(pod, asked)));
}

async function update({ pod }: ControlRoom, asked: Asked): Promise<void> {
  const instance = authorized(pod, asked);
  pod.update(instance, updateOf(await readJson(asked.request)));
  answer(asked.response, 200, shownInstance(pod, instance));
}

const upstreams = new WeakMap<Instance, number>();

async function updates({ pod }: ControlRoom, asked: Asked): Promise<void> {
  const instance = authorized(pod, asked);
  const open = upstreams.get(instance) ?? 0;
  if (open >= mostUpstreams) {
    throw new Refused(
      'too-many',
      `expected at most ${mostUpstreams} requests of this kind at once, got one more`,
    );
  }
  upstreams.set(instance, open + 1);
  let applied = 0;
  try {
    await readLines(asked.request, (value) => {
      pod.update(instance, updateOf(value));
      applied++;
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new Refused(error.code, `after ${applied} lines: ${error.message}`, error.headers);
  } finally {
    upstreams.set(instance, (upstreams.get(instance) ?? 1) - 1);
  }
  answer(asked.response, 200, { applied });
}

function stream({ pod, epoch, streams }: ControlRoom, asked: Asked): void {
  const instance = authorized(pod, asked);
  if (!instance.isLive) {
    throw new Refused(
      'conflict',
      `expected ${instance.name} to be there, got one that is ${instance.state}; register again`,
    );
  }
  streams.open(instance, asked.request, asked.response, {
    type: 'hello',
    epoch,
    state: instance.state,
    pod: pod.state,
  });
  pod.connected(instance);
}

async function bye({ pod, receiptOf }: ControlRoom, asked: Asked): Promise<void> {
  const instance = authorized(pod, asked);
  pod.bye(instance, farewellOf(await readJson(asked.request)));
  answer(asked.response, 200, { receipt: receiptOf(instance) });
}

async function drain({ pod }: ControlRoom, { request, response }: Asked): Promise<void> {
  const { id } = pod.drain(drainOf(await readJson(request)));
  answer(response, 202, { id });
}

function cancel({ pod }: ControlRoom, { id, response }: Asked): void {
  pod.cancel(id);
  answer(response, 200, { pod: pod.state });
}

function state({ pod, clock, epoch, about }: ControlRoom, { response }: Asked): void {
  const now = clock.monotonicMs();
  answer(response, 200, {
    version: protocolVersion,
    epoch,
    pod: pod.state,
    ...(pod.ending && { ending: shownDrain(pod.ending, now) }),
    drains: pod.drains.map((one) => shownDrain(one, now)),
    instances: pod.instances.map((instance) => shownInstance(pod, instance)),
    companion: about(),
  });
}

function receipts({ receipts: all }: ControlRoom, { response }: Asked): void {
  answer(response, 200, { receipts: all() });
}

function events({ events: ring }: ControlRoom, { query, response }: Asked): void {
  answer(response, 200, ring.since(countIn(query, 'since', 0, Number.MAX_SAFE_INTEGER)));
}

async function wait({ pod, waiters }: ControlRoom, { query, response }: Asked): Promise<void> {
  const awaited: Awaited = {
    goal: oneOf('`for`', query.get('for') ?? undefined, waitGoals),
    name: nameIn(query, 'of'),
  };
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const timeoutMs = countIn(query, 'timeoutMs', defaultWaitMs, longestMs);
  if (await waiters.wait(awaited, timeoutMs, gone.signal))
    answer(response, 200, { reached: awaited.goal, pod: pod.state });
  else answerEmpty(response);
}

/**
 * The instance that the path names, and whose token came along.
 *
 * @throws Refused `not-found`, `unauthorized`
 */
function authorized(pod: Pod, { id, request }: Asked): Instance {
  const instance = pod.find(id);
  if (!instance) {
    throw new Refused(
      'not-found',
      'expected the id of an instance that has registered, got another; register again',
    );
  }
  const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme?.toLowerCase() !== 'bearer' || !pod.mayAct(instance, token)) {
    throw new Refused(
      'unauthorized',
      'expected the header "authorization: Bearer …" with the token that the registration was answered with, got none or another',
      { 'www-authenticate': 'Bearer' },
    );
  }
  return instance;
}

function nameIn(query: URLSearchParams, key: string): string | undefined {
  const value = query.get(key);
  return value === null ? undefined : nameOf(`\`${key}\``, value);
}

function countIn(query: URLSearchParams, key: string, unless: number, most: number): number {
  const value = query.get(key);
  if (value === null) return unless;
  if (/^\d{1,16}$/.test(value) && Number(value) <= most) return Number(value);
  throw invalid(`\`${key}\` to be a whole number from 0 to ${most}`, value);
}
