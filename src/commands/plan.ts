import { type ChosenOptions, chooseTarget } from "../host/stage-target.ts";
import { paint } from "../lib/colour.ts";
import { ExitCode } from "../lib/errors.ts";
import { countChanges, plan } from "../owncast/apply/apply.ts";
import { settingsLeftOut } from "../owncast/apply/left-out.ts";
import { planJson, planText } from "../owncast/apply/plan-text.ts";
import { targetOptions } from "../owncast/apply/target.ts";
import { examples, type Verb } from "./verb.ts";

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
