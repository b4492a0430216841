import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ConfigError, type ConfigIssue } from '../config-error.js';
import { firstLine, type Parsed } from './parse.js';

/** Issues that an error keeps; and that its message shows. */
const mostIssues = 100;
const mostShown = 5;

/**
 * What `schema` makes of the data.
 *
 * @throws {@link ConfigError} `ERR_CONFIG_INVALID`
 */
export async function validate<Value>(
  schema: StandardSchemaV1<unknown, Value>,
  { data, lineOf }: Parsed,
  file: string,
): Promise<Value> {
  const result = await ask(schema, data, file);
  if (!result.issues) return result.value;
  const issues = result.issues.slice(0, mostIssues).map(({ path = [], message }): ConfigIssue => {
    // Not path.map(): that of arktype makes paths of its own.
    const steps = Array.from(path, stepOf);
    return { path: steps, message, line: lineOf(steps) };
  });
  // As one reads: some validators have an order of their own.
  issues.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  throw new ConfigError(
    'ERR_CONFIG_INVALID',
    `Expected ${file} to be what its schema asks for, got ${result.issues.length} ${result.issues.length === 1 ? 'issue' : 'issues'}: ${shown(issues)}`,
    { file, issues },
  );
}

/** A schema should not throw; what it calls, may. */
async function ask<Value>(
  schema: StandardSchemaV1<unknown, Value>,
  data: unknown,
  file: string,
): Promise<StandardSchemaV1.Result<Value>> {
  try {
    return await schema['~standard'].validate(data);
  } catch (cause) {
    throw new ConfigError(
      'ERR_CONFIG_INVALID',
      `Expected the schema of ${file} to say what it thinks, got an error thrown by it: ${firstLine(cause)}`,
      { file, cause },
    );
  }
}

function stepOf(step: PropertyKey | StandardSchemaV1.PathSegment): string | number {
  const key = typeof step === 'object' ? step.key : step;
  return typeof key === 'number' ? key : String(key);
}

function shown(issues: readonly ConfigIssue[]): string {
  const texts = issues.slice(0, mostShown).map(({ path, message, line }) => {
    return `${pathText(path)}${line === undefined ? '' : ` (line ${line})`}: ${message}`;
  });
  if (issues.length > mostShown) texts.push('…');
  return texts.join('; ');
}

/** As one would write it in a program: `servers[0].port`. */
function pathText(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the whole';
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('');
}
