import { paint } from "../colour.ts";
import { ExitCode } from "../errors.ts";
import { type ChosenOptions, chooseTarget } from "../host/stage-target.ts";
import { countChanges, plan } from "../reconcile/apply.ts";
import { settingsLeftOut } from "../reconcile/left-out.ts";
import { planJson, planText } from "../reconcile/plan-text.ts";
import { targetOptions } from "../reconcile/target.ts";
import { examples, type Verb } from "../verb.ts";

export const verb: Verb<ChosenOptions> = {
  configure(command) {
    targetOptions(command).addHelpText(
      "after",
      `\nExits 0 when nothing would change, 2 when something would.\n${examples(
        "lectern plan --seed main.yaml --url http://127.0.0.1:8080 --secrets /run/secrets/main",
        "lectern plan main",
      )}`,
    );
  },
  async run([stageName], options) {
    const target = await chooseTarget(stageName, options);
    const found = await plan(target);
    const leftOut = settingsLeftOut(target.seed);
    process.stdout.write(options.json ? planJson(found, leftOut) : planText(found, { leftOut, paint }));
    return countChanges(found) > 0 ? ExitCode.differs : ExitCode.done;
  },
};
