// SPDX-License-Identifier: Apache-2.0
// units.mjs ESBUILD: parts of the pages in web/ that need no browser: the class of a dropped file, what is said of an exported model,
// zip files written and read. Prints the number of checks; exits with 1 where one failed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [esbuild] = process.argv.slice(2);
const web = join(dirname(fileURLToPath(import.meta.url)), "../../web");
let checks = 0;
const failures = [];
const equal = (found, expected, what) => {
  ++checks;
  if (JSON.stringify(found) !== JSON.stringify(expected)) failures.push(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
};

// What the modules ask a browser for when they are loaded.
globalThis.location = new URL("http://127.0.0.1/");
globalThis.sessionStorage = { getItem: () => null, setItem: () => undefined };
globalThis.File ??= (await import("node:buffer")).File;

const scratch = mkdtempSync(join(tmpdir(), "graft-units-"));
async function load(module) {
  const out = join(scratch, `${module.replaceAll("/", "-")}.mjs`);
  execFileSync(esbuild, [join(web, `${module}.ts`), "--bundle", "--format=esm", "--target=es2020", "--log-level=warning", `--outfile=${out}`]);
  return import(pathToFileURL(out).href);
}

/** Files by their paths: the classes that they get. */
async function dropped() {
  const { classOf } = await load("studio/drop_rule");
  const classes = (paths, nested, project = "pets") => {
    const all = paths.map((path) => ({ folders: path.split("/").slice(0, -1) }));
    return all.map((one) => classOf(one, all, nested, project));
  };
  equal(classes(["1.jpg"], false), [""], "a file in no folder has no class");
  equal(classes(["photos/dog/1.jpg", "photos/cat/2.jpg"], false), ["dog", "cat"], "the innermost folder is the class");
  equal(classes(["a/b/dog/1.jpg"], false), ["dog"], "the innermost folder, at any depth");
  equal(classes(["1.jpg"], true), [""], "nested: a file in no folder has no class");
  equal(classes(["dog/1.jpg"], true), ["dog"], "nested: one folder is a class");
  equal(classes(["animal/dog/1.jpg"], true), ["animal/dog"], "nested: two folders are a path");
  equal(classes(["pets/animal/dog/1.jpg", "pets/plant/2.jpg"], true), ["animal/dog", "plant"], "nested: the project's own folder is no part of a class");
  equal(classes(["pets/1.jpg"], true), ["pets"], "nested: a folder called as the project, with photos, is a class");
  equal(classes(["all/animal/dog/1.jpg", "all/plant/rose/2.jpg"], true), ["animal/dog", "plant/rose"], "nested: a folder of nothing but folders of folders is no part of a class");
  equal(classes(["animal/dog/1.jpg", "animal/dog/small/2.jpg"], true), ["animal/dog", "animal/dog/small"], "nested: where one class lies in the next folder, the outermost belongs to all");
  equal(classes(["all/animal/dog/1.jpg", "all/cat/2.jpg"], true), ["all/animal/dog", "all/cat"], "nested: a folder with a class directly in it belongs to the names");
  equal(classes(["a/x/dog/1.jpg", "b/cat/2.jpg"], true), ["x/dog", "b/cat"], "nested: each folder that was dropped is looked at by itself");
}

async function proofs() {
  const { proofText } = await load("studio/exports");
  equal(proofText("onnx", [{ engine: "graft's own reader", difference: 2.44e-7, photos: 64 }]), "Its answers differ from graft's by 2.4e-7 at most on 64 photos (graft's own reader).", "the greatest difference is said");
  equal(
    proofText("onnx-int8", [
      { engine: "graft's own int8", difference: 0.19, photos: 138, compared_with: "float32", accuracy: 0.942, expected_accuracy: 0.949 },
      { engine: "graft's own reader", difference: 0.069, photos: 138, compared_with: "int8" },
    ]),
    "Its answers differ from graft's in 8 bits by 0.069 at most on 138 photos (graft's own reader). The 8 bits themselves change answers by 0.19 at most, with 94.2\u00a0% of them right in place of 94.9\u00a0%.",
    "8 bits have two differences",
  );
  equal(proofText("cpp", []), "It was not compared: there is no C++ compiler (c++) on this computer.", "source without a compiler");
  equal(proofText("tfjs", null).startsWith("It was written by another program"), true, "a file of a command");
  equal(proofText("cpp", [{ engine: "the source, compiled by c++,", difference: 0.001, random_images: 1 }]), "Its answers differ from graft's by 0.001 at most on 1 image of random pixels (the source, compiled by c++).", "compiled source");
}

async function zips() {
  const { ZipWriter } = await load("studio/save_photos");
  const { zipPhotos } = await load("studio/zip");
  const zip = new ZipWriter();
  await zip.add("flowers/größe/1.jpg", new Blob(["first"]));
  await zip.add("flowers/.hidden/2.jpg", new Blob(["second"]));
  await zip.add("flowers/notes.txt", new Blob(["third"]));
  const file = new File([zip.end()], "flowers.zip");
  const photos = await zipPhotos(file, (name) => name.endsWith(".jpg"));
  equal(photos.map((one) => one.path), ["flowers/größe/1.jpg"], "a zip file is read as it was written, without hidden folders");
  equal(await (await photos[0].read()).text(), "first", "a file of a zip file");
  const cut = new File([zip.end().slice(0, 40)], "cut.zip");
  equal(await zipPhotos(cut, () => true).catch((error) => error.message), "cut.zip: this is no zip file that can be read. Unpack it and drop the folder instead.", "a cut zip file is refused");
}

try {
  await dropped();
  await proofs();
  await zips();
} catch (error) {
  failures.push(error.stack);
}
rmSync(scratch, { recursive: true });
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${checks} checks, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
