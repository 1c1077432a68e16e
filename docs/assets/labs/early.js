/**
 * Stands inside every page, in its head, so that Python can start while the page still arrives. It makes the worker for
 * `client.js`, which is loaded later, and notes what the worker says until then.
 *
 * It starts Python by itself where nothing has to be downloaded for it that would not be anyway: for a reader who follows a
 * link to a lab, and for one whose browser has kept Python since an earlier visit. Every other start waits until a lab
 * comes near the screen (`lab.js`).
 */
{
  const { labs = "", runtime } = /** @type {HTMLElement} */ (document.currentScript).dataset;

  // What the worker loads, all at once; `worker.js` runs last.
  const modules = ["language.js", "files.js", "snapshot.js", "confine.js", "python.js", "worker.js"].map(
    (name) => new URL(labs + name, location.href).href,
  );

  const imports = modules.map((address) => `import ${JSON.stringify(address)};`).join("");

  globalThis.isPythonStarting = false;

  /**
   * Make a worker and have it start Python.
   *
   * @param {string} folder absolute address of the runtime's
   * @returns {import("./messages").StartedWorker}
   */
  const begin = (folder) => {
    // Where the worker is started from. From its own address it would have the policy that its host sends, and most hosts
    // send none; from an address that the page makes it has the page's, and reaches no other host. What stands behind "#"
    // names it. Its first message stands in its source: one that is sent waits until the page has time.
    const data = { id: 0, type: "start", runtime: folder, language: document.documentElement.lang };
    const source = `${imports}dispatchEvent(new MessageEvent("message", { data: ${JSON.stringify(data)} }));`;
    const address = `${URL.createObjectURL(new Blob([source], { type: "text/javascript" }))}#${modules.at(-1)}`;
    let takesModules = false; // a browser that knows module workers reads the type
    const worker = new Worker(address, {
      name: "python",
      get type() {
        takesModules = true;
        return /** @type {const} */ ("module");
      },
    });
    /** @type {MessageEvent[]} */
    const heard = [];
    const hearing = new AbortController();
    globalThis.isPythonStarting = true;
    for (const type of ["message", "messageerror", "error"]) {
      worker.addEventListener(type, (event) => heard.push(/** @type {MessageEvent} */ (event)), hearing);
      worker.addEventListener(type, (event) => {
        if (/** @type {MessageEvent} */ (event).data?.type !== "progress")
          globalThis.isPythonStarting = false;
      });
    }
    return { worker, takesModules, heard, hearing };
  };

  /** @type {import("./messages").StartedWorker | null} */
  let early = null;
  let taken = false;
  globalThis.startWorker = (folder) => {
    // What has failed before anybody waited for it gets a second chance.
    if (early?.heard.some((event) => event.type !== "message" || "error" in event.data)) {
      early.worker.terminate();
      early = null;
    }
    const started = early ?? begin(folder);
    early = null;
    taken = true;
    return started;
  };

  if (runtime && location.protocol !== "file:") {
    const folder = new URL(runtime, location.href).href;
    const start = () => {
      if (!taken) early = begin(folder);
    };
    // Of a version that was kept, the manifest is what is kept last (`files.js`).
    const isKept = async () => {
      try {
        return Boolean(await caches.match(`${folder}manifest.json`, { cacheName: "gd-python" }));
      } catch {
        return false; // storage is forbidden
      }
    };
    const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
    if (location.hash.startsWith("#lab-") && !connection?.saveData) start();
    else isKept().then((kept) => kept && start());
  }
}
