import type { ConformanceOptions } from './options.js';
import { missing, type Scenario } from './scenarios/scenario.js';
import { scenarios } from './scenarios/table.js';
import { type Settings, toSettings } from './settings.js';

/** A row, and what is missing for it to be played. */
export interface Row {
  readonly scenario: Scenario;
  readonly needs: readonly string[];
}

/** What a run consists of, before anything of it has been started. */
export interface Plan {
  readonly settings: Settings;
  readonly rows: readonly Row[];
}

/** @throws {@link ConformanceError} `ERR_CONFORMANCE_OPTION` */
export function plan(options: ConformanceOptions): Plan {
  const settings = toSettings(
    options,
    scenarios.map(({ id }) => id),
  );
  const rows = scenarios
    .filter(({ id }) => settings.only?.includes(id) ?? true)
    .map((scenario) => ({ scenario, needs: missing(scenario, settings) }));
  return { settings, rows };
}
