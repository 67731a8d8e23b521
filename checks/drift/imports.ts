import { posix } from "node:path";
import ts from "typescript";
import { forUnitTests, type Room, rooms } from "./import-table.ts";

/** Source files by path, from the top of the repository. */
export type Sources = ReadonlyMap<string, string>;

type Graph = ReadonlyMap<string, readonly string[]>;

/** The files of the repository that a file imports: statically, dynamically, as re-exports, or as types (also in comments). */
export function importsOf(file: string, text: string): string[] {
  const statements = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const types = [...text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)].map(([, path = ""]) => path);
  const relative = [...statements, ...types].filter((path) => path.startsWith("."));
  return [...new Set(relative.map((path) => posix.join(posix.dirname(file), path)))];
}

/** Every import that the table forbids, and every circle of files, one line each. */
export function importFaults(sources: Sources, table: readonly Room[] = rooms): string[] {
  const imports: Graph = new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
  const forbidden = [...imports].flatMap(([file, targets]) =>
    targets.filter((target) => !mayImport(file, target, table)).map((target) => `${file} imports ${target}`),
  );
  return [...forbidden, ...circles(imports).map((circle) => `${circle.join(" imports ")}`)];
}

function mayImport(file: string, target: string, table: readonly Room[]): boolean {
  const from = placeOf(file, table);
  const to = placeOf(target, table);
  if (!from || !to) return false;
  if (from.path === to.path) return true;
  if (isUnitTest(file) && to.path === forUnitTests) return true;
  return to.row < from.row && table[from.row]!.imports.some((path) => target.startsWith(path));
}

const isUnitTest = (file: string): boolean => file.endsWith(".test.ts") && !file.startsWith("checks/");

/** A file's row in the table, and its room's path: `src/services/gate/` in the row of all services. */
function placeOf(file: string, table: readonly Room[]): { readonly row: number; readonly path: string } | undefined {
  const fitting = table.flatMap((room, row) => {
    const [path] = new RegExp(`^${room.path.replace("*", "[^/]+")}`).exec(file) ?? [];
    return path === undefined ? [] : [{ row, path }];
  });
  return fitting.sort((a, b) => b.path.length - a.path.length)[0];
}

/** At least one circle of each group of files that import each other; its first file stands at both ends. */
function circles(graph: Graph): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) found.push([...way.slice(way.indexOf(node)), node]);
    if (done.has(node)) return;
    done.add(node);
    for (const next of graph.get(node) ?? []) visit(next, [...way, node]);
  };
  for (const node of graph.keys()) visit(node, []);
  return found;
}

/** The table as CONTRIBUTING.md shows it. */
export const roomsAsMarkdown = (table: readonly Room[] = rooms): string =>
  [
    "| folder | what | may import |",
    "|---|---|---|",
    ...table.map(({ path, what, imports }) => {
      const others = imports.map((to) => `\`${to}\``).join(", ");
      return `| \`${path}\` | ${what} | ${others || "nothing"} |`;
    }),
  ].join("\n");
