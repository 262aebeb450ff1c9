// The peer: Hocuspocus as its documentation sets it up, with its SQLite extension and a check of the token.
// usage: node server.mjs PORT DATABASE
import { Server } from "@hocuspocus/server";
import { SQLite } from "@hocuspocus/extension-sqlite";

const [port, database] = process.argv.slice(2);
const server = new Server({
  port: Number(port),
  address: "127.0.0.1",
  quiet: true,
  extensions: [new SQLite({ database })],
  async onAuthenticate({ token }) {
    if (token !== "may-write") throw new Error("not allowed");
    return { person: token };
  },
});
await server.listen();
