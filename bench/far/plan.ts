import { SetupError } from "../../tools/process/errors.mjs";

/** How a stage sends to its viewers. */
export type Sender = "cubic" | "HTTP/3" | "BBR";
export const senders: readonly Sender[] = ["cubic", "HTTP/3", "BBR"];

/** The rates of long downloads. */
export interface RatesPlan {
  readonly part: "rates";
  readonly roundTripMs: number;
  readonly lossPercent: number;
}

/** How long video of one rendition stands still. */
export interface StallsPlan {
  readonly part: "stalls";
  readonly segmentSeconds: 1 | 2 | 3 | 5;
  readonly kbps: number;
}

/** What Chromium shows of a ladder. */
export interface BrowserPlan {
  readonly part: "browser";
  readonly roundTripMs: number;
  readonly lossPercent: number;
  readonly sender: Sender;
}

export type Plan = RatesPlan | StallsPlan | BrowserPlan;

const losses = [0, 0.5, 1] as const;
const usual: readonly Plan[] = [
  ...[20, 150, 250].flatMap((roundTripMs) =>
    losses.map((lossPercent) => ({ part: "rates", roundTripMs, lossPercent }) as const),
  ),
  { part: "stalls", segmentSeconds: 2, kbps: 3200 },
  ...senders.map((sender) => ({ part: "browser", roundTripMs: 250, lossPercent: 1, sender }) as const),
];
const whole: readonly Plan[] = [
  ...[20, 150, 250, 300].flatMap((roundTripMs) =>
    [0, 0.1, 0.5, 1, 2].map((lossPercent) => ({ part: "rates", roundTripMs, lossPercent }) as const),
  ),
  ...([1, 2, 3, 5] as const).flatMap((segmentSeconds) =>
    [1000, 1600, 3200, 4500].map((kbps) => ({ part: "stalls", segmentSeconds, kbps }) as const),
  ),
  ...[20, 250].flatMap((roundTripMs) =>
    [0.5, 1].flatMap((lossPercent) =>
      senders.map((sender) => ({ part: "browser", roundTripMs, lossPercent, sender }) as const),
    ),
  ),
];

/** The name of a measurement, as people write it. */
export function nameOf(plan: Plan): string {
  if (plan.part === "stalls") return `stalls ${plan.segmentSeconds} s ${(plan.kbps / 1000).toFixed(1)} Mbit/s`;
  const name = `${plan.part} ${plan.roundTripMs} ms ${plan.lossPercent} %`;
  return plan.part === "browser" ? `${name} ${plan.sender}` : name;
}

/**
 * The measurements that `asked` names: beginnings of names, separated by semicolons; `all` chooses from all measurements instead of
 * the usual ones. Throws SetupError 64 if a word names none.
 */
export function planFor(asked: string): Plan[] {
  const words = asked
    .split(";")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const from = words.includes("all") ? whole : usual;
  const names = words.filter((word) => word !== "all");
  const isNamed = (plan: Plan, word: string) => `${nameOf(plan)} `.startsWith(`${word} `);
  const unknown = names.filter((word) => !from.some((plan) => isNamed(plan, word)));
  if (unknown.length > 0)
    throw new SetupError(
      `LECTERN_BENCH_FAR names no measurement: ${unknown.join("; ")}`,
      `${from === usual ? 'put "all;" before it to choose from all, or ' : ""}name some of: ${from.map(nameOf).join("; ")}`,
      64,
    );
  return from.filter((plan) => names.length === 0 || names.some((word) => isNamed(plan, word)));
}
