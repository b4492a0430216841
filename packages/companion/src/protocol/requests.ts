import {
  countOf,
  fieldsOf,
  flagOf,
  invalid,
  listOf,
  millisecondsOf,
  nameOf,
  oneOf,
  onlyFields,
  portOf,
  textOf,
} from './check.js';
import {
  type Budgets,
  type DrainRequest,
  type Farewell,
  type InstanceUpdate,
  protocolVersion,
  type Registration,
} from './wire.js';

/** Longer than any pod takes to leave: a day. */
export const longestMs = 86_400_000;

const mostPorts = 16;
const mostAfter = 32;
const longestReason = 256;

/**
 * The body of `POST /v1/instances`.
 *
 * @throws Refused `invalid`
 */
export function registrationOf(body: unknown): Registration {
  const fields = fieldsOf('the registration', body);
  onlyFields('the registration', fields, [
    'name',
    'pid',
    'container',
    'ports',
    'budgets',
    'after',
    'version',
    'id',
    'token',
  ]);
  const { pid, container, ports, budgets, after, version, id, token } = fields;
  if (version !== undefined && version !== protocolVersion) {
    throw invalid(`\`version\` to be ${protocolVersion}, which is what this companion speaks`, version);
  }
  if ((id === undefined) !== (token === undefined)) {
    throw invalid(
      '`id` and `token` of the earlier registration to come together',
      id === undefined ? 'token' : 'id',
    );
  }
  return {
    name: nameOf('`name`', fields['name']),
    ...(pid !== undefined && { pid: countOf('`pid`', pid) }),
    ...(container !== undefined && { container: nameOf('`container`', container) }),
    ...(ports !== undefined && { ports: listOf('`ports`', ports, mostPorts, portOf) }),
    ...(budgets !== undefined && { budgets: budgetsOf(budgets) }),
    ...(after !== undefined && { after: listOf('`after`', after, mostAfter, nameOf) }),
    ...(id !== undefined && { id: textOf('`id`', id, 128) }),
    ...(token !== undefined && { token: textOf('`token`', token, 128) }),
  };
}

function budgetsOf(value: unknown): Budgets {
  const fields = fieldsOf('`budgets`', value);
  onlyFields('`budgets`', fields, ['delayMs', 'requestsMs', 'hooksMs']);
  const budget = (key: string) => millisecondsOf(`\`budgets.${key}\``, fields[key], longestMs);
  return { delayMs: budget('delayMs'), requestsMs: budget('requestsMs'), hooksMs: budget('hooksMs') };
}

const updateFields = [
  'ready',
  'reason',
  'state',
  'inFlight',
  'served',
  'lastArrivalMs',
  'lastConnectionMs',
] as const;

/**
 * The body of `PATCH /v1/instances/{id}`, and a line of `POST …/state`.
 *
 * @throws Refused `invalid`
 */
export function updateOf(body: unknown): InstanceUpdate {
  const fields = fieldsOf('the update', body);
  onlyFields('the update', fields, updateFields);
  const { ready, reason, state, inFlight, served, lastArrivalMs, lastConnectionMs } = fields;
  return {
    ...(ready !== undefined && { ready: flagOf('`ready`', ready) }),
    ...(reason !== undefined && { reason: textOf('`reason`', reason, longestReason) }),
    ...(state !== undefined && { state: oneOf('`state`', state, ['lame-duck', 'draining', 'closing']) }),
    ...(inFlight !== undefined && { inFlight: countOf('`inFlight`', inFlight) }),
    ...(served !== undefined && { served: countOf('`served`', served) }),
    ...(lastArrivalMs !== undefined && {
      lastArrivalMs: millisecondsOf('`lastArrivalMs`', lastArrivalMs, Number.MAX_SAFE_INTEGER),
    }),
    ...(lastConnectionMs !== undefined && {
      lastConnectionMs: millisecondsOf('`lastConnectionMs`', lastConnectionMs, Number.MAX_SAFE_INTEGER),
    }),
  };
}

/**
 * The body of `POST /v1/instances/{id}/bye`: `report` is kept as it is, and
 * only what is judged by is looked at.
 *
 * @throws Refused `invalid`
 */
export function farewellOf(body: unknown): Farewell {
  const fields = fieldsOf('the farewell', body);
  onlyFields('the farewell', fields, ['report']);
  const report = fieldsOf('`report`', fields['report']);
  const { verdict, reason, exitCode, durationMs, requests } = report;
  if (verdict !== undefined) oneOf('`report.verdict`', verdict, ['clean', 'forced', 'failed']);
  if (reason !== undefined) textOf('`report.reason`', reason, longestReason);
  if (exitCode !== undefined) countOf('`report.exitCode`', exitCode);
  if (durationMs !== undefined) millisecondsOf('`report.durationMs`', durationMs, Number.MAX_SAFE_INTEGER);
  if (requests !== undefined) {
    const figures = fieldsOf('`report.requests`', requests);
    for (const key of ['served', 'dropped', 'inFlightAtStart', 'servedInLameDuck']) {
      if (figures[key] !== undefined) countOf(`\`report.requests.${key}\``, figures[key]);
    }
  }
  return report;
}

/**
 * The body of `POST /v1/drain`.
 *
 * @throws Refused `invalid`
 */
export function drainOf(body: unknown): DrainRequest {
  const fields = fieldsOf('the drain', body);
  onlyFields('the drain', fields, ['reason', 'deadlineMs', 'scope']);
  const { reason, deadlineMs, scope } = fields;
  return {
    reason: oneOf('`reason`', reason, ['pod', 'self', 'operator']),
    ...(deadlineMs !== undefined && { deadlineMs: millisecondsOf('`deadlineMs`', deadlineMs, longestMs) }),
    ...(scope !== undefined && { scope: nameOf('`scope`', scope) }),
  };
}
