// Runs another program in this process, and asks it to end when the process that supervises it is gone.
import { pathToFileURL } from "node:url";

const [program = ""] = process.argv.splice(1, 2).slice(1);
process.argv.splice(1, 0, program);
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// Listening alone must not keep the program running when it is done.
process.channel?.unref();
await import(pathToFileURL(program).href);
