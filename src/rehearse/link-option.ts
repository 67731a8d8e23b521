import { CliError, ExitCode } from "../lib/errors.ts";

/** A line to viewers far away. Loss and rate are those of each direction. */
export interface Link {
  /** Delay there and back. */
  readonly roundTripMs: number;
  readonly lossPercent: number;
  readonly mbps: number;
}

// The bounds of tools/far-link.
const mostRoundTripMs = 10_000;
const mostMbps = 1000;

const perUnit = { ms: 1, s: 1000, "%": 1, kbit: 0.001, mbit: 1, gbit: 1000 } as const;
const parts = {
  roundTripMs: { units: /^(ms|s)$/, fits: (ms: number) => ms <= mostRoundTripMs },
  lossPercent: { units: /^%$/, fits: (percent: number) => percent < 100 },
  mbps: { units: /^([kmg]bit)$/, fits: (mbps: number) => mbps > 0 && mbps <= mostMbps },
} as const;

/**
 * Reads `--link RTT,LOSS,RATE`, such as `250ms,1%,20mbit`, in any order. Throws CliError 64, which names the part that is wrong
 * or missing.
 */
export function readLink(text: string): Link {
  const found = new Map<keyof Link, number>();
  for (const word of text.split(",")) {
    const [, digits = "", unit = ""] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|%|[kmg]bit)(?:\/s)?$/i.exec(word.trim()) ?? [];
    const scale = Object.entries(perUnit).find(([name]) => name === unit.toLowerCase())?.[1];
    const [name, part] = namedParts.find(([, { units }]) => units.test(unit.toLowerCase())) ?? [];
    if (name === undefined || part === undefined || scale === undefined)
      throw wrong(text, word === "" ? "a part is empty" : `"${word.slice(0, 40)}" is no delay, no loss and no rate`);
    if (found.has(name)) throw wrong(text, `its ${inWords[name]} is given twice`);
    const value = Number(digits) * scale;
    if (!part.fits(value)) throw wrong(text, `"${word}" is out of bounds`);
    found.set(name, value);
  }
  const of = (name: keyof Link): number => {
    const value = found.get(name);
    if (value === undefined) throw wrong(text, `it has no ${inWords[name]}`);
    return value;
  };
  return { roundTripMs: of("roundTripMs"), lossPercent: of("lossPercent"), mbps: of("mbps") };
}

const namedParts = Object.entries(parts) as [keyof Link, (typeof parts)[keyof Link]][];

const inWords: Readonly<Record<keyof Link, string>> = {
  roundTripMs: "round trip",
  lossPercent: "loss",
  mbps: "rate",
};

const wrong = (text: string, why: string): CliError =>
  new CliError(
    ExitCode.usage,
    `--link ${text.slice(0, 80)}: ${why}`,
    "give the round trip (up to 10s), the loss (below 100%) and the rate (up to 1gbit), such as 250ms,1%,20mbit",
  );
