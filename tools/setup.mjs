// `npm run setup`: sets up what the demo and most tests need.
import { interruptible } from "./process/endings.mjs";
import { runProgram } from "./process/program.mjs";
import { allNeeds, provision } from "./setup/provision.mjs";

await runProgram(async () => {
  const { OWNCAST, CADDY, FFMPEG } = await interruptible((signal) => provision(allNeeds, { signal }));
  process.stdout.write(`Everything is in place:\nOWNCAST=${OWNCAST}\nCADDY=${CADDY}\nFFMPEG=${FFMPEG}\n`);
  return 0;
});
