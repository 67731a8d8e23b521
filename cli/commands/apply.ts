import { ExitCode } from "../errors.ts";
import { apply } from "../reconcile/apply.ts";
import { changeLine, planJson } from "../reconcile/plan-text.ts";
import { readTarget, type TargetOptions, targetOptions } from "../reconcile/target.ts";
import { examples, type Verb } from "../verb.ts";

export const verb: Verb<TargetOptions> = {
  configure(command) {
    targetOptions(command).addHelpText(
      "after",
      examples("lectern apply --seed main.yaml --url http://127.0.0.1:8080 --secrets /run/secrets/main"),
    );
  },
  async run(_, options) {
    const done = await apply(await readTarget(options), (change) => {
      if (!options.json)
        process.stdout.write(
          `${change ? changeLine(change) : "  ~ access.adminPassword: changed (takes effect: now)"} ✓\n`,
        );
    });
    const total = done.changes.length + (done.passwordChange ? 1 : 0);
    if (options.json) process.stdout.write(planJson(done));
    else
      process.stdout.write(total === 0 ? "no changes\n" : `${total} ${total === 1 ? "setting" : "settings"} changed\n`);
    return ExitCode.done;
  },
};
