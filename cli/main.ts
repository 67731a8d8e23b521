import { Command, CommanderError } from "commander";
import { ConfigError } from "../codegen/load/problem.ts";
import { CliError, ExitCode } from "./errors.ts";
import type { Verb } from "./verb.ts";

/** Every command, its one-line summary, and where it lives: only the one that runs is loaded. */
// biome-ignore lint/suspicious/noExplicitAny: each verb types its own options
const verbs: Record<string, { summary: string; load: () => Promise<{ verb: Verb<any> }> }> = {
  check: { summary: "validate stage files or seeds", load: () => import("./commands/check.ts") },
  seed: { summary: "turn a stage file into its seed", load: () => import("./commands/seed.ts") },
  plan: { summary: "show what apply would change on a running Owncast", load: () => import("./commands/plan.ts") },
  apply: { summary: "make a running Owncast match a seed", load: () => import("./commands/apply.ts") },
  bootstrap: {
    summary: "configure an Owncast with the network shut, before its first start",
    load: () => import("./commands/bootstrap.ts"),
  },
  publish: { summary: "push a synthetic camera to a stage", load: () => import("./commands/publish.ts") },
  probe: { summary: "check a stage as a viewer would", load: () => import("./commands/probe.ts") },
  demo: { summary: "run a whole stage on this machine and watch it", load: () => import("./commands/demo.ts") },
};

async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = ExitCode.done;
  const program = new Command("lectern")
    .description("Turns a written description of a livestream into a running, safe and proven one.")
    .version("0.1.0")
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
    command.action(async () => {
      code = await verb.run(command.args, command.opts());
    });
  }
  await program.parseAsync(argv, { from: "user" });
  return code;
}

/** The message for a person, and the exit code, of anything a command may throw. A stack is shown only for our own faults. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    return ExitCode.badInput;
  }
  if (error instanceof CliError) {
    process.stderr.write(`lectern: ${error.message}\n${error.remedy ? `  → ${error.remedy}\n` : ""}`);
    return error.exitCode;
  }
  process.stderr.write(
    `lectern: this is a fault of lectern itself, please report it:\n${(error as Error)?.stack ?? error}\n`,
  );
  return ExitCode.failed;
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
