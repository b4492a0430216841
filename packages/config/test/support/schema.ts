import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A schema that takes whatever comes, or what `judge` makes of it. */
export function schemaOf<Value = unknown>(
  judge: (value: unknown) => StandardSchemaV1.Result<Value> | Promise<StandardSchemaV1.Result<Value>> = (
    value,
  ) => ({
    value: value as Value,
  }),
): StandardSchemaV1<unknown, Value> {
  return { '~standard': { version: 1, vendor: 'test', validate: judge } };
}
