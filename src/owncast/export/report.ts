import { valueAt } from "../../../codegen/schema/core/paths.ts";
import type { Exported } from "./export-stage.ts";

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? "" : "s"}`;

/** The written files and the needed secret files, for a person. */
export function exportText(output: string, exported: Exported): string {
  const { assets, secrets, options } = exported;
  const settings = count(settingPaths(exported).length, "setting");
  const pictures = assets.size > 0 ? `, ${count(assets.size, "picture")} beside it` : "";
  const widest = Math.max(...secrets.map(({ name }) => name.length));
  return [
    `${output}: ${settings}${pictures}`,
    "",
    "The secrets folder needs a file for each of these:",
    ...secrets.map(({ name, holds }) => `  ${name.padEnd(widest)}  ${printed(holds)}`),
    ...(options.length > 0
      ? ["", "plan and apply need:", ...options.map(({ option, value }) => `  ${option} ${printed(value)}`)]
      : []),
    "",
  ].join("\n");
}

/** The same for machines. */
export function exportJson(output: string, exported: Exported): string {
  const { assets, secrets, options, refused, notes } = exported;
  const report = {
    output,
    settings: settingPaths(exported),
    files: [...assets.keys()],
    secrets,
    options,
    refused: refused.map(({ path, why }) => ({ path, why })),
    notes,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The server's values that the file cannot hold, and further warnings, for standard error. */
export const warningsText = (output: string, { refused, notes }: Exported): string =>
  [
    ...refused.flatMap(({ why }) => why.map((line) => `${output}: not taken over: ${printed(line)}\n`)),
    ...notes.map((note) => `${output}: warning: ${printed(note)}\n`),
  ].join("");

const settingPaths = ({ stage, readings }: Exported): string[] =>
  readings.map(({ path }) => path).filter((path) => valueAt(stage, path) !== undefined);

/** A text from the server without characters that would move the cursor or turn the line around. */
const printed = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
