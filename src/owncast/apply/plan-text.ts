import { oneLine } from "../../../codegen/load/printable.ts";
import type { Paint } from "../../lib/colour.ts";
import type { ResourceStep } from "../resources/kind.ts";
import { countChanges, type Plan } from "./apply.ts";
import type { Change } from "./diff.ts";
import { type DiffLine, someOf, valueText } from "./value-text.ts";
import type { OnWritten } from "./write.ts";

const plain: Paint = (_, text) => text;

/** A value that was written. */
type Written = Parameters<OnWritten>[0];

const effect = { live: "now", "next-stream": "next stream" } as const;
const passwordPath = "access.adminPassword";

/** A plan for people: by area, old → new, when it takes effect, and the number of changes. A secret is only "changed". */
export function planText(plan: Plan, paint = plain): string {
  const total = countChanges(plan);
  const closing = notManagedText(plan, paint);
  if (total === 0) return `no changes\n${closing}`;
  const groups = new Map<string, string[]>();
  const all: Written[] = [
    ...plan.changes,
    ...plan.resources,
    ...(plan.passwordChange ? ["adminPassword" as const] : []),
  ];
  for (const one of all) groups.set(areaOf(one), [...(groups.get(areaOf(one)) ?? []), itemText(one, paint)]);
  const texts = [...groups].map(([area, items]) => `${paint("area", area)}\n${items.join("")}`);
  return `${texts.join("\n")}\n${total} ${total === 1 ? "setting" : "settings"} to change\n${closing}`;
}

/** Prints each write when it is done, in a plan's form: the name of a new area, and a tick after each setting. */
export function writtenText(paint = plain): (written: Written) => string {
  let before: string | undefined;
  return (written) => {
    const area = areaOf(written);
    const head = area === before ? "" : `${before === undefined ? "" : "\n"}${paint("area", area)}\n`;
    before = area;
    return `${head}${itemText(written, paint, ` ${paint("✓", "✓")}`)}`;
  };
}

/** The last line of `apply`. */
export function doneText(plan: Plan, paint = plain): string {
  const total = countChanges(plan);
  const count = total === 0 ? "no changes" : `\n${total} ${total === 1 ? "setting" : "settings"} changed`;
  return `${count}\n${notManagedText(plan, paint)}`;
}

const pathOf = (one: Written): string => (one === "adminPassword" ? passwordPath : one.path);
const areaOf = (one: Written): string => pathOf(one).split(".")[0] ?? "";

/** One change on a line. Values that need more than that stand on lines below it. */
function itemText(one: Written, paint: Paint, mark = ""): string {
  if (one !== "adminPassword" && "action" in one) return stepText(one, paint, mark);
  const { sign = "~", values, lines = [], when } = one === "adminPassword" ? passwordItem : changeItem(one);
  const head = `  ${paint(sign, sign)} ${pathOf(one)}${values ? `: ${values}` : ""} (takes effect: ${when})${mark}\n`;
  return `${head}${lines.map((line) => lineText(line, paint)).join("")}`;
}

interface Item {
  readonly sign?: "~";
  readonly values?: string | undefined;
  readonly lines?: readonly DiffLine[] | undefined;
  readonly when: string;
}

const passwordItem: Item = { values: "changed", when: effect.live };

function changeItem({ secret, shown, takesEffect }: Change): Item {
  const when = effect[takesEffect];
  if (secret) return { values: "changed", when };
  const { inline, lines } = valueText(shown.have, shown.want);
  return { values: inline, lines, when };
}

const signs = { create: "+", replace: "~", remove: "-" } as const;

/** A resource that is created, replaced or removed, on a line. */
function stepText({ path, action, name, have, want }: ResourceStep, paint: Paint, mark: string): string {
  const sign = signs[action];
  const values = [have, want].flatMap((value) => (value ? [oneLine(value)] : [])).join(" → ");
  return `  ${paint(sign, sign)} ${path}${name && ` ${oneLine(name)}`}${values && `: ${values}`} (takes effect: now)${mark}\n`;
}

function lineText({ kind, text }: DiffLine, paint: Paint): string {
  const bare = kind === "same" || kind === "gap";
  const line = `      ${bare ? " " : kind} ${text}`.trimEnd();
  return `${paint(bare ? "quiet" : kind, line)}\n`;
}

const shownNames = 8;
const shownSettings = 3;

/** The unmanaged values: a line for resources that no list names, and one for the settings that the seed leaves out. */
function notManagedText({ unmanaged, leftOut }: Plan, paint: Paint): string {
  const names = unmanaged.flatMap(({ path, names: own }) =>
    own.map((name, at) => (at === 0 ? `${path} ${name}` : name)),
  );
  const resources = names.length > 0 ? [`${oneLine(someOf(names, shownNames))} (prune: true removes them)`] : [];
  const examples = leftOut.slice(0, shownSettings).join(", ");
  const such = leftOut.length > shownSettings ? `, such as ${examples}` : `: ${examples}`;
  const settings =
    leftOut.length > 0
      ? [
          `${leftOut.length} ${leftOut.length === 1 ? "setting" : "settings"}${such}; \`lectern export\` writes them down`,
        ]
      : [];
  return [...resources, ...settings].map((text) => `${paint("quiet", `not managed: ${text}`)}\n`).join("");
}

/** A plan for machines. Secret values are left out. */
export function planJson({ changes, passwordChange, resources, unmanaged, leftOut }: Plan): string {
  const rows = changes.map(({ path, secret, shown, takesEffect }) => ({
    path,
    takesEffect,
    ...(secret ? { secret: true } : shown),
  }));
  // Field by field: a step may hold more, such as a token, which must not be printed.
  const steps = resources.map(({ path, action, name, have, want }) => ({
    path,
    takesEffect: "live",
    action,
    ...(name && { name }),
    have,
    want,
  }));
  const password = { path: passwordPath, takesEffect: "live", secret: true };
  const all = [...rows, ...steps, ...(passwordChange ? [password] : [])];
  return `${JSON.stringify({ changes: all, unmanaged, leftOut }, null, 2)}\n`;
}
