import { ExitCode } from "../errors.ts";
import { countChanges, plan } from "../reconcile/apply.ts";
import { planJson, planText } from "../reconcile/plan-text.ts";
import { readTarget, type TargetOptions, targetOptions } from "../reconcile/target.ts";
import { examples, type Verb } from "../verb.ts";

export const verb: Verb<TargetOptions> = {
  configure(command) {
    targetOptions(command).addHelpText(
      "after",
      `\nExits 0 when nothing would change, 2 when something would.\n${examples("lectern plan --seed main.yaml --url http://127.0.0.1:8080 --secrets /run/secrets/main")}`,
    );
  },
  async run(_, options) {
    const found = await plan(await readTarget(options));
    process.stdout.write(options.json ? planJson(found) : planText(found));
    return countChanges(found) > 0 ? ExitCode.differs : ExitCode.done;
  },
};
