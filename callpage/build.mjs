// Bundles the page into build/: index.html, and assets/ whose names carry the hash of their content, each packed
// beforehand by gzip and brotli. Nothing here asks the network.
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, "build");
const MAKING = join(HERE, "build.making");
const PACKED = [".js", ".css", ".svg"];

const hashed = (name, content) => {
  const [stem, ending] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf("."))];
  return `${stem}-${createHash("sha256").update(content).digest("hex").slice(0, 12)}${ending}`;
};

async function write(name, content) {
  const bytes = Buffer.from(content);
  await writeFile(join(MAKING, "assets", name), bytes);
  if (!PACKED.some((ending) => name.endsWith(ending))) return;
  const best = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(join(MAKING, "assets", `${name}.gz`), gzipSync(bytes, { level: 9 }));
  await writeFile(join(MAKING, "assets", `${name}.br`), brotliCompressSync(bytes, { params: best }));
}

// Livekit-client's own sources, which its package carries: bundled from them the page is 18 kB smaller by gzip than
// from its published build, which is written for older browsers. They want class fields that are assigned.
const LIVEKIT = join(HERE, "node_modules", "livekit-client", "src");
const COMPILED = {
  bundle: true,
  target: ["es2022", "safari16", "firefox115", "chrome108"],
  minify: true,
  legalComments: "none",
  write: false,
  alias: { "livekit-client": join(LIVEKIT, "index.ts") },
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  logLevel: "warning",
};

// LiveKit's client loads webrtc-adapter, which mends what browsers older than those above lack: for them it is 12.6 kB of
// which nothing is used. What it does for newer ones too concerns nobody here: it refuses messages larger than SCTP takes
// (ours stay below 16 kB), reads addresses of ICE servers by an old name, and gives no figures of closed connections.
const WITHOUT_ADAPTER = {
  name: "without-adapter",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^webrtc-adapter$/ }, ({ path }) => ({ path, namespace: "left-out" }));
    onLoad({ filter: /./, namespace: "left-out" }, () => ({ contents: "" }));
  },
};

// The worker uses a few lines of modules that bring the rest of the client and its protocol buffers with them. None of
// them does anything by being imported, which their packages do not say: half of the worker is left out so (14 kB).
const ONLY_WHAT_IS_USED = {
  name: "only-what-is-used",
  setup: ({ onResolve, resolve }) =>
    onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === "resolving" || from.kind === "entry-point") return undefined;
      const { importer, resolveDir, kind } = from;
      const found = await resolve(path, { importer, resolveDir, kind, pluginData: "resolving" });
      return { ...found, sideEffects: false };
    }),
};

// The worker that encrypts: a file of its own, as a worker must be.
async function worker() {
  const { outputFiles } = await build({
    ...COMPILED,
    absWorkingDir: HERE,
    entryPoints: [join(LIVEKIT, "e2ee", "worker", "e2ee.worker.ts")],
    format: "iife",
    outdir: "assets",
    plugins: [ONLY_WHAT_IS_USED],
  });
  const name = hashed("encryption.js", outputFiles[0].contents);
  await write(name, outputFiles[0].contents);
  return name;
}

// Scripts: what shows the page first, and LiveKit's client in a chunk of its own, which comes meanwhile.
async function scripts(workerName) {
  const { outputFiles, metafile } = await build({
    ...COMPILED,
    absWorkingDir: HERE,
    entryPoints: { app: "src/main.ts" },
    splitting: true,
    format: "esm",
    metafile: true,
    outdir: "assets",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    define: { ENCRYPTION_WORKER: JSON.stringify(workerName) },
    plugins: [WITHOUT_ADAPTER],
  });
  const names = outputFiles.map((file) => file.path.split(/[\\/]/).at(-1));
  for (const [number, file] of outputFiles.entries()) await write(names[number], file.contents);
  const entry = names.find((name) => name.startsWith("app-"));
  const outputs = Object.entries(metafile.outputs);
  const later = outputs.filter(([, made]) => made.entryPoint === "src/call/call.ts").map(([path]) => path);
  const shared = outputs.find(([path]) => path.endsWith(entry))[1].imports;
  const first = shared.filter((each) => each.kind === "import-statement").map((each) => each.path);
  return { entry, preloaded: [...new Set([...first, ...later])].map((path) => path.split("/").at(-1)) };
}

async function styles() {
  const names = ["call.css", "chat.css", "screen.css", "recording.css"];
  let css = (await Promise.all(names.map((name) => readFile(join(HERE, "styles", name), "utf8")))).join("\n");
  for (const font of ["Inter-Regular.woff2", "Inter-SemiBold.woff2"]) {
    const content = await readFile(join(HERE, "styles", font));
    const name = hashed(font, content);
    await write(name, content);
    css = css.replaceAll(`url(${font})`, `url(${name})`);
  }
  const { outputFiles } = await build({
    stdin: { contents: css, loader: "css" },
    minify: true,
    write: false,
    external: ["*.woff2"],
    bundle: true,
    target: ["safari16", "firefox115", "chrome108"],
  });
  const name = hashed("call.css", outputFiles[0].contents);
  await write(name, outputFiles[0].contents);
  return name;
}

async function main() {
  await rm(MAKING, { recursive: true, force: true });
  await mkdir(join(MAKING, "assets"), { recursive: true });
  const icon = await readFile(join(HERE, "styles", "icon.svg"));
  const iconName = hashed("icon.svg", icon);
  await write(iconName, icon);
  const [{ entry, preloaded }, style] = [await scripts(await worker()), await styles()];
  const preload = preloaded.map((name) => `<link rel="modulepreload" href="assets/${name}">`).join("\n  ");
  const html = (await readFile(join(HERE, "index.html"), "utf8"))
    .replace("<!-- preload -->", preload)
    .replace("{icon}", `assets/${iconName}`)
    .replace("{style}", `assets/${style}`)
    .replace("{script}", `assets/${entry}`);
  await writeFile(join(MAKING, "index.html"), html);
  await rm(OUT, { recursive: true, force: true });
  await rename(MAKING, OUT);
}

await main();
