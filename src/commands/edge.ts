import { edgeLines } from "../host/edge-lines.ts";
import { type HostStage, readStages } from "../host/installed-stages.ts";
import { readSteering, type SteeringState, setDrain } from "../host/steer-client.ts";
import { paint } from "../lib/colour.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import { examples, type Verb } from "./verb.ts";

interface EdgeOptions {
  readonly deadline: string;
  readonly json?: true;
}

/** A stage of this host that has edges, with their state. */
interface Steered {
  readonly stage: string;
  readonly socket: string;
  readonly state: SteeringState;
}

/** `lectern edge`: the edges of this host's stages. */
export const verb: Verb<EdgeOptions> = {
  configure(command) {
    command
      .argument("<action>", "list, drain or undrain")
      .argument("[name]", "the edge to drain or undrain")
      .option("--deadline <seconds>", "how long to wait for a steering service that does not answer", "5")
      .option("--json", "print the state as JSON")
      .addHelpText(
        "after",
        `\nOn the stages' own host, as root. list shows whether each edge answers, its viewers and how fast they load.\ndrain sends an edge's viewers elsewhere within seconds, without a stall, so that you can work on it; it holds\nover restarts until undrain. The NixOS configuration says which edges there are (services.lectern.edges).\n${examples(
          "lectern edge list",
          "lectern edge drain tokyo",
          "lectern edge undrain tokyo",
        )}`,
      );
  },
  async run([action = "", name], { deadline, json }) {
    const seconds = readSeconds("--deadline", deadline);
    if (action === "list" && name === undefined) {
      print(await readAll(seconds), json);
      return ExitCode.done;
    }
    if ((action !== "drain" && action !== "undrain") || name === undefined)
      throw new CliError(
        ExitCode.usage,
        action === "list"
          ? "list takes no name"
          : name === undefined
            ? `missing: what to ${action}`
            : `there is no action ${action}`,
        "lectern edge list, lectern edge drain NAME, lectern edge undrain NAME",
      );
    const all = await readAll(seconds);
    const found = all.find(({ state }) => state.edges.some((edge) => edge.name === name));
    if (!found) throw unknown(name, all);
    const state = await setDrain(found.socket, name, action === "drain", seconds);
    warnIfAlone(state);
    print([{ ...found, state }], json);
    return ExitCode.done;
  },
};

async function readAll(seconds: number): Promise<Steered[]> {
  const stages = (await readStages()).filter(hasEdges);
  if (stages.length === 0)
    throw new CliError(
      ExitCode.usage,
      "no stage of this host has edges",
      "declare them on the stages' own host: services.lectern.edges.<name>.url (docs/edges.md)",
    );
  return Promise.all(
    stages.map(async ({ name, steerSocket }) => ({
      stage: name,
      socket: steerSocket,
      state: await readSteering(steerSocket, seconds),
    })),
  );
}

const hasEdges = (stage: HostStage): stage is HostStage & { readonly steerSocket: string } =>
  stage.steerSocket !== undefined;

function unknown(name: string, all: readonly Steered[]): CliError {
  const names = all.flatMap(({ state }) => state.edges.map((edge) => edge.name)).join(", ");
  return new CliError(ExitCode.usage, `this host has no edge ${JSON.stringify(name)}`, `its edges are: ${names}`);
}

function warnIfAlone({ edges }: SteeringState): void {
  if (edges.some(({ state }) => state === "up")) return;
  process.stderr.write("no edge gets viewers now: all of them load from the stage's own server\n");
}

function print(all: readonly Steered[], json: true | undefined): void {
  const stages = all.map(({ stage, state }) => ({ stage, ...state }));
  const texts = all.map(
    ({ stage, state }) =>
      `${paint("area", stage)}\n${edgeLines(state, paint)
        .map((line) => `  ${line}\n`)
        .join("")}`,
  );
  process.stdout.write(json ? `${JSON.stringify({ stages }, null, 2)}\n` : texts.join("\n"));
}
