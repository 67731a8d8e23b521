import { readTarget, type TargetOptions, targetOptions } from "../host/stage-target.ts";
import { paint } from "../lib/colour.ts";
import { ExitCode } from "../lib/errors.ts";
import { apply } from "../owncast/apply/apply.ts";
import { doneText, planJson, writtenText } from "../owncast/apply/plan-text.ts";
import { examples, type Verb } from "./verb.ts";

export const verb: Verb<TargetOptions> = {
  configure(command) {
    targetOptions(command).addHelpText(
      "after",
      `\nOnly one apply at a time works on a server: a second one waits for it, at most until the deadline.\n${examples(
        "lectern apply --seed main.yaml --url http://127.0.0.1:8080 --secrets /run/secrets/main --state-dir ~/main",
        "lectern apply main",
      )}`,
    );
  },
  async run([stageName], options) {
    const target = await readTarget(stageName, options);
    const textOf = writtenText(paint);
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const done = await apply({ ...target, say }, (written) => {
      if (!options.json) process.stdout.write(textOf(written));
    });
    for (const file of done.tokenFiles) process.stderr.write(`an access token is in ${file}\n`);
    process.stdout.write(options.json ? planJson(done) : doneText(done, paint));
    return ExitCode.done;
  },
};
