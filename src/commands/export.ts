import { ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import { exportStage, openServer } from "../owncast/export/export-stage.ts";
import { ensureWritable, pictureFolder, schemaFor, writeStage } from "../owncast/export/output-files.ts";
import { exportJson, exportText, warningsText } from "../owncast/export/report.ts";
import { readSettingDocs, stageText } from "../owncast/export/stage-text.ts";
import { examples, type Verb } from "./verb.ts";

interface ExportOptions {
  readonly url: string;
  readonly secrets: string;
  readonly output: string;
  readonly deadline: string;
  readonly all?: true;
  readonly force?: true;
  readonly json?: true;
}

const explanation = `
Writes the settings that differ from a fresh Owncast. The file has only the names of secrets. Pictures go into a
folder beside the file, with the file's name. Exits 2 if the server has something that a stage file cannot hold: it stands
in the file as a comment.
`;

export const verb: Verb<ExportOptions> = {
  configure(command) {
    command
      .requiredOption("--url <url>", "Owncast's own address, such as http://127.0.0.1:8080")
      .requiredOption("--secrets <folder>", "the folder that holds admin-password")
      .requiredOption("--output <file>", "the stage file to write (.yaml)")
      .option("--all", "include settings that have Owncast's default")
      .option("--force", "replace existing files")
      .option("--deadline <seconds>", "how long to wait for a server that does not answer", "30")
      .option("--json", "print what was written as JSON")
      .addHelpText(
        "after",
        `${explanation}${examples("lectern export --url http://127.0.0.1:8080 --secrets /run/secrets/main --output main.yaml")}`,
      );
  },
  async run(_, { url, secrets, output, deadline, all = false, force = false, json }) {
    const deadlineSeconds = readSeconds("--deadline", deadline);
    ensureWritable(output, force);
    const server = await openServer({ url, secrets, deadlineSeconds });
    const exported = await exportStage({ ...server, folder: pictureFolder(output), all });
    const text = stageText(exported, { docs: await readSettingDocs(), schema: schemaFor(output), all });
    await writeStage(output, text, exported.assets, force);
    process.stderr.write(warningsText(output, exported));
    process.stdout.write(json ? exportJson(output, exported) : exportText(output, exported));
    return exported.refused.length > 0 ? ExitCode.differs : ExitCode.done;
  },
};
