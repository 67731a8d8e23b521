import { expect, it } from "vitest";
import { readEdges, readEdgesFile } from "./edges-file.ts";
import { CliError } from "./errors.ts";

const edge = { name: "tokyo", url: "https://tokyo.example.org" };

it("fills in what an edge does not say", () =>
  expect(readEdges(JSON.stringify({ edges: [edge] }), "edges.json").edges).toEqual([
    { ...edge, weight: 1, networks: [], healthPath: "/.well-known/lectern-edge" },
  ]));

it.each<[string, unknown]>([
  ["no JSON", undefined],
  ["no edge", { edges: [] }],
  ["two edges of one name", { edges: [edge, { ...edge, url: "https://other.example.org" }] }],
  ["an edge named origin", { edges: [{ ...edge, name: "origin" }] }],
  ["a name that ends a quoted attribute", { edges: [{ ...edge, name: 'a"' }] }],
  ["an address with a path", { edges: [{ ...edge, url: "https://tokyo.example.org/x" }] }],
  ["an address with a slash at its end", { edges: [{ ...edge, url: "https://tokyo.example.org/" }] }],
  ["an address with a password", { edges: [{ ...edge, url: "https://a:b@tokyo.example.org" }] }],
  ["an address with a line in it", { edges: [{ ...edge, url: "https://tokyo.example.org\n#EXT" }] }],
  ["a file as address", { edges: [{ ...edge, url: "file:///etc" }] }],
  ["a negative weight", { edges: [{ ...edge, weight: -1 }] }],
  ["an unknown word", { edges: [{ ...edge, wieght: 1 }] }],
  ["too many edges", { edges: Array.from({ length: 33 }, (_, index) => ({ ...edge, name: `e${index}` })) }],
])("refuses %s, and names the file", (_, content) => {
  const read = () => readEdges(`${JSON.stringify(content)}`, "edges.json");
  expect(read).toThrow(CliError);
  expect(read).toThrow(/^edges\.json: /);
});

it("says that a file is missing", () => expect(readEdgesFile("/none/edges.json")).rejects.toThrow("/none/edges.json"));
