import { ExitCode } from "../errors.ts";
import { apply, countChanges } from "../reconcile/apply.ts";
import { planJson, unmanagedText, writtenLine } from "../reconcile/plan-text.ts";
import { readTarget, type TargetOptions, targetOptions } from "../reconcile/target.ts";
import { examples, type Verb } from "../verb.ts";

export const verb: Verb<TargetOptions> = {
  configure(command) {
    targetOptions(command)
      .option("--state-dir <folder>", "where access tokens that Owncast makes are left, in its folder `tokens`")
      .addHelpText(
        "after",
        examples("lectern apply --seed main.yaml --url http://127.0.0.1:8080 --secrets /run/secrets/main"),
      );
  },
  async run(_, options) {
    const done = await apply(await readTarget(options), (written) => {
      if (!options.json) process.stdout.write(`${writtenLine(written)} ✓\n`);
    });
    for (const file of done.tokenFiles) process.stderr.write(`an access token is in ${file}\n`);
    const total = countChanges(done);
    const count = total === 0 ? "no changes\n" : `${total} ${total === 1 ? "setting" : "settings"} changed\n`;
    process.stdout.write(options.json ? planJson(done) : `${count}${unmanagedText(done.unmanaged)}`);
    return ExitCode.done;
  },
};
