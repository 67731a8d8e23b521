import { storedLadderFault } from "../../codegen/schema/owncast/stored-ladder.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { outsideSecretNames } from "../owncast/seed/secrets.ts";
import { withoutSecrets, withoutSetting, withSetting } from "../owncast/seed/without-secrets.ts";
import { lightened, processorsNeeded } from "./effort.ts";

/** The demo's version of a stage, and its differences from the stage file. */
export interface DemoStage {
  readonly seed: Seed;
  /** A sentence for each difference. */
  readonly differences: readonly string[];
  /** Expected problems of the unchanged stage. */
  readonly warnings: readonly string[];
}

export interface DemoStageOptions {
  /** Whether a person gave a folder of secrets. */
  readonly hasSecrets: boolean;
  readonly processors: number;
  /** Whether it is the demo's own example. Only then may the demo change the encoder's effort. */
  readonly isExample: boolean;
  /** Whether `lectern rehearse` will send viewers. */
  readonly isRehearsed: boolean;
  /** The demo's own object storage; undefined without `--storage`. */
  readonly storage?: NonNullable<Seed["storage"]>["objectStorage"];
  /** The demo's own caption tracks; undefined without `--captions`. */
  readonly captions?: NonNullable<Seed["captions"]>["tracks"];
}

/**
 * The stage in a form that the demo can run: without settings that lead out of its network, and without those whose secrets are
 * missing. The example gets an encoder effort that this machine can handle, and a rehearsed stage allows rehearsals. Throws CliError
 * 65 if Owncast's clean-up would delete segments of a person's own stage from the demo's object storage.
 */
export function demoStage(declared: Seed, options: DemoStageOptions): DemoStage {
  const { hasSecrets, processors, isExample, isRehearsed, storage, captions } = options;
  const leading = leadingOut(declared);
  const inside = leading.reduce(withoutSetting, declared);
  // Without the services that make them, declared tracks would only be names.
  const local = captions ? withSetting(inside, "captions.tracks", captions) : withoutSetting(inside, "captions");
  const opens = isRehearsed && !local.rehearsal?.enable;
  const open = opens ? withSetting(local, "rehearsal.enable", true) : local;
  const { seed: own, leftOut } = withoutSecrets(open, hasSecrets ? [] : outsideSecretNames(open));
  const stored = storage && inStorage(own, storage, isExample);
  const seed = stored?.seed ?? own;
  const lacking = leftOut.map(
    ({ path, secrets }) =>
      `${path} is left out: the secret ${secrets.join(", ")} is missing; give --secrets a folder that holds it`,
  );
  const differences = [
    ...leading.map(leadsOut),
    ...captionsDifference(declared, captions),
    ...(opens ? ["rehearsal.enable is true: --crowd rehearses the stage"] : []),
    ...lacking,
    ...(stored?.differences ?? []),
  ];
  const light = seed.video?.ladder && lightened(seed.video.ladder, processors);
  if (!light) return { seed, differences, warnings: [] };
  if (!isExample) return { seed, differences, warnings: [tooHeavy(seed, processors)] };
  return {
    seed: withSetting(seed, "video.ladder", light.ladder),
    differences: [
      ...differences,
      `video.ladder is encoded ${light.says}: this machine has ${countOf(processors)}; the demo never changes a stage file that --seed names`,
    ],
    warnings: [],
  };
}

function captionsDifference({ captions: declared }: Seed, own: DemoStageOptions["captions"]): string[] {
  if (own) return [`captions.tracks are ${own.map(({ language }) => language).join(" and ")}: --captions`];
  return declared ? ["captions are left out: give --captions to see some"] : [];
}

/** The stage with the demo's object storage. The example gets a latency at which Owncast's clean-up deletes no listed segment. */
function inStorage(
  seed: Seed,
  storage: NonNullable<DemoStageOptions["storage"]>,
  isExample: boolean,
): Pick<DemoStage, "seed" | "differences"> {
  const stored = withSetting(seed, "storage.objectStorage", storage);
  const differences = ["storage.objectStorage is a bucket on this machine: --storage"];
  const fault = storedLadderFault(seed.video?.ladder?.length ?? 0, seed.video?.latency);
  if (fault === undefined) return { seed: stored, differences };
  if (!isExample) throw new CliError(ExitCode.badInput, `video.ladder: ${fault}`, "docs/storage.md has the table");
  return {
    seed: withSetting(stored, "video.latency", "medium"),
    differences: [
      ...differences,
      "video.latency is medium: with lower ones, Owncast deletes segments of three renditions too early",
    ],
  };
}

const countOf = (processors: number): string =>
  `${Number(processors.toFixed(1))} processor${processors === 1 ? "" : "s"}`;

function tooHeavy({ video }: Seed, processors: number): string {
  const needed = processorsNeeded(video?.ladder ?? []);
  return `video.ladder may be too heavy for this machine, which has ${countOf(processors)}; it takes about ${needed}. The demo does not change it. If the video stalls, set cpuUsage: lowest, or fewer or smaller renditions`;
}

/** Settings that would send viewers to places where the demo's Owncast, which has no network, cannot put segments. */
function leadingOut(seed: Seed): string[] {
  const { objectStorage, servingEndpoint } = seed.storage ?? {};
  return [
    ...(objectStorage?.enabled ? ["storage.objectStorage"] : []),
    ...(servingEndpoint ? ["storage.servingEndpoint"] : []),
  ];
}

const leadsOut = (path: string): string =>
  `${path} is left out: the demo's Owncast reaches no network, so players would find no video there`;
