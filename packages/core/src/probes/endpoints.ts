import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { StateName } from '../lifecycle/state.js';
import type { CheckResult } from './check.js';

/** Where the three probes of Kubernetes are answered; `false` leaves the path to the app. */
export interface ProbePaths {
  /** Where the liveness probe is answered. */
  readonly liveness: string | false;
  /** Where the readiness probe is answered. */
  readonly readiness: string | false;
  /** Where the startup probe is answered. */
  readonly startup: string | false;
}

type Probe = keyof ProbePaths;

/** What the probes are answered from. */
export interface ProbeSubject {
  readonly state: () => StateName;
  /** Why the service is held back, if it is. */
  readonly heldBack: () => string | undefined;
  readonly inFlight: () => number;
  readonly checkResults: () => Promise<ReadonlyMap<string, CheckResult>>;
}

/** What a probe is answered with. */
interface Reply {
  readonly status: 200 | 503;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** Where a probe goes with each state, before any check has been asked. */
const passes: Record<Probe, (state: StateName) => boolean> = {
  // Never the drain's or a dependency's business: a restart would mend neither.
  liveness: () => true,
  readiness: (state) => state === 'ready',
  startup: (state) => state !== 'starting',
};

/** Answers the probes, and leaves every other request alone. */
export class ProbeEndpoints {
  readonly #routes: readonly (readonly [path: string, probe: Probe])[];
  readonly #subject: ProbeSubject;
  readonly #firstLetters: ReadonlySet<number>;

  constructor(paths: ProbePaths, subject: ProbeSubject) {
    this.#subject = subject;
    this.#routes = (['liveness', 'readiness', 'startup'] as const).flatMap((probe) => {
      const path = paths[probe];
      return path === false ? [] : [[path, probe] as const];
    });
    this.#firstLetters = new Set(this.paths.map((path) => path.charCodeAt(1)));
  }

  /** The paths that are answered. */
  get paths(): string[] {
    return this.#routes.map(([path]) => path);
  }

  /** Answer `request` if it is a probe. Runs for every request over HTTP/1.1. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const probe = this.#probeOf(request.method, request.url);
    if (!probe) return false;
    void this.#reply(probe).then(({ status, headers, body }) => {
      response.writeHead(status, headers);
      response.end(request.method === 'HEAD' ? undefined : body);
    });
    return true;
  }

  /** The same over HTTP/2. */
  answerStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const method = headers[':method'];
    const probe = this.#probeOf(method, headers[':path']);
    if (!probe) return false;
    // Nobody else listens: a client that goes away must not become an uncaught error.
    stream.on('error', () => {});
    void this.#reply(probe).then((reply) => {
      if (stream.destroyed) return;
      stream.respond({ ...reply.headers, ':status': reply.status }, { endStream: method === 'HEAD' });
      if (method !== 'HEAD') stream.end(reply.body);
    });
    return true;
  }

  /** A look at the first letter of its path tells nearly every request from a probe. */
  #probeOf(method: string | undefined, url = ''): Probe | undefined {
    if (!this.#firstLetters.has(url.charCodeAt(1))) return undefined;
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    return this.#routes.find(([path]) => isAt(path, url))?.[1];
  }

  async #reply(probe: Probe): Promise<Reply> {
    const { ok, checks } = await this.#judge(probe);
    const subject = this.#subject;
    const body = JSON.stringify({
      status: ok ? 'ok' : 'unavailable',
      state: subject.state(),
      reason: subject.heldBack(),
      ...(checks && {
        checks: Object.fromEntries([...checks].map(([name, result]) => [name, shownResult(result)])),
      }),
      inFlight: subject.inFlight(),
      uptimeSeconds: Math.round(process.uptime()),
    });
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
    };
    return { status: ok ? 200 : 503, headers, body };
  }

  async #judge(probe: Probe): Promise<{ ok: boolean; checks?: ReadonlyMap<string, CheckResult> }> {
    if (probe === 'liveness') return { ok: true };
    const state = this.#subject.state();
    // A departing service has its answer, and its dependencies may be gone.
    if (state !== 'starting' && state !== 'ready') return { ok: passes[probe](state) };
    if (probe === 'startup' && state === 'ready') return { ok: true };
    const checks = await this.#subject.checkResults();
    const checksPass = [...checks.values()].every(({ status }) => status === 'pass');
    // Asked again: waiting for the checks took time, and their answers may have ended the start.
    return { ok: passes[probe](this.#subject.state()) && checksPass, checks };
  }
}

/** Whether `url` is `path` alone, or with a query. */
function isAt(path: string, url: string): boolean {
  return url.startsWith(path) && (url.length === path.length || url[path.length] === '?');
}

function shownResult({ status, cause }: CheckResult): { status: string; cause?: string } {
  return { status, ...(cause && { cause }) };
}
