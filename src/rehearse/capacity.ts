import { levels } from "../../codegen/schema/owncast/ladder.ts";
import { keyframeSeconds, passesOn } from "../media/camera-needs.ts";
import type { Picture } from "../media/declared-renditions.ts";
import type { Costs } from "./costs.ts";
import {
  cameraSoundKbps,
  isOnDevice,
  type Level,
  type Load,
  loadOf,
  type RenditionCost,
  type StageLoad,
} from "./stage-load.ts";

/** The machine that is asked about. */
export interface Machine {
  readonly cores: number;
  /** Its link to the viewers, in Mbit/s; undefined if it is not known. */
  readonly nicMbit?: number | undefined;
  readonly costs: Costs;
  /** Whether the costs were measured on this machine. */
  readonly isCalibrated: boolean;
}

export interface Question {
  readonly stage: StageLoad;
  readonly machine: Machine;
  /** How many watch at the same time. */
  readonly viewers: number;
  readonly hours: number;
  /** What is known about the camera. */
  readonly known?: Partial<Picture> | undefined;
  /** Shares of the viewers by rendition, in the ladder's order; they add up to 1. Default: `usualSplit`. */
  readonly split?: readonly number[] | undefined;
}

/** Peak over mean of published runs is 1.3 to 1.45: people come and go, and segments come in bursts. */
export const peakOverMean = 1.45;
/** x264 takes up to half as much again for moving scenes as for the synthetic picture (measured with real footage). */
export const motion = 1.5;
/** The usual limit: a machine that is busier answers late whenever load comes in bursts. */
const usableShare = 0.8;
/** What Owncast and the keeper hold (docs/keeper.md). */
const heldSeconds = 180;
/**
 * Memory in MB (docs/nixos.md, docs/benchmarks.md): Owncast alone takes 42, the keeper 95, the gate 161, Caddy about 40. With the
 * ladder `lecture`, 3.4 million pixels a frame, Owncast and its encoder took 630. With 900 viewers Caddy took 370, with 1,000 the
 * keeper 122.
 */
const memory = { base: 42 + 95 + 161 + 40, perMegapixel: 175, perViewer: 0.4 } as const;
/**
 * Bits that x264 needs at a level for the quality that it gives at `medium`: by SSIM, with Owncast's options, on real footage
 * (docs/benchmarks.md).
 */
const bitsForSameQuality: Readonly<Record<Level, number>> = {
  lowest: 2.4,
  low: 1.07,
  medium: 1,
  high: 0.92,
  highest: 0.88,
};

/** What the machine has too little of, and how many viewers that allows. */
export interface Limit {
  readonly what: "processors" | "network";
  readonly viewers: number;
}

/** What an effort of the encoder costs, and what it saves. */
export interface EffortCost {
  readonly cpuUsage: Level;
  /** Whether the stage has it. */
  readonly isOwn: boolean;
  /** For the whole ladder, with moving scenes. */
  readonly processors: number;
  /** Bits for the same quality, relative to the stage's own effort. */
  readonly bitsForSameQuality: number;
  /** What viewers would fetch more (or less, below 0) if each rendition had that many bits. */
  readonly moreMbit: number;
}

/** The answer. Rates are Mbit/s and kbit/s of 1,000 bits, 1 GB is 1e9 bytes. */
export interface Capacity {
  readonly viewers: number;
  readonly hours: number;
  readonly machine: { readonly cores: number; readonly nicMbit: number | null; readonly isCalibrated: boolean };
  /** What to set in OBS, as `lectern obs` does. */
  readonly camera: Picture & { readonly soundKbps: number; readonly keyframeSeconds: number };
  readonly renditions: readonly RenditionCost[];
  readonly processors: {
    /** For the synthetic picture of `lectern publish`. */
    readonly encoder: number;
    /** For moving scenes. */
    readonly encoderInMotion: number;
    /** Owncast, Caddy, keeper and gate, besides what each viewer takes. */
    readonly idle: number;
    /** For the viewers while they watch. */
    readonly viewers: number;
    /** For their pages while they come. */
    readonly joins: number;
    /** Whole ones that a machine must have for the ladder alone, and for all. */
    readonly neededForLadder: number;
    readonly needed: number;
    /** The part of the processors that the stage may use. */
    readonly usableShare: number;
  };
  readonly network: {
    /** What leaves the machine for one viewer. */
    readonly perViewerKbps: number;
    readonly meanMbit: number;
    readonly peakMbit: number;
    /** If all viewers choose the best rendition. */
    readonly peakAtBestMbit: number;
    /** Segments alone, without the overhead of the network, from wherever viewers fetch them. */
    readonly segmentsMbit: number;
  };
  /** If all watch to the end. */
  readonly traffic: { readonly machineGb: number; readonly elsewhereGb: number };
  readonly memoryMb: number;
  /** Segments that Owncast and the keeper hold, on the disk or in a tmpfs. */
  readonly heldSegmentsMb: number;
  /** What ends first comes first. The network is left out if its speed is not known. */
  readonly limits: readonly Limit[];
  /** Empty if nothing is encoded on the processor. */
  readonly efforts: readonly EffortCost[];
  /** Whether the machine carries that many viewers. */
  readonly fits: boolean;
}

/** What a stage needs on a machine, and how many viewers the machine can carry. Pure. */
export function capacityOf(question: Question): Capacity {
  const { stage, machine, viewers, hours } = question;
  const load = loadFor(question);
  const limits = limitsOf(load, machine);
  const meanMbit = (load.fixedKbps + load.kbpsPerViewer * viewers) / 1000;
  const segmentsMbit = (load.segmentKbps * viewers) / 1000;
  const pagesGb = (viewers * machine.costs.pageBytes) / 1e9;
  return {
    ...{ viewers, hours, limits },
    machine: { cores: machine.cores, nicMbit: machine.nicMbit ?? null, isCalibrated: machine.isCalibrated },
    camera: {
      ...load.camera,
      soundKbps: cameraSoundKbps,
      keyframeSeconds: keyframeSeconds(stage.latency, passesOn(load.ladder)),
    },
    renditions: load.renditions,
    processors: {
      ...{ encoder: load.encoder, encoderInMotion: load.encoder * motion, idle: load.idle },
      ...{ viewers: load.perViewer * viewers, joins: load.perJoiner * viewers },
      neededForLadder: Math.ceil(processorsFor(load, 0) / usableShare),
      needed: Math.ceil(processorsFor(load, viewers) / usableShare),
      usableShare,
    },
    network: {
      perViewerKbps: load.kbpsPerViewer,
      ...{ meanMbit, segmentsMbit },
      peakMbit: peakMbit(load, viewers),
      peakAtBestMbit: peakMbit({ ...load, kbpsPerViewer: load.kbpsAtBest }, viewers),
    },
    traffic: {
      machineGb: gigabytes(meanMbit, hours) + pagesGb,
      elsewhereGb: stage.segmentsFrom === "machine" ? 0 : gigabytes(segmentsMbit, hours),
    },
    memoryMb: memory.base + memory.perMegapixel * load.frameMegapixels + memory.perViewer * viewers,
    heldSegmentsMb: (load.ladderKbps * heldSeconds) / 8000,
    efforts: effortsOf(question, load),
    fits: limits.every((limit) => limit.viewers >= viewers),
  };
}

/** How many viewers the machine carries: the first limit's; undefined if nothing limits it. */
export const carriedViewers = ({ limits: [first] }: Pick<Capacity, "limits">): number | undefined => first?.viewers;

const loadFor = ({ stage, machine, known, split }: Question): Load => loadOf(stage, machine.costs, { known, split });

/** All at once: the ladder, those who watch, and those who come. */
const processorsFor = (load: Load, viewers: number): number =>
  load.encoder * motion + load.idle + (load.perViewer + load.perJoiner) * viewers;

const peakMbit = ({ fixedKbps, kbpsPerViewer, joinKbps }: Load, viewers: number): number =>
  ((fixedKbps + kbpsPerViewer * viewers) * peakOverMean + joinKbps * viewers) / 1000;

const gigabytes = (mbit: number, hours: number): number => (mbit * hours * 3600) / 8000;

/** What ends first comes first. */
function limitsOf(load: Load, machine: Machine): readonly Limit[] {
  // A calibration may say that a viewer costs nothing.
  const whole = (room: number, each: number): number =>
    room < 0 ? 0 : Math.min(Number.MAX_SAFE_INTEGER, Math.floor(room / Math.max(each, Number.MIN_VALUE)));
  const processors = machine.cores * usableShare - processorsFor(load, 0);
  const limits: Limit[] = [{ what: "processors", viewers: whole(processors, load.perViewer + load.perJoiner) }];
  if (machine.nicMbit !== undefined) {
    const room = (machine.nicMbit - peakMbit(load, 0)) * 1000;
    limits.push({ what: "network", viewers: whole(room, load.kbpsPerViewer * peakOverMean + load.joinKbps) });
  }
  return limits.sort((one, other) => one.viewers - other.viewers);
}

function effortsOf({ stage, viewers }: Question, { effort, encoderAt, encodedKbps }: Load): readonly EffortCost[] {
  if (effort === undefined || isOnDevice(stage)) return [];
  return levels.map((cpuUsage) => {
    const bits = bitsForSameQuality[cpuUsage] / bitsForSameQuality[effort];
    return {
      ...{ cpuUsage, isOwn: cpuUsage === effort, processors: encoderAt(cpuUsage) * motion, bitsForSameQuality: bits },
      moreMbit: ((bits - 1) * encodedKbps * viewers) / 1000,
    };
  });
}
