import { type Node, type ObjectLiteralExpression, Project, SyntaxKind, type VariableDeclaration } from "ts-morph";
import { parse } from "yaml";
import type { Field } from "../schema/core/fields.ts";

/** The documentation of one setting from its TSDoc comment: a sentence, and a value that a person could write. */
export interface Doc {
  readonly text: string;
  readonly example?: unknown;
}

/** Docs by path: `video.latency`, and inside lists `video.ladder[].width`. */
export type Docs = ReadonlyMap<string, Doc>;

/**
 * Reads the documentation of every setting under the constants `Stage` and `Seed` from the TSDoc of the schema's sources:
 * the comment on the property, else on the constant that it names. By syntax alone; no type is resolved.
 * Throws if one of `settings`, the seed's leaves, has no documentation.
 */
export function readDocs(
  schemaFolder: string,
  settings: readonly Field[],
): { readonly Stage: Docs; readonly Seed: Docs } {
  const project = new Project({ skipFileDependencyResolution: true, skipAddingFilesFromTsConfig: true });
  const constants = new Map<string, VariableDeclaration[]>();
  for (const file of project.addSourceFilesAtPaths(`${schemaFolder}/**/*.ts`)) {
    if (file.getBaseName().endsWith(".test.ts")) continue;
    for (const declaration of file.getVariableDeclarations()) {
      const name = declaration.getName();
      constants.set(name, [...(constants.get(name) ?? []), declaration]);
    }
  }
  const docsOf = (root: string): Docs => {
    const docs = new Map<string, Doc>();
    collect({ constants, docs }, constants.get(root)?.[0]?.getInitializer(), "");
    return docs;
  };
  const docs = { Stage: docsOf("Stage"), Seed: docsOf("Seed") };
  // A setting without an area is a seed's alone.
  const undocumented = settings
    .map(({ path }) => path)
    .filter((path) => !docs.Seed.has(path) || (path.includes(".") && !docs.Stage.has(path)));
  if (undocumented.length > 0) throw new Error(`${schemaFolder}: no TSDoc for ${undocumented.join(", ")}`);
  return docs;
}

interface Context {
  /** Two files may each have a constant of one name. */
  readonly constants: ReadonlyMap<string, readonly VariableDeclaration[]>;
  readonly docs: Map<string, Doc>;
}

/** Follows an expression to the object it describes and notes each property's doc. */
function collect(context: Context, expression: Node | undefined, path: string): void {
  if (expression?.isKind(SyntaxKind.Identifier)) collectConstant(context, expression, path);
  if (!expression?.isKind(SyntaxKind.CallExpression)) return;
  const callee = expression.getExpressionIfKind(SyntaxKind.PropertyAccessExpression);
  const [argument] = expression.getArguments();
  // `x.min(1).register(…)` describes what `x` describes.
  const kind = callee?.getExpression().getText() === "z" ? callee.getName() : "wrapper";
  if (kind === "wrapper") collect(context, callee?.getExpression(), path);
  if (kind === "strictObject" || callee?.getName() === "extend")
    collectProperties(context, argument as ObjectLiteralExpression, path);
  if (kind === "array") collect(context, argument, `${path}[]`);
  if (kind === "union")
    for (const branch of argument?.asKindOrThrow(SyntaxKind.ArrayLiteralExpression).getElements() ?? [])
      collect(context, branch, path);
}

/** An identifier is its own file's constant of that name, else the one that another file exports. */
function collectConstant(context: Context, identifier: Node, path: string): void {
  const named = context.constants.get(identifier.getText()) ?? [];
  const constant =
    named.find((declaration) => declaration.getSourceFile() === identifier.getSourceFile()) ??
    named.find((declaration) => declaration.isExported());
  if (!constant) return;
  const doc = docOf(constant.getFirstAncestorByKind(SyntaxKind.VariableStatement));
  if (doc && path !== "" && !context.docs.has(path)) context.docs.set(path, doc);
  collect(context, constant.getInitializer(), path);
}

function collectProperties(context: Context, object: ObjectLiteralExpression, path: string): void {
  for (const property of object.getProperties()) {
    const name =
      property.asKind(SyntaxKind.PropertyAssignment)?.getName() ??
      property.asKind(SyntaxKind.ShorthandPropertyAssignment)?.getName();
    if (name === undefined)
      throw new Error(`${path}: a property of a schema must be written out, found ${property.getText()}`);
    const inner = path === "" ? name : `${path}.${name}`;
    const doc = docOf(property);
    if (doc) context.docs.set(inner, doc);
    collect(
      context,
      property.asKind(SyntaxKind.PropertyAssignment)?.getInitializer() ??
        property.getFirstChildByKind(SyntaxKind.Identifier),
      inner,
    );
  }
}

function docOf(node: Node | undefined): Doc | undefined {
  const comment = node
    ?.getLeadingCommentRanges()
    .map((range) => range.getText())
    .filter((text) => text.startsWith("/**"))
    .at(-1);
  if (!comment) return undefined;
  const lines = comment
    .slice(3, -2)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim());
  const tag = lines.findIndex((line) => line.startsWith("@example"));
  const text = (tag < 0 ? lines : lines.slice(0, tag)).join(" ").trim();
  if (tag < 0) return { text };
  return { text, example: parse(lines.slice(tag).join("\n").replace("@example", "").trim()) };
}
