import type { SocketServiceConfig } from './protocol.js';
import { RawClient, type RawClientOptions } from './raw-client.js';
import { SocketService } from './socket-service.js';
import { WsClient } from './ws-client.js';

/** A service, its clients, and nothing of them left when the test is over. */
export class Trial {
  readonly service: SocketService;
  readonly #clients: { destroy(): void }[] = [];

  /** @param onTestFinished - of the test's context: tests run side by side */
  static async start(
    onTestFinished: (end: () => Promise<void>) => void,
    config: SocketServiceConfig,
  ): Promise<Trial> {
    const trial = new Trial(await SocketService.start(config));
    onTestFinished(async () => {
      for (const client of trial.#clients) client.destroy();
      await trial.service[Symbol.asyncDispose]();
    });
    return trial;
  }

  private constructor(service: SocketService) {
    this.service = service;
  }

  /** A client of the package `ws`. */
  async ws(options: { readonly deflate?: boolean } = {}): Promise<WsClient> {
    return this.keep(await WsClient.open(this.service.address, options));
  }

  /** As many, one after the other. */
  async wss(count: number): Promise<WsClient[]> {
    const clients: WsClient[] = [];
    for (let index = 0; index < count; index++) clients.push(await this.ws());
    return clients;
  }

  async raw(options: RawClientOptions = {}): Promise<RawClient> {
    return this.keep(await RawClient.open(this.service.address, options));
  }

  beginRaw(options: RawClientOptions): RawClient {
    return this.keep(RawClient.begin(this.service.address, options));
  }

  keep<Client extends { destroy(): void }>(client: Client): Client {
    this.#clients.push(client);
    return client;
  }
}
