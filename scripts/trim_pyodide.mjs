/**
 * Cut from Pyodide's WebAssembly and from the JavaScript around it what nothing asks for, so that a start from the image has
 * a third of the script to read and an eighth of the names to enter.
 *
 * Pyodide is linked for whatever library anybody may load: its WebAssembly exports 8,556 names, its script puts each of them
 * into a variable and a property, and it brings WebGL, SDL and sound. The libraries of a page are known, though, and a worker
 * has no window. What is asked for is found by name, and so generously: a name counts wherever it is mentioned, in the rest of
 * the script, in the scripts that start it, or among what a library imports. Functions that nobody names any more are left
 * out by Terser. All that a plain start needs stays in Pyodide's own two files, which are served untouched.
 */

/** @typedef {(script: string, options: object) => Promise<{ code?: string }>} Minify */

/** How Pyodide's script begins and ends: one function that makes an instance. */
const BEGINNING = "async function _createPyodideModule(moduleArg={}){";
const END = "}export default _createPyodideModule;";

/** `_name=Module["_name"]=wasmExports["name"]`, of each export; variables have a value behind. */
const TAKEN_OVER = /(\w+)=Module\["\w+"\]=wasmExports\["\w+"\](?:\.value>>>0)?;?/g;

/** The list of variables that they are put into: no other is nearly as long. */
const VARIABLES = /(?<=var )(?:_\w+,){50,}\w+(?=[;,])/;

/** `wasmExports["name"]=makeWrapper_pp(wasmExports["name"])`, of exports that return an address. */
const WRAPPED = /wasmExports\["(\w+)"\]=makeWrapper_\w+\(wasmExports\["\w+"\]\);/g;

/** `Module["name"]=name;`, of what the script itself defines. */
const PUBLISHED = /Module\["(\w+)"\]=\1;/g;

/** The functions that WebAssembly may import: `name` or `name:function`. */
const IMPORTABLE = /(?<=var wasmImports=\{)[^}]*(?=\})/;

/** `function.sig="vip";` and what else is noted of such a function. */
const NOTES = /(?<=[;}])([\w$]+)\.(?:sig|__deps|isAsync)=[^;{}]*?;/g;

/** Asked for by Pyodide's WebAssembly, and in a worker of no use. */
const OF_A_WINDOW = /^emscripten_gl[A-Z]/;

/** What stands for them: one function, and so one place in the function table instead of three hundred. */
const ABSENT = "ofAWindow";

const EXPORT_SECTION = 7;
const FUNCTION = 0;
const GLOBAL = 3;

/**
 * @param {object} parts
 * @param {string} parts.script Pyodide's, `pyodide.asm.mjs`
 * @param {Uint8Array<ArrayBuffer>} parts.wasm Pyodide's
 * @param {string[]} parts.callers the scripts that start it
 * @param {Uint8Array<ArrayBuffer>[]} parts.libraries all that may ever be linked to it
 * @param {Minify} minify Terser's
 * @returns {Promise<{ script: string, wasm: Uint8Array<ArrayBuffer> }>}
 * @throws {Error} this is not the Pyodide that is known here
 */
export async function trim({ script, wasm, callers, libraries }, minify) {
  const rest = [TAKEN_OVER, VARIABLES, WRAPPED, PUBLISHED, IMPORTABLE].reduce(
    (text, pattern) => text.replace(pattern, ""),
    script,
  );
  const mentioned = new Set([rest, ...callers].join("\n").match(/[\w$]+/g));
  const ofLibraries = importsOf(libraries);
  const ofAll = new Set([...ofLibraries, ...importsOf([wasm])]);
  /** @param {string} name */
  const isNeeded = (name) => ofLibraries.has(name) || mentioned.has(name) || mentioned.has(`_${name}`);

  let trimmed = keep(script, TAKEN_OVER, ([, variable]) => mentioned.has(variable));
  trimmed = change(trimmed, VARIABLES, (list) => keepOf(list, (name) => mentioned.has(name)));
  trimmed = keep(trimmed, WRAPPED, ([, name]) => isNeeded(name));
  trimmed = keep(trimmed, PUBLISHED, ([, name]) => mentioned.has(name) && isMember(name, [rest, ...callers]));
  /** @type {Set<string>} */
  const functions = new Set([ABSENT]);
  trimmed = change(trimmed, IMPORTABLE, (list) =>
    keepOf(list, (entry) => ofAll.has(entry.split(":")[0]))
      .split(",")
      .map((entry) => {
        const [name, value = name] = entry.split(":");
        if (OF_A_WINDOW.test(name)) return `${name}:${ABSENT}`;
        functions.add(value);
        return entry;
      })
      .join(),
  );
  const absent = `var ${ABSENT}=()=>abort("a worker has no window");${ABSENT}.sig="v";`;
  trimmed = change(trimmed, /(?=var wasmImports=)/, () => absent);
  trimmed = keep(trimmed, NOTES, ([, name]) => functions.has(name));
  // An evaluation that sees the names around it would need all of them.
  trimmed = change(trimmed, /\beval\(/g, () => "(0,eval)(");
  const { code = "" } = await minify(trimmed, {
    module: true,
    mangle: false,
    compress: {
      defaults: false,
      unused: true,
      dead_code: true,
      side_effects: true,
      toplevel: true,
      passes: 4,
    },
  });
  return { script: readAtOnce(code), wasm: withoutExports(wasm, isNeeded) };
}

/**
 * The names that modules import.
 *
 * @param {Uint8Array<ArrayBuffer>[]} modules
 */
function importsOf(modules) {
  const imports = modules.flatMap((bytes) => WebAssembly.Module.imports(new WebAssembly.Module(bytes)));
  return new Set(imports.map(({ name }) => name));
}

/**
 * Whether a name is that of a member somewhere, `.name` or `"name"`.
 *
 * @param {string} name
 * @param {string[]} scripts
 */
function isMember(name, scripts) {
  const member = new RegExp(`\\.${name}\\b|(["'])${name}\\1`);
  return scripts.some((script) => member.test(script));
}

/**
 * @param {string} list of names with commas between them
 * @param {(name: string) => boolean} isKept
 */
function keepOf(list, isKept) {
  return list.split(",").filter(isKept).join();
}

/**
 * @param {string} script
 * @param {RegExp} pattern
 * @param {(found: string[]) => boolean} isKept
 */
function keep(script, pattern, isKept) {
  return change(script, pattern, (...found) => (isKept(found) ? found[0] : ""));
}

/**
 * @param {string} script
 * @param {RegExp} pattern
 * @param {(...found: string[]) => string} replacement
 */
function change(script, pattern, replacement) {
  if (script.search(pattern) < 0) throw new Error(`Pyodide's script must hold ${pattern}, got none`);
  return script.replace(pattern, replacement);
}

/**
 * The script with its one function in parentheses. A browser that meets a function reads it twice, once to find its end and
 * once when it is called; one in parentheses it takes for about to be called, and reads it once.
 *
 * @param {string} script
 */
function readAtOnce(script) {
  if (!script.startsWith(BEGINNING) || !script.endsWith(END)) {
    throw new Error(
      `Pyodide's script must be ${BEGINNING}…${END}, got ${script.slice(0, 80)}…${script.slice(-80)}`,
    );
  }
  const inner = script.slice(BEGINNING.length, -END.length);
  return `export default (async function(moduleArg={}){${inner}});\n`;
}

/**
 * The same module, with those of its functions and variables exported that are needed. See the WebAssembly specification,
 * section 5.5, for the form of a module.
 *
 * @param {Uint8Array<ArrayBuffer>} wasm
 * @param {(name: string) => boolean} isNeeded
 */
function withoutExports(wasm, isNeeded) {
  const text = new TextDecoder();
  let place = 0;
  const readNumber = () => {
    let [number, byte] = [0, 0];
    for (let shift = 0; shift === 0 || byte & 128; shift += 7) {
      byte = wasm[place++];
      number |= (byte & 127) << shift;
    }
    return number >>> 0;
  };
  const parts = [wasm.subarray(0, (place = 8))];
  while (place < wasm.length) {
    const start = place;
    const section = wasm[place++];
    const length = readNumber();
    const end = place + length;
    if (section === EXPORT_SECTION) {
      const kept = [];
      for (let left = readNumber(); left > 0; left--) {
        const from = place;
        const nameLength = readNumber();
        const name = text.decode(wasm.subarray(place, (place += nameLength)));
        const kind = wasm[place++];
        readNumber(); // which of its kind
        if ((kind !== FUNCTION && kind !== GLOBAL) || isNeeded(name)) kept.push(wasm.subarray(from, place));
      }
      const contents = [numberOf(kept.length), ...kept];
      const size = contents.reduce((sum, part) => sum + part.length, 0);
      parts.push(Uint8Array.of(EXPORT_SECTION), numberOf(size), ...contents);
    } else {
      parts.push(wasm.subarray(start, end));
    }
    place = end;
  }
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * A number as WebAssembly writes it: seven bits in a byte, the lowest first.
 *
 * @param {number} number
 */
function numberOf(number) {
  const bytes = [];
  do {
    bytes.push((number & 127) | (number > 127 ? 128 : 0));
    number >>>= 7;
  } while (number > 0);
  return Uint8Array.from(bytes);
}
