import { freePort } from '@graceful/conformance/client';
import { Haproxy } from './haproxy.js';
import type { Place, Ports, Steps, Way, WayKind } from './way.js';

const checkMs = 100;

/** What both have in common. */
abstract class HaproxyWay implements Way {
  readonly address: Way['address'];
  protected readonly haproxy: Haproxy;

  constructor(haproxy: Haproxy, port: number) {
    this.haproxy = haproxy;
    this.address = { host: '127.0.0.1', port, tls: false };
  }

  abstract replace(place: Place, steps: Steps): Promise<void>;

  /** SIGTERM to the backend at `server`, until the check has taken it out and it has gone. */
  protected async seeOff(server: string, { terminate, gone }: Steps): Promise<void> {
    // The check begins when something has been asked of who leaves, however busy the machine is.
    await this.haproxy.command(`disable health services/${server}`);
    await terminate();
    await this.haproxy.command(`enable health services/${server}`);
    // It may have been out before: a check that is very late takes a backend out too.
    await this.haproxy.says(server, 'DOWN', this.haproxy.lastSaid(server, 'UP'));
    await gone();
  }

  get log(): string {
    return this.haproxy.log;
  }

  async complaints(): Promise<readonly string[]> {
    const { connectionsReused, errors, triedAgain } = await this.haproxy.figures();
    const counted = [
      ...(connectionsReused > 0 ? [] : ['connections are not kept']),
      ...(errors + triedAgain === 0 ? [] : [`${errors} errors, ${triedAgain} tried again`]),
    ];
    const none = /^.*has no server available.*$/m.exec(this.haproxy.log) ?? [];
    return [...counted, ...none];
  }

  end(): Promise<void> {
    return this.haproxy.end();
  }
}

/** The machine stays, the program is started anew, and nobody but the health check tells HAProxy. */
class ByChecks extends HaproxyWay {
  async replace(place: Place, steps: Steps): Promise<void> {
    await this.seeOff(place, steps);
    const sofar = this.log.length;
    await steps.start(steps.old.port);
    await this.haproxy.says(place, 'UP', sofar);
  }
}

/** As containers are replaced: the new one comes first, on another port, and is entered at the runtime socket. */
class AtRuntime extends HaproxyWay {
  /** The server of a place, where that is not the one of its name any more. */
  readonly #servers = new Map<Place, string>();
  #spare = 'spare';

  async replace(place: Place, steps: Steps): Promise<void> {
    const [leaving, coming] = [this.#servers.get(place) ?? place, this.#spare];
    const port = await steps.start();
    const sofar = this.log.length;
    await this.haproxy.command(`set server services/${coming} addr 127.0.0.1 port ${port}`);
    await this.haproxy.command(`set server services/${coming} state ready`);
    await this.haproxy.says(coming, 'UP', sofar);
    await this.seeOff(leaving, steps);
    await this.haproxy.command(`set server services/${leaving} state maint`);
    this.#servers.set(place, coming);
    this.#spare = leaving;
  }
}

async function begin(
  way: typeof ByChecks | typeof AtRuntime,
  ports: Ports,
  checkPath: string = '/readyz',
): Promise<Way> {
  const port = await freePort();
  const servers = { ...ports, spare: undefined };
  return new way(await Haproxy.start({ port, servers, checkMs, checkPath }), port);
}

export const haproxyAtRuntime: WayKind = {
  name: 'HAProxy, a new port entered at its runtime socket',
  clients: 'kept-alive',
  begin: (ports) => begin(AtRuntime, ports),
};

export const haproxyWays: readonly WayKind[] = [
  {
    name: 'HAProxy, by its health check alone, on the same port',
    clients: 'kept-alive',
    begin: (ports) => begin(ByChecks, ports),
  },
  haproxyAtRuntime,
];

/** For a service that knows no readiness: all that can be asked is whether it answers. */
export const haproxyWithoutReadiness: WayKind = {
  name: 'HAProxy, without a readiness check',
  clients: 'kept-alive',
  begin: (ports) => begin(ByChecks, ports, '/'),
};
