import { networkOf } from "../../lib/strangers.ts";

/** A counted connection. */
export interface CountedConnection {
  /** It has published or is closed. May be called more than once. */
  leave(): void;
}

/** Limits the connections that have not published yet, in all and from one stranger. */
export class UnpublishedConnections {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #connections = new Map<CountedConnection, { network: string; end: () => void }>();
  readonly #perNetwork = new Map<string, number>();

  constructor({ strangers, strangersPerAddress }: { strangers: number; strangersPerAddress: number }) {
    this.#most = strangers;
    this.#mostPerAddress = strangersPerAddress;
  }

  /**
   * Counts a connection. If there are too many, in all or from its address, the oldest of those is ended. A camera publishes
   * within a second, so a flood hardly ever ends one.
   */
  enter(address: string, end: () => void): CountedConnection {
    const network = networkOf(address);
    if ((this.#perNetwork.get(network) ?? 0) >= this.#mostPerAddress) this.#endOldest(network);
    if (this.#connections.size >= this.#most) this.#endOldest();
    this.#perNetwork.set(network, (this.#perNetwork.get(network) ?? 0) + 1);
    const connection: CountedConnection = { leave: () => this.#leave(connection) };
    this.#connections.set(connection, { network, end });
    return connection;
  }

  /** The oldest of this network, or of all. */
  #endOldest(network?: string): void {
    for (const [connection, known] of this.#connections) {
      if (network !== undefined && known.network !== network) continue;
      connection.leave();
      known.end();
      return;
    }
  }

  #leave(connection: CountedConnection): void {
    const known = this.#connections.get(connection);
    if (!known) return;
    this.#connections.delete(connection);
    const left = (this.#perNetwork.get(known.network) ?? 1) - 1;
    if (left > 0) this.#perNetwork.set(known.network, left);
    else this.#perNetwork.delete(known.network);
  }
}
