import { type Edges, originPathway } from "../../lib/edges-file.ts";
import type { Drains } from "./drains.ts";
import { type CheckTimes, checkTimes, EdgeHealth, type Health } from "./edge-health.ts";
import { NetworkMap } from "./networks.ts";
import { type EdgeState, orderOf } from "./order.ts";
import { Reports } from "./reports.ts";

/**
 * How long a player waits before it asks again. Health checks doubt a hung edge after at most 2 s and take it out after at most 3 s,
 * so a player leaves it after at most 5 s. At segments of 2 s Owncast's page has 2 to 8 s in hand (`npm run bench -- steering`). Each
 * viewer costs a third of a request per second.
 */
export const ttlSeconds = 3;

/** The same while a player's edge has missed a check: the next one decides. A single lost packet then moves nobody. */
const doubtSeconds = 1;

/** An edge's state, for people and for monitoring. */
export interface EdgeStatus {
  readonly name: string;
  readonly url: string;
  readonly weight: number;
  /** `up`: it gets viewers. `drained`: it lives, and an admin sends its viewers elsewhere. `down`: it does not answer. */
  readonly state: "up" | "drained" | "down";
  /** Whether it is drained, also while it is down. */
  readonly drained: boolean;
  /** Players that said lately that they use it. */
  readonly viewers: number;
  /** The median of the speeds that these players measured. */
  readonly kbps: number | null;
  /** Why it does not answer, or why the last check failed. */
  readonly fault: string | null;
}

/** The state of a stage's steering. */
export interface SteeringStatus {
  readonly edges: readonly EdgeStatus[];
  /** Players at the stage's own server that were steered there. */
  readonly origin: { readonly viewers: number; readonly kbps: number | null };
}

/** A player's request, as it comes from outside. */
export interface SteeringRequest {
  /** Of the request, with its `?`; any text. */
  readonly query: string;
  readonly address: string;
}

export interface SteeringOptions {
  readonly edges: Edges;
  readonly drains: Drains;
  readonly say: (line: string) => void;
  /** Called when the order for a player of which nothing is known may have changed. */
  readonly changed?: () => void;
  readonly times?: CheckTimes;
}

// No player sends more.
const longestQuery = 2048;
const longestAddress = 64;

/** Knows a stage's edges, and says to each player where to go. It answers from memory. */
export class Steering {
  readonly #options: SteeringOptions;
  readonly #health: ReadonlyMap<string, EdgeHealth>;
  readonly #networks: NetworkMap;
  readonly #reports: Reports;
  #requests = 0;

  /** Throws CliError 65 for a wrong network. */
  constructor(options: SteeringOptions) {
    this.#options = options;
    const { edges } = options.edges;
    this.#networks = new NetworkMap(edges);
    const pathways = [...edges.map(({ name }) => name), originPathway];
    this.#reports = new Reports(pathways, ttlSeconds, nowSecond());
    const watch = (edge: Edges["edges"][number]): EdgeHealth =>
      new EdgeHealth(
        edge,
        ({ isUp, fault }) => {
          options.say(isUp ? `the edge ${edge.name} answers` : `the edge ${edge.name} does not answer: ${fault}`);
          options.changed?.();
        },
        options.times ?? checkTimes,
      );
    this.#health = new Map(edges.map((edge) => [edge.name, watch(edge)]));
  }

  /** Resolves when each edge was checked once. */
  async start(): Promise<void> {
    await Promise.all([...this.#health.values()].map((one) => one.start()));
  }

  stop(): void {
    for (const one of this.#health.values()) one.stop();
  }

  /** The steering manifest for a player, as JSON. Never throws, whatever the player sends: invalid JSON ends steering for good. */
  answer({ query, address: sent }: SteeringRequest): string {
    this.#requests += 1;
    const address = sent.slice(0, longestAddress);
    const said = new URLSearchParams(query.length > longestQuery ? "" : query);
    const current = unquoted(said.get("_HLS_pathway"));
    this.#reports.add(current, unquoted(said.get("_HLS_throughput")), address, nowSecond());
    const asker = { current, nearest: this.#networks.nearest(address), chance: Math.random() };
    const { isUp, against = 0 } = this.#healthOf(current ?? originPathway);
    const isInDoubt = isUp && against > 0;
    return manifest(orderOf(this.#states(), asker), isInDoubt ? doubtSeconds : ttlSeconds);
  }

  /** The order for a player of which nothing is known. */
  order(): string[] {
    const heaviestFirst = this.#states()
      .map((one) => ({ ...one, viewers: 0 }))
      .sort((one, other) => other.weight - one.weight);
    return orderOf(heaviestFirst, { chance: 0 });
  }

  /** Drains an edge or ends that. False if there is no such edge. Rejects if the disk does not keep it. */
  async drain(name: string, isDrained: boolean): Promise<boolean> {
    if (!this.#health.has(name)) return false;
    if (this.#options.drains.has(name) === isDrained) return true;
    await this.#options.drains.set(name, isDrained);
    this.#options.say(isDrained ? `the edge ${name} is drained` : `the edge ${name} gets viewers again`);
    this.#options.changed?.();
    return true;
  }

  status(): SteeringStatus {
    const second = nowSecond();
    const reported = (name: string): { viewers: number; kbps: number | null } => ({
      viewers: this.#reports.viewers(name, second),
      kbps: this.#reports.kbps(name, second) ?? null,
    });
    const edges = this.#options.edges.edges.map(({ name, url, weight }): EdgeStatus => {
      const { isUp, fault = null } = this.#healthOf(name);
      const drained = this.#options.drains.has(name);
      const state = !isUp ? "down" : drained ? "drained" : "up";
      return { name, url, weight, state, drained, ...reported(name), fault };
    });
    return { edges, origin: reported(originPathway) };
  }

  /** How many players have asked since the start. */
  get requests(): number {
    return this.#requests;
  }

  #healthOf(name: string): Pick<Health, "isUp"> & Partial<Health> {
    return this.#health.get(name)?.health ?? { isUp: false };
  }

  #states(): EdgeState[] {
    const second = nowSecond();
    return this.#options.edges.edges.map(({ name, weight }) => ({
      name,
      weight,
      isUp: this.#healthOf(name).isUp,
      isDrained: this.#options.drains.has(name),
      viewers: this.#reports.viewers(name, second),
    }));
  }
}

/** The steering manifest, as JSON: RFC 8216bis, section 7. */
const manifest = (order: readonly string[], seconds = ttlSeconds): string =>
  JSON.stringify({ VERSION: 1, TTL: seconds, "PATHWAY-PRIORITY": order });

/** Players write a pathway's name with or without quotes. */
const unquoted = (text: string | null): string | undefined => text?.replace(/^"(.*)"$/, "$1");

const nowSecond = (): number => Math.floor(performance.now() / 1000);
