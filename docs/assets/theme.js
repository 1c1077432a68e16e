/*
 * What the theme's script does otherwise in this site. It comes right before that script, which it knows through the
 * browser's own interfaces only.
 */

{
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const { builtFor } = script.dataset;
  const servedFrom = new URL("..", script.src).href;

  if (location.protocol === "file:") {
    document.head.append(
      Object.assign(document.createElement("script"), { src: `${servedFrom}assets/from-file.js` }),
    );
  }

  // The theme tells the browser its scheme of colours by an element in the head, and each word of that has the whole page
  // styled anew. It gets an element that is in no page; `site.css` says the same.
  const { head } = document;
  /** @param {Node} node */
  const append = (node) => Node.prototype.appendChild.call(head, node);
  head.appendChild = /** @type {typeof head.appendChild} */ (
    (node) => (node instanceof HTMLMetaElement && node.name === "color-scheme" ? node : append(node))
  );

  // While colours change, the theme marks the page, which forbids transitions and has the whole page styled anew. When it
  // starts no colour changes: a page has its colours before it is drawn.
  const { body } = document;
  const { setAttribute } = body;
  body.setAttribute = (name, value) => {
    if (name !== "data-md-color-switching") setAttribute.call(body, name, value);
  };
  addEventListener("load", () => (body.setAttribute = setAttribute));

  // Half of the theme's work is done when its script comes, the other half when the document is ready, which is at once.
  // That half gets a task of its own, so that a slow phone answers its reader in between.
  const listen = document.addEventListener;
  document.addEventListener = (
    /** @type {string} */ type,
    /** @type {EventListener} */ heard,
    /** @type {AddEventListenerOptions} */ options,
  ) => {
    const later = (/** @type {Event} */ event) => setTimeout(heard, 0, event);
    listen.call(document, type, type === "DOMContentLoaded" ? later : heard, options);
  };

  // Instant navigation compares links with the addresses in sitemap.xml, which name the place that the site was built for.
  // The same files serve from any other place, so those addresses are moved to where this script was loaded from.
  const parse = DOMParser.prototype.parseFromString;
  DOMParser.prototype.parseFromString = function (text, type) {
    const moved = type === "text/xml" ? text.replaceAll(`<loc>${builtFor}`, `<loc>${servedFrom}`) : text;
    return parse.call(this, moved, type);
  };

  // The search makes its index in every page that is loaded, which takes a processor as long as Python's start does. So
  // the list of what there is to find comes only once somebody is about to search.
  /** @type {Promise<void>} */
  const searching = new Promise((resolve) => {
    addEventListener("focusin", ({ target }) => {
      if (/** @type {Element} */ (target).matches("[data-md-component=search-query]")) resolve();
    });
  });
  window.XMLHttpRequest = class extends XMLHttpRequest {
    #forSearch = false;

    /**
     * @param {string} method
     * @param {string | URL} address
     */
    open(method, address) {
      this.#forSearch = String(address).endsWith("/search_index.json");
      super.open(method, address);
    }

    async send() {
      if (this.#forSearch) await searching;
      super.send();
    }
  };

  // Instant navigation, which knows the pages of one language only, leaves the header as it is, and in it the switch of
  // languages: that is led to the page which has come, as its head names it in other languages.
  const leadSwitch = () => {
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
      document.querySelectorAll(".md-select__link")
    )) {
      const { hreflang } = link;
      const same = document.head.querySelector(`link[rel~=alternate][hreflang="${hreflang}"]`);
      const first = hreflang === "en" ? "" : `${hreflang}/`;
      link.href = same?.getAttribute("href")?.replace(builtFor ?? "", servedFrom) ?? servedFrom + first;
    }
  };

  // The list of languages opens by hovering and by the focus. Escape closes it, without either of them moving away, until
  // it is left or asked for again.
  const languages = document.querySelector(".md-select");
  if (languages) {
    const { classList } = languages;
    for (const type of ["click", "focusin", "focusout", "mouseleave"])
      languages.addEventListener(type, () => classList.remove("gd-closed"));
    addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || !languages.matches(":hover, :focus-within")) return;
      if (languages.contains(document.activeElement)) languages.querySelector("button")?.focus();
      classList.add("gd-closed");
    });
  }

  // The theme keeps hold of some elements of every page that instant navigation has left, and each of those would hold the
  // whole page, some thousand nodes: so a page that has been left is taken to pieces. And for every page it listens anew
  // to the window's width, without end: so that is ended, one page later, since the next page listens before this one is
  // known to be left. What it listens to from the beginning goes on, and what is not about the width: the reader's scheme.
  /** @type {AbortController[]} of the page on the screen, and of the next */
  const listening = [];
  MediaQueryList.prototype.addListener = function (listener) {
    const next = this.media.includes("width") ? listening.at(-1) : undefined;
    const heard = /** @type {EventListener} */ (listener);
    this.addEventListener("change", heard, next ? { signal: next.signal } : {});
  };
  new MutationObserver((changes) => {
    for (const { removedNodes } of changes)
      for (const left of removedNodes)
        if (left instanceof HTMLElement && left.dataset.mdComponent === "container") {
          for (const part of left.querySelectorAll("*")) part.replaceChildren();
          listening.push(new AbortController());
          leadSwitch();
          if (listening.length > 2) listening.shift()?.abort();
        }
  }).observe(document.body, { childList: true });
}
