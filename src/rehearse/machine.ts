import { existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from "node:perf_hooks";
import { ownFault } from "./connection.ts";

/** How this machine did in one second. */
export interface OwnSecond {
  /** Of one processor, by this process. */
  readonly cpuShare: number;
  /** The part of the time in which the event loop worked. */
  readonly busyShare: number;
  /** How late the event loop was, 99th percentile. */
  readonly loopDelayMs: number;
  /** Received by the network card as a share of its speed; undefined if the speed is not known, as on loopback. */
  readonly networkShare: number | undefined;
}

/** What spoils a rehearsal: above one of these in a tenth of the seconds, the viewers' times are this machine's. */
export const ownLimits = { busyShare: 0.95, loopDelayMs: 100, networkShare: 0.95 } as const;
const spoiltShare = 0.1;
const fewestSeconds = 3;
// The event loop's delay is measured against a timer of this interval, and includes it.
const resolutionMs = 10;

/** The machine that makes the load, as the report shows it. */
export interface OwnMachineReport {
  readonly cpuShareMean: number;
  readonly cpuShareMax: number;
  readonly loopDelayMsMax: number;
  readonly networkShareMax: number | undefined;
  /** Why the rehearsal measured this machine instead of the stage; empty if it did not. */
  readonly spoiltBy: readonly string[];
}

/** Watches the machine and the process that make the load. */
export class OwnMachine {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  #cpu = process.cpuUsage();
  #loop: EventLoopUtilization = performance.eventLoopUtilization();
  #atMs = performance.now();
  #card: { readonly name: string; readonly bytesPerSecond: number } | undefined;
  #cardBytes: number | undefined;
  #seconds = 0;
  #cpuSum = 0;
  #cpuMax = 0;
  #delayMax = 0;
  #networkMax: number | undefined;
  readonly #over = { busy: 0, late: 0, network: 0 };

  constructor() {
    this.#delay.enable();
  }

  /** The address that connections come from, which tells the network card. */
  usesAddress(localAddress: string): void {
    if (this.#card) return;
    const plain = localAddress.replace(/^::ffff:/, "");
    const found = Object.entries(networkInterfaces()).find(([, addresses]) =>
      addresses?.some(({ address }) => address === plain),
    );
    // A tunnel's device tells a speed that is not its own: 10 or 10,000 Mbit/s.
    const isReal = found && !existsSync(`/sys/class/net/${found[0]}/tun_flags`);
    const speed = isReal ? numberIn(`/sys/class/net/${found[0]}/speed`) : undefined;
    this.#card = { name: found?.[0] ?? "", bytesPerSecond: speed === undefined || speed <= 0 ? 0 : (speed * 1e6) / 8 };
  }

  /** To be called once a second. */
  sample(): OwnSecond {
    const now = performance.now();
    const elapsedMs = Math.max(1, now - this.#atMs);
    const cpu = process.cpuUsage(this.#cpu);
    const loop = performance.eventLoopUtilization();
    const second: OwnSecond = {
      cpuShare: (cpu.user + cpu.system) / 1000 / elapsedMs,
      busyShare: performance.eventLoopUtilization(loop, this.#loop).utilization,
      loopDelayMs: Math.max(0, this.#delay.percentile(99) / 1e6 - resolutionMs),
      networkShare: this.#networkShare(elapsedMs),
    };
    this.#delay.reset();
    this.#cpu = process.cpuUsage();
    this.#loop = loop;
    this.#atMs = now;
    this.#note(second);
    return second;
  }

  /** `errors`: failed requests by kind. */
  report(errors: ReadonlyMap<string, number>): OwnMachineReport {
    return {
      cpuShareMean: this.#seconds === 0 ? 0 : this.#cpuSum / this.#seconds,
      cpuShareMax: this.#cpuMax,
      loopDelayMsMax: this.#delayMax,
      networkShareMax: this.#networkMax,
      spoiltBy: spoiltBy({ seconds: this.#seconds, ...this.#over }, errors),
    };
  }

  stop(): void {
    this.#delay.disable();
  }

  #note({ cpuShare, busyShare, loopDelayMs, networkShare }: OwnSecond): void {
    this.#seconds += 1;
    this.#cpuSum += cpuShare;
    this.#cpuMax = Math.max(this.#cpuMax, cpuShare);
    this.#delayMax = Math.max(this.#delayMax, loopDelayMs);
    if (networkShare !== undefined) this.#networkMax = Math.max(this.#networkMax ?? 0, networkShare);
    this.#over.busy += Number(busyShare > ownLimits.busyShare);
    this.#over.late += Number(loopDelayMs > ownLimits.loopDelayMs);
    this.#over.network += Number((networkShare ?? 0) > ownLimits.networkShare);
  }

  #networkShare(elapsedMs: number): number | undefined {
    if (!this.#card || this.#card.bytesPerSecond === 0) return undefined;
    const bytes = numberIn(`/sys/class/net/${this.#card.name}/statistics/rx_bytes`);
    const before = this.#cardBytes;
    this.#cardBytes = bytes;
    if (bytes === undefined || before === undefined) return undefined;
    return ((bytes - before) * 1000) / elapsedMs / this.#card.bytesPerSecond;
  }
}

/** Seconds in which this machine was at a limit. */
export interface OwnTrouble {
  readonly seconds: number;
  readonly busy: number;
  readonly late: number;
  readonly network: number;
}

/** Why these seconds and errors spoil a rehearsal, for a person; empty if they do not. */
export function spoiltBy({ seconds, busy, late, network }: OwnTrouble, errors: ReadonlyMap<string, number>): string[] {
  const isMuch = (count: number) => count >= fewestSeconds && count > seconds * spoiltShare;
  const own = [...errors].filter(([kind]) => kind.includes(ownFault));
  return [
    ...(isMuch(busy) ? [`its one processor was busy all the time in ${busy} of ${seconds} seconds`] : []),
    ...(isMuch(late)
      ? [`its event loop was over ${ownLimits.loopDelayMs} ms late in ${late} of ${seconds} seconds`]
      : []),
    ...(isMuch(network) ? [`its network card was full in ${network} of ${seconds} seconds`] : []),
    ...own.map(([kind, count]) => `${kind} (${count} times)`),
  ];
}

function numberIn(file: string): number | undefined {
  try {
    const value = Number(readFileSync(file, "utf8"));
    return Number.isFinite(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
