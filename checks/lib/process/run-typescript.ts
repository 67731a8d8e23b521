// Programs that the code under test starts in this process's place run TypeScript by its flags (src/local/). Tests are run by
// vitest, which takes no tsx: loading it here would cost each file 0.4 s.
process.execArgv.push("--import", "tsx");
