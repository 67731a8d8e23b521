import type { Seed } from "../../generated/seed.d.ts";
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
}

/**
 * The stage in a form that the demo can run: without settings that lead out of its network, and without those whose secrets are
 * missing. The example gets an encoder effort that this machine can handle, and a rehearsed stage allows rehearsals.
 */
export function demoStage(
  declared: Seed,
  { hasSecrets, processors, isExample, isRehearsed }: DemoStageOptions,
): DemoStage {
  const leading = leadingOut(declared);
  const local = leading.reduce(withoutSetting, declared);
  const opens = isRehearsed && !local.rehearsal?.enable;
  const open = opens ? withSetting(local, "rehearsal.enable", true) : local;
  const { seed, leftOut } = withoutSecrets(open, hasSecrets ? [] : outsideSecretNames(open));
  const lacking = leftOut.map(
    ({ path, secrets }) =>
      `${path} is left out: the secret ${secrets.join(", ")} is missing; give --secrets a folder that holds it`,
  );
  const differences = [
    ...leading.map(leadsOut),
    ...(opens ? ["rehearsal.enable is true: --crowd rehearses the stage"] : []),
    ...lacking,
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
