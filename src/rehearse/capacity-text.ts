import { sizeText } from "../media/declared-renditions.ts";
import { type Capacity, carriedViewers } from "./capacity.ts";
import type { Change } from "./capacity-advice.ts";

/** What the command prints: the answer, what helps, and what it takes for granted. */
export interface CapacityReport extends Capacity {
  readonly changes: readonly Change[];
  readonly assumed: readonly string[];
}

/** The report for a person, in lines. The verdict's begins with ✓ or ✗. Pure. */
export function capacityLines(report: CapacityReport): string[] {
  const { efforts, changes, assumed } = report;
  return [
    ...rows(figures(report)),
    "",
    ...renditionRows(report),
    "",
    verdictLine(report),
    ...(changes.length > 0 ? ["", "What helps:", ...changes.map(changeLine)] : []),
    ...(efforts.length > 0 ? ["", "Effort of the encoder (cpuUsage):", ...effortRows(report)] : []),
    ...(assumed.length > 0 ? ["", "Assumed:", ...assumed.map((sentence) => `  ${sentence}`)] : []),
  ];
}

function figures({ camera, machine, viewers, hours, processors, network, traffic, ...rest }: Capacity) {
  const { encoderInMotion, idle, neededForLadder, needed } = processors;
  const delivery = processors.viewers + processors.joins;
  const all = encoderInMotion + idle + delivery;
  const sent = machine.nicMbit === null ? "" : ` of ${number(machine.nicMbit)}`;
  const atBest =
    network.peakAtBestMbit > 1.01 * network.peakMbit
      ? `; ${number(network.peakAtBestMbit)} if all choose the best`
      : "";
  const elsewhere = traffic.elsewhereGb > 0 ? `, and ${number(traffic.elsewhereGb)} GB from elsewhere` : "";
  return [
    [
      "set in OBS",
      `${sizeText(camera)}, ${camera.framerate} frames/s, ${number(camera.bitrateKbps)} kbit/s (CBR), a keyframe every ${camera.keyframeSeconds} s, sound ${camera.soundKbps} kbit/s`,
    ],
    [
      "processors",
      `${fixed(all)} of ${machine.cores}: ladder ${fixed(encoderInMotion)}, ${viewers} viewers ${fixed(delivery)}, the servers themselves ${fixed(idle)}`,
    ],
    ["to rent", `${counted(needed, "processor")}; the ladder alone needs ${neededForLadder}`],
    [
      "egress",
      `${number(network.peakMbit)}${sent} Mbit/s at the peak, ${number(network.meanMbit)} on average${atBest}`,
    ],
    ["traffic", `${number(traffic.machineGb)} GB in ${counted(hours, "hour")}${elsewhere}`],
    ["memory", `${number(rest.memoryMb)} MB, and ${number(rest.heldSegmentsMb)} MB of segments on disk or tmpfs`],
  ] as const;
}

function renditionRows({ renditions }: Capacity): string[] {
  const table = renditions.map((one) => [
    one.name,
    `${sizeText(one)}@${one.framerate}`,
    one.passthrough ? "passed on" : `${number(one.declaredKbps)} kbit/s declared`,
    `${number(one.segmentKbps)} kbit/s to viewers`,
    `${fixed(one.encoderProcessors)} processors`,
  ]);
  return rows(table);
}

function effortRows({ efforts }: Capacity): string[] {
  return rows(
    efforts.map(({ cpuUsage, isOwn, processors, bitsForSameQuality, moreMbit }) => [
      `${isOwn ? "*" : " "} ${cpuUsage}`,
      `${fixed(processors)} processors`,
      isOwn ? "this ladder" : `${signed(bitsForSameQuality - 1)} bits for the same quality: ${signedMbit(moreMbit)}`,
    ]),
  );
}

const limitWords = {
  processors: "the processors are the limit",
  network: "the network is the limit",
} as const;

function verdictLine(report: Capacity): string {
  const { fits, viewers, limits, machine } = report;
  const [first, second] = limits;
  const carried = carriedViewers(report);
  const carries = carried === undefined ? "any number of" : number(carried);
  if (first?.viewers === 0 && first.what === "processors")
    return `✗ the ladder alone is too much for ${counted(machine.cores, "processor")}`;
  const limit = first
    ? `: ${limitWords[first.what]}${second ? `, then at ${number(second.viewers)} the ${second.what}` : ""}`
    : "";
  return `${fits ? "✓" : "✗"} carries ${carries} viewers of ${number(viewers)}${limit}`;
}

const changeLine = ({ does, viewers, but }: Change): string =>
  `  ${does}: ${viewers === null ? "no limit known" : `${number(viewers)} viewers`}${but ? ` (${but})` : ""}`;

const rows = (table: readonly (readonly string[])[]): string[] => {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
};

/** Two digits that mean something, or whole thousands with a comma. */
function number(value: number): string {
  const digits = value >= 10 || value === 0 ? 0 : 1;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

const signedMbit = (mbit: number): string => `${mbit < 0 ? "-" : "+"}${number(Math.abs(mbit))} Mbit/s`;
const fixed = (value: number): string => value.toFixed(2);
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
const signed = (part: number): string => `${part < 0 ? "-" : "+"}${Math.round(Math.abs(part) * 100)} %`;
