import { randomUUID } from 'node:crypto';
import { docker } from './engine.js';
import { gone, labels } from './sweep.js';

/** A network of the test's own; containers find each other there by name. */
export class TestNetwork implements AsyncDisposable {
  readonly name: string;

  static async create(): Promise<TestNetwork> {
    const name = nameOfItsOwn();
    await (await docker()).createNetwork({ Name: name, Labels: { ...labels } });
    return new TestNetwork(name);
  }

  private constructor(name: string) {
    this.name = name;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await gone((await docker()).getNetwork(this.name).remove());
  }
}

/** A volume of the test's own, in memory. */
export class TestVolume implements AsyncDisposable {
  readonly name: string;

  /** Whose root belongs to `owner` (`1000:1000`), with this mode. */
  static async create(owner: string, mode: string): Promise<TestVolume> {
    const [uid, gid] = owner.split(':');
    const name = nameOfItsOwn();
    await (await docker()).createVolume({
      Name: name,
      Labels: { ...labels },
      Driver: 'local',
      DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: `size=1m,uid=${uid},gid=${gid},mode=${mode}` },
    });
    return new TestVolume(name);
  }

  private constructor(name: string) {
    this.name = name;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await gone((await docker()).getVolume(this.name).remove());
  }
}

function nameOfItsOwn(): string {
  return `graceful-test-${randomUUID()}`;
}
