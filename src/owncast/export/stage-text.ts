import { isDeepStrictEqual } from "node:util";
import { maxBytes } from "../../../codegen/load/decode.ts";
import { parseDocument } from "../../../codegen/load/yaml-document.ts";
import { Stage } from "../../../codegen/schema/stage/stage.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import type { Exported } from "./export-stage.ts";
import type { Reading, Refusal } from "./reading.ts";
import type { SettingDocs } from "./setting-docs.ts";
import { at } from "./stage-faults.ts";
import { yamlSetting } from "./yaml-setting.ts";

export interface TextOptions {
  readonly docs: SettingDocs;
  /** Path of the schema for editors from the stage file's folder, where there is one. */
  readonly schema: string | undefined;
  /** The export holds also what a fresh Owncast has. */
  readonly all: boolean;
}

/**
 * The stage file: YAML with a sentence over each setting, and what it may not say as comments. The same server gives the same text,
 * wherever it runs. Throws CliError 1 for one that is too large to be read again. Pure.
 */
export function stageText(exported: Exported, options: TextOptions): string {
  const areas = Object.keys(Stage.shape).flatMap((area) => areaText(area, exported, options.docs));
  const body = Object.keys(exported.stage).length === 0 ? ["{}\n", ...areas] : areas;
  const text = [header(exported, options), ...body].join("\n");
  ensureReadsBack(text, exported.stage);
  return text;
}

function ensureReadsBack(text: string, stage: Stage): void {
  const bytes = Buffer.from(text);
  if (bytes.length > maxBytes)
    throw new CliError(
      ExitCode.failed,
      `the stage file would have ${bytes.length} bytes; one of more than ${maxBytes} is not read`,
      "shorten the longest texts on the server's admin page, then export again",
    );
  if (!isDeepStrictEqual(parseDocument("export", bytes).value, stage)) throw new Error("the text does not read back");
}

function header({ secrets, options }: Exported, { schema, all }: TextOptions): string {
  const widest = Math.max(...secrets.map(({ name }) => name.length));
  const files = secrets.map(({ name, holds }) => `  ${name.padEnd(widest)}  ${inComment(holds)}`);
  const given = options.map(({ option, value }) => `  ${option} ${inComment(value)}`);
  return comment(
    [
      ...(schema === undefined ? [] : [`yaml-language-server: $schema=${schema}`, ""]),
      all ? "All that this Owncast has." : "What this Owncast has and a fresh one has not.",
      "What does not stand here is left as it is on a server.",
      "",
      "Secrets stand here by their names only. The secrets folder needs a file for each:",
      ...files,
      ...(given.length > 0
        ? ["", "Not for stage files; lectern plan and apply take it on the command line:", ...given]
        : []),
    ],
    "",
  );
}

/** An area with its settings; where nothing of it can be said, comments alone. */
function areaText(area: string, { stage, readings }: Exported, docs: SettingDocs): string[] {
  const told = readings
    .filter(({ path }) => path.startsWith(`${area}.`))
    .map((reading) => settingText(reading, at(stage, reading.path.split(".")), docs));
  if (told.every((text) => text === "")) return [];
  const isSaid = area in stage;
  const title = comment(wrapped(docs(area) ?? area, 0), "");
  return [`${title}${isSaid ? `${area}:\n` : ""}${told.join("")}`];
}

/** `value` is undefined also where a stage file need not say it. */
function settingText(reading: Reading, value: unknown, docs: SettingDocs): string {
  const { path, remark } = reading;
  const key = path.slice(path.indexOf(".") + 1);
  const refused = reading.refused.flatMap((refusal) => refusalLines(refusal));
  const said =
    value === undefined ? "" : `${comment(wrapped(docs(path) ?? "", 2), "  ")}${indented(yamlSetting(key, value))}`;
  const remarked = remark === undefined ? [] : wrapped(`${key}: ${remark}`, 2);
  return `${said}${comment([...remarked, ...refused], "  ")}`;
}

function refusalLines({ why, value }: Refusal): string[] {
  return [
    ...why.map((line) => `Not taken over: ${inComment(line)}`),
    ...(value === undefined ? [] : [`  ${cut(inComment(JSON.stringify(value)))}`]),
  ];
}

const maxShown = 10_000;

const cut = (text: string): string =>
  text.length <= maxShown
    ? text
    : `${text.slice(0, maxShown).replace(/\p{Surrogate}$/u, "")} … (${text.length} characters, cut here)`;

// What would end a comment's line, or is not to be seen in it.
const unfit = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu;

const inComment = (text: string): string =>
  text.replace(unfit, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const comment = (lines: readonly string[], indent: string): string =>
  lines.map((line) => `${indent}#${line === "" ? "" : ` ${line}`}\n`).join("");

const indented = (text: string): string => text.replace(/^(?=[^\n])/gm, "  ");

const lineWidth = 100;

/** A text's words on lines that fit. */
function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter((part) => part !== "")) {
    const line = lines.at(-1);
    const fits = line !== undefined && indent + 2 + line.length + 1 + word.length <= lineWidth;
    if (fits) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map(inComment);
}
