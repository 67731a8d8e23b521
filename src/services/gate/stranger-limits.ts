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

  /**
   * Lets a connection in. If the lobby is full, or has too many from its address, the one of them that has been there longest is
   * ended for it: a camera needs less than a second, so a flood hardly meets one.
   */
  enter(address: string, end: () => void): Visit {
    const network = networkOf(address);
    if ((this.#perNetwork.get(network) ?? 0) >= this.#mostPerAddress) this.#endOldest(network);
    if (this.#visits.size >= this.#most) this.#endOldest();
    this.#perNetwork.set(network, (this.#perNetwork.get(network) ?? 0) + 1);
    const visit: Visit = { leave: () => this.#leave(visit) };
    this.#visits.set(visit, { network, end });
    return visit;
  }

  /** Of this network, or of all. */
  #endOldest(network?: string): void {
    for (const [visit, known] of this.#visits) {
      if (network !== undefined && known.network !== network) continue;
      visit.leave();
      known.end();
      return;
    }
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
