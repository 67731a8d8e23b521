import type { Rendition } from "../../codegen/schema/owncast/ladder.ts";
import { type Capacity, capacityOf, carriedViewers, type Question } from "./capacity.ts";
import { cameraSoundKbps, isOnDevice, usualSplit } from "./stage-load.ts";

/** A change, and how many viewers the machine then carries. */
export interface Change {
  readonly does: string;
  /** Null if nothing known limits them. */
  readonly viewers: number | null;
  /** Its price, if it has one. */
  readonly but?: string;
}

/** What helps a machine that does not carry all viewers; empty if it does. Pure. */
export function changesFor(question: Question): readonly Change[] {
  const now = capacityOf(question);
  if (now.fits) return [];
  return [
    ...lowerEffort(question, now),
    ...fewerRenditions(question, now),
    ...elsewhere(question, now),
    ...biggerMachine(question, now),
  ];
}

const carriedWith = (question: Question, changed: Partial<Question>): number =>
  carriedViewers(capacityOf({ ...question, ...changed })) ?? Number.POSITIVE_INFINITY;

const change = (does: string, carried: number, but?: string): Change => ({
  ...{ does, viewers: Number.isFinite(carried) ? carried : null },
  ...(but !== undefined && { but }),
});

/** The first that suffices, else the last; none if it hardly helps. */
function chosen<Tried extends { readonly carried: number }>(
  tried: readonly Tried[],
  { viewers }: Question,
  now: Capacity,
): readonly Tried[] {
  const best = tried.find(({ carried }) => carried >= viewers) ?? tried.at(-1);
  return best && best.carried > 1.1 * (carriedViewers(now) ?? 0) ? [best] : [];
}

/** The smallest reduction first. */
function lowerEffort(question: Question, now: Capacity): Change[] {
  const { stage } = question;
  const { ladder } = stage;
  if (!ladder) return [];
  const cheaper = now.efforts
    .slice(
      0,
      now.efforts.findIndex(({ isOwn }) => isOwn),
    )
    .reverse();
  const tried = cheaper.map(({ cpuUsage, bitsForSameQuality }) => {
    const lighter = ladder.map((rendition) => (rendition.passthrough ? rendition : { ...rendition, cpuUsage }));
    const carried = carriedWith(question, { stage: { ...stage, ladder: lighter } });
    return { cpuUsage, bitsForSameQuality, carried };
  });
  return chosen(tried, question, now).map(({ cpuUsage, bitsForSameQuality, carried }) =>
    change(
      `cpuUsage: ${cpuUsage} for all renditions`,
      carried,
      `it looks as if each had ${percent(1 - 1 / bitsForSameQuality)} fewer bits`,
    ),
  );
}

/** The largest goes first; the last one stays. */
function fewerRenditions(question: Question, now: Capacity): Change[] {
  const { stage } = question;
  const { ladder = [] } = stage;
  const kept = ladder.slice(1).map((_, gone): readonly Rendition[] => ladder.slice(0, ladder.length - 1 - gone));
  const tried = kept.map((rest) => ({
    gone: ladder.slice(rest.length).map(({ name }) => name),
    // Whose rendition is gone watches the best that is left.
    carried: carriedWith(question, { stage: { ...stage, ladder: rest }, split: joined(question.split, rest.length) }),
  }));
  return chosen(tried, question, now).map(({ gone, carried }) =>
    change(`a ladder without ${gone.join(" and ")}`, carried),
  );
}

const joined = (split: readonly number[] | undefined, length: number): readonly number[] | undefined =>
  split && [...split.slice(0, length - 1), split.slice(length - 1).reduce((sum, share) => sum + share, 0)];

/** Segments from elsewhere: then this machine encodes, and serves the page and the chat. It may need more processors for that. */
function elsewhere(question: Question, now: Capacity): Change[] {
  const { stage, machine } = question;
  if (stage.segmentsFrom !== "machine") return [];
  const without = { ...question, stage: { ...stage, segmentsFrom: "edge" } } as const;
  const cores = Math.max(machine.cores, capacityOf(without).processors.needed);
  const tried = [{ carried: carriedWith(without, { machine: { ...machine, cores } }) }];
  const also = cores > machine.cores ? `, and ${cores} processors here` : "";
  const { nicMbit } = machine;
  const links =
    nicMbit === undefined ? "" : `: ${Math.ceil(now.network.peakMbit / nicMbit)} with ${nicMbit} Mbit/s each`;
  return chosen(tried, question, now).flatMap(({ carried }) => [
    change(`edges or a CDN (storage.servingEndpoint${links})${also}`, carried, "not for a private stage"),
    change(
      `object storage (storage.objectStorage)${also}`,
      carried,
      "not for a private stage; ask what its traffic costs",
    ),
  ]);
}

function biggerMachine(question: Question, now: Capacity): Change[] {
  const { machine } = question;
  const cores = Math.max(machine.cores, now.processors.needed);
  const link = Math.ceil(now.network.peakMbit);
  const nicMbit = machine.nicMbit && Math.max(machine.nicMbit, link);
  const parts = [
    ...(cores > machine.cores ? [`${cores} processors`] : []),
    ...(nicMbit !== undefined && nicMbit > (machine.nicMbit ?? 0) ? [`a link of ${nicMbit} Mbit/s`] : []),
  ];
  const carried = carriedWith(question, { machine: { ...machine, cores, nicMbit } });
  return [change(`a machine with ${parts.join(" and ")}`, carried)];
}

/**
 * Caddy's processor time for a request on a private stage, with the cookie: 6 to 52 µs more (docs/decisions/0025-private-stages.md).
 * A viewer asks 1 to 3 times a second, which costs 1.1 to 2.3 ms of processor time (`usualCosts`).
 */
const privateDoor = 0.06;

/** What the answer takes for granted, one sentence each. */
export function assumptionsOf({ stage, machine, known, split }: Question, capacity: Capacity): readonly string[] {
  const { ladder } = stage;
  const { renditions, camera } = capacity;
  const passedOn = renditions.filter(({ passthrough }) => passthrough).map(({ name }) => name);
  const encoded = ladder?.filter(({ passthrough }) => !passthrough) ?? [];
  const efforts = new Set(encoded.map(({ cpuUsage }) => cpuUsage ?? "medium"));
  const sound = ladder?.some(({ audioBitrateKbps }) => audioBitrateKbps === undefined) ?? true;
  const shares = split ?? usualSplit(renditions.length);
  return [
    ...(machine.isCalibrated
      ? []
      : [
          "Processors like those of docs/benchmarks.md, with nothing else to do; `npm run bench -- calibrate` measures yours.",
        ]),
    ...(machine.nicMbit === undefined ? ["The link's speed is not known and counts as no limit; give --nic."] : []),
    ...(ladder
      ? []
      : [
          "The seed declares no video.ladder, so Owncast's default counts: 1200 kbit/s, 24 frames/s, the camera's size.",
        ]),
    ...(passedOn.length > 0 && known?.bitrateKbps === undefined
      ? [
          `${passedOn.join(", ")} passes the camera on, at ${camera.bitrateKbps} kbit/s; if yours sends something else, give --bitrate.`,
        ]
      : []),
    ...(efforts.size > 1
      ? [`Owncast 0.2.5 encodes all renditions with the last one's cpuUsage: ${encoded.at(-1)?.cpuUsage ?? "medium"}.`]
      : []),
    ...(isOnDevice(stage)
      ? [
          `${stage.codec} encodes on a device; the processor is counted as if x264 encoded with the lowest effort, which is more.`,
        ]
      : []),
    ...(sound ? [`The camera's sound has ${cameraSoundKbps} kbit/s.`] : []),
    ...(renditions.length > 1
      ? [
          `Viewers by rendition: ${renditions.map(({ name }, index) => `${name} ${percent(shares[index] ?? 0)}`).join(", ")}${split ? "" : " (Owncast's own estimate; --split changes it)"}.`,
        ]
      : []),
    ...(stage.segmentsFrom === "bucket" ? ["Viewers fetch segments from the object storage."] : []),
    ...(stage.segmentsFrom === "edge"
      ? ["Viewers fetch segments from storage.servingEndpoint, which fetches each one here once."]
      : []),
    ...(stage.chat ? ["One chat message a second, to everybody."] : []),
    ...(stage.segmentsFrom === "machine"
      ? [
          `A public stage. On a private one, viewers take up to ${percent(privateDoor)} more processor time: Caddy looks at each request's cookie.`,
        ]
      : []),
  ];
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;
