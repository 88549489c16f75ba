// Open every template and routine as a BPMN modeller does and lint it; exit 1 on any warning or error.
// Usage: node .ci/check-bpmn.mjs [folder that has node_modules with bpmn-moddle and bpmnlint]
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const PACKAGES = ["bpmn-moddle@10.3.1", "bpmnlint@11.15.0"];
const templates = fileURLToPath(new URL("../bpmn/", import.meta.url));

function install() {
  const folder = mkdtempSync(join(tmpdir(), "check-bpmn-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", "--prefix", folder, ...quiet, ...PACKAGES], { stdio: ["ignore", "ignore", "inherit"] });
  return folder;
}

const folder = process.argv[2] ? resolve(process.argv[2]) : install();
const require = createRequire(join(folder, "package.json"));
const { BpmnModdle } = await import(pathToFileURL(require.resolve("bpmn-moddle")));
const { Linter } = require("bpmnlint");
const NodeResolver = require("bpmnlint/lib/resolver/node-resolver");
// A new linter per file: its rules remember flows by id, and our templates share ids.
const linter = () => new Linter({ config: { extends: "bpmnlint:recommended" }, resolver: new NodeResolver({ require }) });

const diagrams = readdirSync(templates, { recursive: true }).filter((name) => name.endsWith(".bpmn")).sort();
const routines = diagrams.filter((name) => name.includes("routines"));
const counted = `${diagrams.length - routines.length} templates, ${routines.length} routines`;
const found = counted === "8 templates, 3 routines" ? [] : [`bpmn: ${counted} instead of 8 and 3`];
for (const file of diagrams) {
  const { rootElement, warnings } = await new BpmnModdle().fromXML(readFileSync(join(templates, file), "utf8"));
  found.push(...warnings.map((warning) => `${file}: ${warning.message}`));
  for (const [rule, reports] of Object.entries(await linter().lint(rootElement))) {
    found.push(...reports.map((report) => `${file}: ${report.id ?? "-"}: ${report.message} (${rule})`));
  }
}
found.forEach((line) => console.error(line));
console.log(`${counted}, ${found.length} findings`);
process.exitCode = found.length ? 1 : 0;
