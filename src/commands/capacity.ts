import type { SeedValue } from "../../codegen/schema/stage/stage.ts";
import { paint } from "../lib/colour.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSize, readWhole } from "../lib/option-values.ts";
import { usableProcessors } from "../local/effort.ts";
import type { Picture } from "../media/declared-renditions.ts";
import { loadCalibration } from "../rehearse/calibration.ts";
import { capacityOf, type Question } from "../rehearse/capacity.ts";
import { assumptionsOf, changesFor } from "../rehearse/capacity-advice.ts";
import { capacityLines } from "../rehearse/capacity-text.ts";
import { usualCosts } from "../rehearse/costs.ts";
import { linkMbit } from "../rehearse/link-speed.ts";
import type { StageLoad } from "../rehearse/stage-load.ts";
import { examples, type Verb } from "./verb.ts";

interface CapacityOptions {
  readonly seed: string;
  readonly viewers: string;
  readonly hours: string;
  readonly nic?: string;
  readonly cores?: string;
  readonly calibration?: string;
  readonly split?: string;
  readonly size?: string;
  readonly fps?: string;
  readonly bitrate?: string;
  readonly json?: true;
}

/** `lectern capacity`: what a stage needs, and what a machine can carry. */
export const verb: Verb<CapacityOptions> = {
  configure(command) {
    command
      .requiredOption("--seed <file>", "a seed (.json) or a stage file (.yaml)")
      .requiredOption("--viewers <n>", "how many watch at the same time")
      .requiredOption("--hours <h>", "how long the event lasts")
      .option("--nic <mbit>", "the machine's link, in Mbit/s (default: this machine's, if it is known)")
      .option("--cores <n>", "the machine's processors (default: this machine's)")
      .option("--calibration <file>", "what work costs on that machine: a file of `npm run bench -- calibrate`")
      .option("--split <name=share,...>", "who watches what, such as FHD=70,HD=30 (default: 70, 20, 10 from the best)")
      .option("--size <WxH>", "what the camera sends, in pixels (default: the largest rendition's size)")
      .option("--fps <n>", "frames per second of the camera (default: the largest rendition's)")
      .option("--bitrate <kbps>", "of the camera's video, in kbit/s; it decides what a passthrough rendition costs")
      .option("--json", "print the figures as JSON")
      .addHelpText(
        "after",
        `\nSays what to set in OBS, how many processors the ladder needs, what leaves the machine, what the machine has too little of\nfirst and at how many viewers, and what to change. It asks no server. The network must carry the peak; processors must\ncarry moving scenes. Exit code 0: the machine carries these viewers; 2: it does not.\n${examples(
          "lectern capacity --seed main.yaml --viewers 300 --hours 3",
          "lectern capacity --seed main.yaml --viewers 300 --hours 3 --nic 1000 --cores 4 --json",
          "lectern capacity --seed main.yaml --viewers 300 --hours 3 --nic 1000 --calibration this-machine.json",
        )}`,
      );
  },
  async run(_, options) {
    const asked = await readQuestion(options);
    const { loadSeed } = await import("../../codegen/load/load-seed.ts");
    const stage = stageLoad(await loadSeed(options.seed));
    const question = { ...asked, stage, split: readSplit(options.split, stage) };
    const capacity = capacityOf(question);
    const report = { ...capacity, changes: changesFor(question), assumed: assumptionsOf(question, capacity) };
    const lines = capacityLines(report).map((line) => (/^[✓✗]/.test(line) ? paint(line.slice(0, 1), line) : line));
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${lines.join("\n")}\n`);
    return capacity.fits ? ExitCode.done : ExitCode.differs;
  },
};

async function readQuestion(options: CapacityOptions): Promise<Omit<Question, "stage">> {
  const viewers = readWhole("--viewers", options.viewers, { min: 1, max: 1_000_000, unit: "viewers" });
  const hours = readNumber("--hours", options.hours, { max: 1000, unit: "hours", such: "1.5" });
  const nicMbit =
    options.nic === undefined
      ? linkMbit()
      : readNumber("--nic", options.nic, { max: 1_000_000, unit: "Mbit/s", such: "1000 for 1 Gbit/s" });
  const cores =
    options.cores === undefined
      ? usableProcessors()
      : readNumber("--cores", options.cores, { max: 4096, unit: "processors", such: "4" });
  const known: Partial<Picture> = {
    ...(options.size !== undefined && readSize("--size", options.size)),
    ...(options.fps !== undefined && {
      framerate: readWhole("--fps", options.fps, { min: 5, max: 60, unit: "frames per second" }),
    }),
    ...(options.bitrate !== undefined && {
      bitrateKbps: readWhole("--bitrate", options.bitrate, { min: 100, max: 50_000, unit: "kbit/s" }),
    }),
  };
  const isCalibrated = options.calibration !== undefined;
  const costs = options.calibration === undefined ? usualCosts : await loadCalibration(options.calibration);
  return { viewers, hours, known, machine: { cores, nicMbit, costs, isCalibrated } };
}

/** A number above 0, without a unit. Throws CliError 64. */
function readNumber(
  option: string,
  text: string,
  { max, unit, such }: { max: number; unit: string; such: string },
): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= max) return value;
  throw new CliError(
    ExitCode.usage,
    `${option} ${text}: expected a number of ${unit} above 0 and up to ${max}, such as ${such}`,
  );
}

/** Shares of 1, one for each rendition, from `NAME=SHARE,…`: by name or by height (`1080p`). Throws CliError 64. */
function readSplit(text: string | undefined, { ladder = [] }: StageLoad): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const wrong = (what: string) =>
    new CliError(
      ExitCode.usage,
      `--split ${text}: ${what}`,
      `give NAME=SHARE,… with names of ${ladder.map(({ name }) => name).join(", ") || "a video.ladder"}`,
    );
  const shares = ladder.map(() => 0);
  for (const part of text.split(",")) {
    const [, name = "", share = ""] = /^\s*(.*)=(\d{1,7}(?:\.\d{1,4})?)%?\s*$/.exec(part) ?? [];
    if (name === "" || !(Number(share) > 0)) throw wrong(`expected NAME=SHARE with a share above 0, got "${part}"`);
    const index = ladder.findIndex((one) => one.name === name || `${one.height}p` === name);
    if (index === -1) throw wrong(`the ladder has no rendition ${name}`);
    if (shares[index] !== 0) throw wrong(`${name} is there twice`);
    shares[index] = Number(share);
  }
  const sum = shares.reduce((all, share) => all + share, 0);
  return shares.map((share) => share / sum);
}

/** What a seed says about load. */
const stageLoad = ({ video = {}, chat, storage }: SeedValue): StageLoad => ({
  ...{ ladder: video.ladder, latency: video.latency, codec: video.codec },
  chat: chat?.enabled !== false,
  segmentsFrom: segmentsFrom(storage),
});

function segmentsFrom(storage: SeedValue["storage"]): StageLoad["segmentsFrom"] {
  if (storage?.objectStorage?.enabled) return "bucket";
  return storage?.servingEndpoint ? "edge" : "machine";
}
