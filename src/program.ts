import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { Verb } from "./commands/verb.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Every command with its one-line summary. Only the command that is asked for is loaded. */
// biome-ignore lint/suspicious/noExplicitAny: each verb types its own options
export const verbs: Record<string, { summary: string; load: () => Promise<{ verb: Verb<any> }> }> = {
  check: { summary: "validate stage files or seeds", load: () => import("./commands/check.ts") },
  seed: { summary: "turn a stage file into its seed", load: () => import("./commands/seed.ts") },
  plan: { summary: "show what apply would change on a running Owncast", load: () => import("./commands/plan.ts") },
  apply: { summary: "make a running Owncast match a seed", load: () => import("./commands/apply.ts") },
  export: { summary: "turn a running Owncast into a stage file", load: () => import("./commands/export.ts") },
  status: { summary: "show the state of this host's stages", load: () => import("./commands/status.ts") },
  edge: {
    summary: "list, drain and undrain the edges of this host's stages",
    load: () => import("./commands/edge.ts"),
  },
  secrets: {
    summary: "show where a stage's secrets are, or make missing ones",
    load: () => import("./commands/secrets.ts"),
  },
  title: { summary: "set the title that the page shows right now", load: () => import("./commands/title.ts") },
  transcript: {
    summary: "print what was said on a stage, from its captions",
    load: () => import("./commands/transcript.ts"),
  },
  bootstrap: {
    summary: "configure an Owncast without a network, before its first start",
    load: () => import("./commands/bootstrap.ts"),
  },
  publish: { summary: "send a test pattern or a media file to a stage", load: () => import("./commands/publish.ts") },
  probe: { summary: "check a stage as a viewer would", load: () => import("./commands/probe.ts") },
  rehearse: {
    summary: "check a stage as many viewers would",
    load: () => import("./commands/rehearse.ts"),
  },
  capacity: {
    summary: "say what a stage needs, and how many viewers a machine can carry",
    load: () => import("./commands/capacity.ts"),
  },
  storage: {
    summary: "check a stage's object storage as Owncast and viewers use it",
    load: () => import("./commands/storage.ts"),
  },
  obs: { summary: "write an OBS Studio profile that fits a stage", load: () => import("./commands/obs.ts") },
  keeper: {
    summary: "service: serve players whole playlists, unbroken through short losses of the camera",
    load: () => import("./commands/keeper.ts"),
  },
  steer: {
    summary: "service: tell players which edge to use",
    load: () => import("./commands/steer.ts"),
  },
  captions: {
    summary: "service: live captions for the player",
    load: () => import("./commands/captions.ts"),
  },
  captioner: {
    summary: "write live captions by hand: each line of text is shown",
    load: () => import("./commands/captioner.ts"),
  },
  "gate-keys": { summary: "give a running gate its stream keys", load: () => import("./commands/gate-keys.ts") },
  gate: {
    summary: "service: accept cameras, check their keys and hand their streams to Owncast",
    load: () => import("./commands/gate.ts"),
  },
  "viewers-door": {
    summary: "give Caddy or nginx the password of a private stage",
    load: () => import("./commands/viewers-door.ts"),
  },
  "rehearsal-door": {
    summary: "give Caddy or nginx the token of rehearsals",
    load: () => import("./commands/rehearsal-door.ts"),
  },
  "edge-door": {
    summary: "give a web server the secret that the origin shares with its edges",
    load: () => import("./commands/edge-door.ts"),
  },
  "memory-folder": {
    summary: "put a stage's segments into memory",
    load: () => import("./commands/memory-folder.ts"),
  },
  "when-off-air": {
    summary: "run a command when the stream is off",
    load: () => import("./commands/when-off-air.ts"),
  },
  demo: { summary: "run a whole stage on this machine and watch it", load: () => import("./commands/demo.ts") },
};

/** A command line that commander accepted: the command to run, its arguments and options. */
export interface ParsedCommand {
  readonly verb: Verb<Record<string, unknown>>;
  readonly args: readonly string[];
  readonly options: Record<string, unknown>;
}

/**
 * Reads the words after `lectern`. It runs nothing and asks no server.
 * Throws commander's CommanderError if the command line is wrong, after saying why on stderr; and with exit code 0 after
 * printing help or version.
 */
export async function parseCommandLine(argv: readonly string[]): Promise<ParsedCommand | undefined> {
  let parsed: ParsedCommand | undefined;
  const program = new Command("lectern")
    .description("Turns a written description of a livestream into a running, safe and proven one.")
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(--help shows the options)");
  const [first, second] = argv.filter((word) => !word.startsWith("-"));
  const wanted = first === "help" ? second : first;
  for (const [name, { summary, load }] of Object.entries(verbs)) {
    const command = program.command(name).description(summary).exitOverride().allowExcessArguments(false);
    if (name !== wanted) continue;
    const { verb } = await load();
    verb.configure(command);
    command.option("--verbose", "write each web request to stderr: method, path, status, ms");
    command.action(() => {
      parsed = { verb, args: command.args, options: command.opts() };
    });
  }
  await program.parseAsync(argv, { from: "user" });
  return parsed;
}
