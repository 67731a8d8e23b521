import { readTarget, type TargetOptions, targetOptions } from "../host/stage-target.ts";
import { paint } from "../lib/colour.ts";
import { ExitCode } from "../lib/errors.ts";
import { countChanges, plan } from "../owncast/apply/apply.ts";
import { planJson, planText } from "../owncast/apply/plan-text.ts";
import { examples, type Verb } from "./verb.ts";

export const verb: Verb<TargetOptions> = {
  configure(command) {
    targetOptions(command).addHelpText(
      "after",
      `\nExits 0 if nothing would change, 2 if something would.\n${examples(
        "lectern plan --seed main.yaml --url http://127.0.0.1:8080 --secrets /run/secrets/main",
        "lectern plan main",
      )}`,
    );
  },
  async run([stageName], options) {
    const target = await readTarget(stageName, options);
    const found = await plan(target);
    process.stdout.write(options.json ? planJson(found) : planText(found, paint));
    return countChanges(found) > 0 ? ExitCode.differs : ExitCode.done;
  },
};
