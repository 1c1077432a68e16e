// The end of the page's worker while its memory is measured: it sees the worker's `python`, and counts proxies, which
// Pyodide registers as it makes them and takes out as they are destroyed.

const { register, unregister } = FinalizationRegistry.prototype;
let proxies = 0;

FinalizationRegistry.prototype.register = function (...values) {
  proxies += 1;
  return register.apply(this, values);
};

FinalizationRegistry.prototype.unregister = function (token) {
  const known = unregister.call(this, token);
  if (known) proxies -= 1;
  return known;
};

// As a name that stays when the worker is confined.
Object.defineProperty(globalThis, "probe", {
  value: () => ({
    memory: python._module.HEAP8.length,
    proxies,
    objects: python.runPython("import gc; gc.collect(); len(gc.get_objects())"),
  }),
});
