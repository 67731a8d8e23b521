import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { isScalar, parseDocument as parseYaml, visit, type YAMLSeq, Document as YamlDocument } from "yaml";
import { maxBytes } from "../../../codegen/load/decode.ts";
import { parseDocument } from "../../../codegen/load/yaml-document.ts";
import { valueAt } from "../../../codegen/schema/core/paths.ts";
import { Stage } from "../../../codegen/schema/stage/stage.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import type { Exported } from "./export-stage.ts";
import type { Reading, Refusal } from "./reading.ts";

/** The schema of a stage file for editors, by its path in this tree. */
export const schemaPlace = "generated/stage.schema.json";

/** A sentence about a setting or an area. Paths are dotted: `video`, `video.latency`. */
export type SettingDocs = (path: string) => string | undefined;

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

export interface TextOptions {
  readonly docs: SettingDocs;
  /** Path of the schema for editors from the stage file's folder, if there is one. */
  readonly schema: string | undefined;
  /** Whether the export includes settings that have Owncast's default. */
  readonly all: boolean;
}

/** Reads the sentences from the generated schema: codegen takes them from the settings' own documentation. */
export async function readSettingDocs(): Promise<SettingDocs> {
  const schema = JSON.parse(await readFile(new URL(`../../../${schemaPlace}`, import.meta.url), "utf8")) as Described;
  return (path) => {
    const place = path.split(".").flatMap((key) => ["properties", key]);
    const described = valueAt(schema, place) as Described | undefined;
    // A sentence ends before a new one starts: not in "such as 2.5".
    return described?.description?.split(/(?<=\.) (?=[A-Z`[])/)[0];
  };
}

/**
 * The stage file: YAML with a sentence above each setting. What it cannot hold stands in comments. The same server gives
 * the same text on every machine. Throws CliError 1 for a text that is too large to be read again. Pure.
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
      `the stage file would have ${bytes.length} bytes; Lectern reads at most ${maxBytes}`,
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
      all ? "All settings of this Owncast." : "Settings that differ from a fresh Owncast.",
      "A server keeps its own value for every setting that is not here.",
      "",
      "This file has only the names of secrets. The secrets folder needs a file for each:",
      ...files,
      ...(given.length > 0
        ? ["", "A stage file cannot hold this; lectern plan and apply take it on the command line:", ...given]
        : []),
    ],
    "",
  );
}

/** An area with its settings, or only comments if the file can hold none of them. */
function areaText(area: string, { stage, readings }: Exported, docs: SettingDocs): string[] {
  const told = readings
    .filter(({ path }) => path.startsWith(`${area}.`))
    .map((reading) => settingText(reading, valueAt(stage, reading.path), docs));
  if (told.every((text) => text === "")) return [];
  const isSaid = area in stage;
  const title = comment(wrapped(docs(area) ?? area, 0), "");
  return [`${title}${isSaid ? `${area}:\n` : ""}${told.join("")}`];
}

/** `value` is also undefined if a stage file need not say it. */
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

// Characters that would end a comment's line, or that are invisible in it.
const unfit = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu;

const inComment = (text: string): string =>
  text.replace(unfit, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const comment = (lines: readonly string[], indent: string): string =>
  lines.map((line) => `${indent}#${line === "" ? "" : ` ${line}`}\n`).join("");

const indented = (text: string): string => text.replace(/^(?=[^\n])/gm, "  ");

const lineWidth = 100;

/** A text on lines of at most 100 characters. */
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

const widest = 90;

/**
 * A setting as lines of YAML whose texts read back exactly. Short lists stand on one line, long texts in the form in which
 * people type them.
 */
function yamlSetting(key: string, value: unknown): string {
  const document = new YamlDocument({ [key]: value });
  visit(document, {
    Seq(_, node) {
      if (fitsOnLine(node)) node.flow = true;
    },
  });
  const text = document.toString({
    lineWidth: 0,
    blockQuote: "literal",
    flowCollectionPadding: false,
    ...quotedOnOneLine,
  });
  // Some texts would lose something in that form, or take in the lines after them. These are written as JSON, which is YAML too.
  return readsBack(text, { [key]: value }) && !keepsLines.test(text) ? text : `${key}: ${JSON.stringify(value)}\n`;
}

const quotedOnOneLine = { doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY };
const keepsLines = /[|>]\d?\+$/m;

/** Whether a list fits on a line. */
const fitsOnLine = (list: YAMLSeq): boolean =>
  list.items.every(isShort) && JSON.stringify(list.toJSON()).length <= widest;

const isShort = (node: unknown): boolean =>
  isScalar(node) && !(typeof node.value === "string" && (node.value.includes("\n") || node.value.length > widest));

const readsBack = (text: string, value: unknown): boolean => {
  const document = parseYaml(text);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), value);
};
