// Opens document d0 again and again as a Yjs client: connect, prove who one is, ask for the state, apply it, read the text.
// usage: node open.mjs URL TIMES; prints the bytes received, of the text's bytes, then the milliseconds of each.
import * as Y from "yjs";
import * as encoding from "lib0/encoding";
import * as decoding from "lib0/decoding";

const [url, times] = process.argv.slice(2);
let share = 0;
const took = [];
for (let i = 0; i < Number(times); i++) {
  const ws = new WebSocket(url);
  ws.binaryType = "arraybuffer";
  await new Promise((ok, bad) => { ws.onopen = ok; ws.onerror = bad; });
  const begin = performance.now();
  let bytes = 0;
  const text = await new Promise((ok, bad) => {
    const doc = new Y.Doc();
    ws.onerror = bad;
    ws.onclose = bad;
    ws.onmessage = ({ data }) => {
      bytes += data.byteLength;
      const d = decoding.createDecoder(new Uint8Array(data));
      decoding.readVarString(d);
      const type = decoding.readVarUint(d);
      if (type === 2) {
        const e = encoding.createEncoder();
        encoding.writeVarString(e, "d0");
        encoding.writeVarUint(e, 0);
        encoding.writeVarUint(e, 0);
        encoding.writeVarUint8Array(e, Y.encodeStateVector(doc));
        ws.send(encoding.toUint8Array(e));
      } else if ((type === 0 || type === 4) && decoding.readVarUint(d) === 1) {
        Y.applyUpdate(doc, decoding.readVarUint8Array(d));
        ok(doc.getText("t").toString());
      }
    };
    const e = encoding.createEncoder();
    encoding.writeVarString(e, "d0");
    encoding.writeVarUint(e, 2);
    encoding.writeVarUint(e, 0);
    encoding.writeVarString(e, "may-write");
    encoding.writeVarString(e, "4.7.0");
    ws.send(encoding.toUint8Array(e));
  });
  took.push(performance.now() - begin);
  share = bytes / Buffer.byteLength(text);
  const closed = new Promise((ok) => { ws.onclose = ok; });
  ws.close();
  await closed;
}
console.log([share, ...took].map((x) => x.toFixed(3)).join(" "));
process.exit(0);
