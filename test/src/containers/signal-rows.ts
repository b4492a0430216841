/** What becomes of a service at `docker stop`, as it is written in its Dockerfile. */
export type SignalVerdict =
  /** What is in flight is answered, and the process exits by itself. */
  | 'graceful'
  /** Nothing happens until the engine kills it. */
  | 'ignored'
  /** It is ended at once, with what was in flight. */
  | 'cut';

/** A row of the matrix in `docs/containers.md`. */
export interface SignalRow {
  /** The instructions of the Dockerfile. */
  readonly write: readonly string[];
  /** `docker run --init` */
  readonly init?: true;
  /** Only where Node is as new as that. */
  readonly fromNode?: number;
  readonly verdict: SignalVerdict;
  readonly exitCode: number;
  readonly why: string;
}

const alpine = 'SHELL ["/bin/busybox", "sh", "-c"]';
const bash = 'SHELL ["/bin/bash", "-c"]';
const dash = 'SHELL ["/bin/dash", "-c"]';

const answered = { verdict: 'graceful', exitCode: 0 } as const;
const killed = { verdict: 'ignored', exitCode: 137 } as const;
const ended = { verdict: 'cut', exitCode: 143 } as const;

/** What to write. */
const recommended: readonly SignalRow[] = [
  { write: ['CMD ["node", "app.js"]'], ...answered, why: 'node is PID 1, and has a handler' },
  {
    write: ['CMD ["node", "app.js"]'],
    init: true,
    ...answered,
    why: 'the init passes SIGTERM on, and waits',
  },
  { write: ['ENTRYPOINT ["tini", "--"]', 'CMD ["node", "app.js"]'], ...answered, why: 'the same' },
  { write: ['ENTRYPOINT ["dumb-init", "--"]', 'CMD ["node", "app.js"]'], ...answered, why: 'the same' },
  {
    write: ['ENTRYPOINT ["./entrypoint-exec.sh"]', 'CMD ["node", "app.js"]'],
    ...answered,
    why: 'the script ends in `exec "$@"`: node takes the place of the shell',
  },
  { write: [dash, 'CMD exec node app.js'], ...answered, why: '`exec`: node takes the place of the shell' },
  {
    write: [
      'ENTRYPOINT ["node_modules/.bin/graceful", "run", "--listen", "http=3000", "--"]',
      'CMD ["node", "app.js"]',
    ],
    ...answered,
    why: 'the supervisor is PID 1, and lets its processes drain',
  },
];

/** What works as well, and rests on somebody's habits. */
const works: readonly SignalRow[] = [
  { write: [bash, 'CMD node app.js'], ...answered, why: 'bash execs the last command by itself' },
  { write: [bash, 'CMD true && node app.js'], ...answered, why: 'the same' },
  { write: [alpine, 'CMD node app.js'], ...answered, why: 'so does the ash of Alpine' },
  { write: [alpine, 'CMD true && node app.js'], ...answered, why: 'the same' },
  {
    write: ['CMD ["npm", "run", "start:exec"]'],
    ...answered,
    why: 'the script is `exec node app.js`, so that npm has node for a child, and not a shell',
  },
  {
    write: ['ENTRYPOINT ["tini", "--"]', 'CMD ["npm", "run", "start:exec"]'],
    ...answered,
    why: 'the same',
  },
  { write: ['CMD ["node", "--watch", "app.js"]'], ...answered, why: 'it passes SIGTERM on; for development' },
];

/** What not to write. */
const warned: readonly SignalRow[] = [
  {
    write: ['CMD ["node", "no-handler.js"]'],
    ...killed,
    why: 'the kernel drops what PID 1 has no handler for',
  },
  {
    write: ['ENTRYPOINT ["tini", "--"]', 'CMD ["node", "no-handler.js"]'],
    ...ended,
    why: 'under an init SIGTERM ends it',
  },
  { write: ['CMD ["node", "no-handler.js"]'], init: true, ...ended, why: 'the same' },
  { write: [dash, 'CMD node app.js'], ...killed, why: 'the sh of Debian stays PID 1, and has no handler' },
  { write: [dash, 'CMD true && node app.js'], ...killed, why: 'the same' },
  {
    write: ['ENTRYPOINT ["./entrypoint.sh"]', 'CMD ["node", "app.js"]'],
    ...killed,
    why: 'a script without `exec`: the shell stays PID 1',
  },
  {
    write: ['CMD ["npm", "start"]'],
    verdict: 'cut',
    exitCode: 1,
    why: 'npm tells its shell, which ends; then npm ends, and with PID 1 everything',
  },
  {
    write: ['ENTRYPOINT ["tini", "--"]', 'CMD ["npm", "start"]'],
    ...ended,
    why: 'the init ends with its child, npm',
  },
  {
    write: ['ENTRYPOINT ["tini", "-g", "--"]', 'CMD ["npm", "start"]'],
    ...ended,
    why: 'all of them hear it; the init ends with the first, npm',
  },
  { write: ['ENTRYPOINT ["dumb-init", "--"]', 'CMD ["npm", "start"]'], ...ended, why: 'the same' },
  {
    write: ['ENTRYPOINT ["tini", "--"]', 'CMD ["/bin/dash", "-c", "true && node app.js"]'],
    ...ended,
    why: 'the shell ends at SIGTERM, and the init with it',
  },
  {
    write: ['ENTRYPOINT ["tini", "--", "./entrypoint.sh"]', 'CMD ["node", "app.js"]'],
    ...ended,
    why: 'the same',
  },
  {
    write: ['CMD ["node", "--run", "start"]'],
    fromNode: 22,
    ...killed,
    why: 'PID 1 is a node that runs the script in a shell, and has no handler',
  },
  {
    write: ['CMD ["node_modules/.bin/pm2-runtime", "--raw", "app.js"]'],
    verdict: 'cut',
    exitCode: 0,
    why: 'SIGINT instead of SIGTERM, and SIGKILL 1.6 s later (`kill_timeout`)',
  },
  {
    write: ['STOPSIGNAL SIGQUIT', 'CMD ["node", "app.js"]'],
    ...killed,
    why: 'inherited from the image of nginx or PHP-FPM: nobody here handles it',
  },
  {
    write: ['STOPSIGNAL SIGKILL', 'CMD ["node", "app.js"]'],
    verdict: 'cut',
    exitCode: 137,
    why: 'of course',
  },
];

export const signalRows: readonly SignalRow[] = [...recommended, ...works, ...warned];

/** What a row is called, and how the page writes it. */
export function nameOf({ write, init }: SignalRow): string {
  return [...(init ? ['docker run --init'] : []), ...write].join('; ');
}
