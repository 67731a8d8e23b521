import { fileURLToPath } from "node:url";
import { codegen } from "./codegen.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { code, text } = await codegen(root, { check: process.argv.includes("--check") });
process.stderr.write(text);
process.exitCode = code;
