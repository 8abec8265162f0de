// Reads jobs as lines of JSON {zpl, widthMm, heightMm, dpmm}; answers each with its pictures.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { ready } = createRequire(process.argv[2] + "/")("zpl-renderer-js");
const { api } = await ready;
for await (const line of createInterface({ input: process.stdin })) {
  const { zpl, widthMm, heightMm, dpmm } = JSON.parse(line);
  const pictures = await api.zplToBase64MultipleAsync(zpl, widthMm, heightMm, dpmm);
  await new Promise((done) => process.stdout.write(JSON.stringify(pictures) + "\n", done));
}
process.exit(0);
