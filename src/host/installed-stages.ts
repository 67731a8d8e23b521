import { z } from "zod";
import { codeOf, fileFault } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSmallText } from "../lib/small-file.ts";

const installedStages = "/etc/lectern/stages.json";

const hostStage = z.object({
  domain: z.string(),
  seed: z.string(),
  owncastUrl: z.url(),
  serverUrl: z.url().optional(),
  rtmpUrl: z.string().optional(),
  // Absent in the file of a host from before the gate.
  gateStatusSocket: z.string().optional(),
  // Absent in the file of a host from before the camera check.
  hlsDir: z.string().optional(),
  // Absent for a stage without edges.
  steerSocket: z.string().optional(),
  // Both are absent for a stage without captions.
  captionsStatus: z.string().optional(),
  transcriptsDir: z.string().optional(),
  stateDir: z.string(),
  user: z.string(),
  secrets: z.record(z.string(), z.object({ file: z.string(), generated: z.boolean() })),
  // By their roles, such as `server`. NixOS names them (modules/core/lib/stage.nix), so no list of names stands here.
  units: z.record(z.string(), z.string()).optional(),
});

/** One stage of this host, as its NixOS configuration installed it. Paths are absolute. */
export interface HostStage extends z.output<typeof hostStage> {
  readonly name: string;
}

/** The list of this host's stages: `/etc/lectern/stages.json`, or the file that `LECTERN_STAGES` names. */
export const stagesFile = (): string => process.env.LECTERN_STAGES || installedStages;

/** All stages of this host, sorted by name. Throws CliError 65 if the file is missing or not valid. */
export async function readStages(file = stagesFile()): Promise<HostStage[]> {
  const text = await readSmallText(file).catch((error: unknown) => {
    const reason = codeOf(error) === "ENOENT" ? "no such file" : `cannot be read (${fileFault(error)})`;
    throw new CliError(
      ExitCode.badInput,
      `${file}: ${reason}; it lists the stages that NixOS installed on this host`,
      codeOf(error) === "EACCES"
        ? asRoot
        : "run this on the host, with services.lectern.enable; elsewhere name --seed, --url and --secrets",
    );
  });
  const parsed = z.record(z.string(), hostStage).safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CliError(
      ExitCode.badInput,
      `${file}: ${issue?.path.join(".") || "it"}: ${issue?.message}`,
      "NixOS writes this file: rebuild the host with the same version of Lectern",
    );
  }
  return Object.entries(parsed.data)
    .map(([name, stage]) => ({ name, ...stage }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The stage of that name. Throws CliError 64, with the names of all stages, if there is none. */
export async function findStage(name: string): Promise<HostStage> {
  const file = stagesFile();
  const stages = await readStages(file);
  const stage = stages.find((one) => one.name === name);
  if (stage) return stage;
  const names = stages.map((one) => one.name).join(", ");
  throw new CliError(
    ExitCode.usage,
    `this host has no stage "${name}"`,
    names === "" ? `${file} lists none` : `its stages are: ${names}`,
  );
}

/** The remedy for a file that only root may read. */
export const asRoot = "run it as root: only root may read the stages' secrets";

/** Whether this process may read all files of the host's stages. */
export const isRoot = (): boolean => process.geteuid?.() === 0;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
