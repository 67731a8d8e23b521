import { networkOf } from "./address.ts";

/** A connection in the lobby; `leave` may be called more than once. */
export interface Visit {
  leave(): void;
}

/** The connections that have not published yet. They are few, and few from one address. */
export class Lobby {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #visits = new Map<Visit, { network: string; end: () => void }>();
  readonly #perNetwork = new Map<string, number>();

  constructor({ strangers, strangersPerAddress }: { strangers: number; strangersPerAddress: number }) {
    this.#most = strangers;
    this.#mostPerAddress = strangersPerAddress;
  }

  get size(): number {
    return this.#visits.size;
  }

  /**
   * Lets a connection in; undefined if its address has too many already. If the lobby is full, the connection that has been
   * there longest is ended for it: a camera needs less than a second, so a flood hardly meets one.
   */
  enter(address: string, end: () => void): Visit | undefined {
    const network = networkOf(address);
    const count = this.#perNetwork.get(network) ?? 0;
    if (count >= this.#mostPerAddress) return undefined;
    if (this.#visits.size >= this.#most) this.#endOldest();
    this.#perNetwork.set(network, count + 1);
    const visit: Visit = { leave: () => this.#leave(visit) };
    this.#visits.set(visit, { network, end });
    return visit;
  }

  #endOldest(): void {
    const [oldest] = this.#visits;
    oldest?.[0].leave();
    oldest?.[1].end();
  }

  #leave(visit: Visit): void {
    const known = this.#visits.get(visit);
    if (!known) return;
    this.#visits.delete(visit);
    const left = (this.#perNetwork.get(known.network) ?? 1) - 1;
    if (left > 0) this.#perNetwork.set(known.network, left);
    else this.#perNetwork.delete(known.network);
  }
}
