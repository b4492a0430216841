import { table } from '../report/table.js';
import { crowd, grace, type Outcome, type Plan } from './run.js';

export interface Figure {
  readonly plan: Plan;
  readonly outcome: Outcome;
}

/** What a new connection costs a service, in milliseconds of CPU time. */
interface ConnectionCost {
  readonly plain: number;
  readonly tls: number;
}

const columns = [
  'balancer notices after',
  '`tellMs`',
  'opened in all',
  'opened to the one that leaves',
  'most opened in 100 ms',
  'lost',
  'closed doors',
  'untold when the listener closed',
  'exit after the lame-duck',
];

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function row({ plan, outcome }: Figure): readonly string[] {
  const part = Math.round((plan.tellMs / grace.preDrainMs) * 100);
  return [
    seconds(plan.lagMs),
    `${plan.tellMs} (${part} %)`,
    String(outcome.opened),
    String(outcome.cameBack),
    String(outcome.herd),
    String(outcome.lost),
    String(outcome.refused),
    String(outcome.untold),
    `${seconds(outcome.exitMs)}, exit ${outcome.exit}`,
  ];
}

function setting(): string {
  const clients = crowd.map(({ count, thinkMs }) => `${count} think for ${thinkMs} ms`);
  const total = crowd.reduce((sum, { count }) => sum + count, 0);
  return [
    `- Two instances of a service, one of which gets SIGTERM and has a lame-duck of ${seconds(grace.preDrainMs)}. ${total} clients ` +
      `ask, think (± half), and ask again: ${clients.join(', ')}. They connect anew when they ask next.`,
    '- What is new goes to both instances until the balancer notices, and then to the one that stays. ' +
      'The last lag is longer than the lame-duck, which is a mistake that nothing here can mend.',
    '- Opened: connections between SIGTERM and the exit. Lost: a request written whole and not answered whole. ' +
      'Closed doors: connections refused, or reset before anybody accepted them; the client asks elsewhere.',
  ].join('\n');
}

/** The default of `drain.tellMs`, as a part of the lame-duck. */
const chosen = 0.5;

function conclusion(figures: readonly Figure[], cost: ConnectionCost): string {
  const outcome = (balanced: Plan['balanced'], lagMs: number, part: number): Outcome => {
    const wanted = { balanced, lagMs, tellMs: part * grace.preDrainMs };
    const figure = figures.find(({ plan }) => {
      return (
        plan.balanced === wanted.balanced && plan.lagMs === wanted.lagMs && plan.tellMs === wanted.tellMs
      );
    });
    if (!figure) throw new Error('Expected a figure of each plan.');
    return figure.outcome;
  };
  const storm = outcome('requests', 5_000, 0);
  const calm = outcome('requests', 5_000, chosen);
  const [atOnce, half, most, all] = [0, chosen, 0.8, 1].map((part) =>
    outcome('connections', 1_000, part),
  ) as [Outcome, Outcome, Outcome, Outcome];
  return [
    `Whoever tells everybody from the first instant on gets a storm where requests are balanced: ${storm.cameBack} connections ` +
      `came straight back within a lag of 5 s (with TLS ${seconds(storm.cameBack * cost.tls)} of CPU time), ` +
      `${calm.cameBack} where telling is spread over half of the lame-duck.`,
    `Where connections are balanced a client moves once or twice, and what is at stake is smaller: with a lag of 1 s ` +
      `${atOnce.cameBack} came straight back, and at most ${atOnce.herd} connections were opened in 100 ms; ` +
      `spread over half of the lame-duck these are ${half.cameBack} and ${half.herd}.`,
    `Spread over more of it, ${most.cameBack} (80 %) and ${all.cameBack} (all of it) came back, but ${most.untold} and ${all.untold} clients were ` +
      `not told in time (${half.untold} over half): those who seldom ask have no answer left to be told with. They lose nothing, ` +
      `for the process waits for them by its keep-alive promise: it left ${seconds(most.exitMs)} and ${seconds(all.exitMs)} after the lame-duck, ` +
      `and ${seconds(half.exitMs)} after it over half.`,
    'So the default is half of the lame-duck: a balancer that notices within it spares most of what would come back, and a client that was not told ' +
      'by then has the other half to ask once more. A quarter would let the process go up to a second sooner where clients seldom ask; ' +
      'that second costs nobody a request, and a herd of twice the size may.',
  ].join('\n\n');
}

export function tellingSections(figures: readonly Figure[], cost: ConnectionCost): readonly string[] {
  const rows = (balanced: Plan['balanced']): string =>
    table(columns, figures.filter(({ plan }) => plan.balanced === balanced).map(row));
  return [
    setting(),
    '## Connections are balanced',
    'As by a Kubernetes Service: a client keeps the instance that it got.',
    rows('connections'),
    '## Requests are balanced',
    'As by a reverse proxy: it chooses an instance for each request, and keeps connections to both.',
    rows('requests'),
    '## What a connection costs',
    `Beside the request on it, a new connection costs the service ${cost.plain.toFixed(2)} ms of CPU time, ` +
      `and ${cost.tls.toFixed(2)} ms with TLS (a whole handshake, with a key on P-256).`,
    '## What follows',
    conclusion(figures, cost),
  ];
}
