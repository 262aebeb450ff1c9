/** Makes the demo network in the folder given, for startHub to copy. */
import { startServer } from "./harness.mjs";

const hub = await startServer("demo", process.argv[2]);
await hub.leave();
