// A reporter for vitest: the tests that failed, by name, with the first lines
// of what was wrong, in a file. `.ci/run` prints it at the end of its log.
import { appendFileSync } from 'node:fs';

/** Of each error, how many lines, and how long each. */
const lines = 12;
const columns = 400;

/** @param {string} message */
function firstLines(message) {
  const all = message.trim().split('\n');
  const kept = all.slice(0, lines).map((line) => `      ${line.slice(0, columns)}`);
  return all.length > lines ? [...kept, `      … ${all.length - lines} lines more`] : kept;
}

/** @implements {import('vitest/reporters').Reporter} */
export default class FailuresReporter {
  #file;

  /** @param {string} file */
  constructor(file) {
    this.#file = file;
  }

  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly import('vitest/node').SerializedError[]} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    const said = [];
    const say = (what, errors) => {
      said.push(`  ${what}`, ...errors.flatMap(({ message }) => firstLines(message)));
    };
    for (const module of modules) {
      const file = module.relativeModuleId;
      if (module.errors().length > 0) say(file, module.errors());
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) say(`${file} > ${suite.fullName}`, suite.errors());
      }
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state === 'failed') say(`${file} > ${test.fullName}`, errors);
      }
    }
    // Their stacks, which begin with the message: nothing else says where they come from.
    const thrown = unhandled.map(({ message, stack = message }) => ({ message: stack }));
    if (thrown.length > 0) say('errors that no test caught', thrown);
    if (said.length > 0) appendFileSync(this.#file, `${said.join('\n')}\n`);
  }
}
