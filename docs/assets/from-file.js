/*
 * For the unpacked site opened by a double click: pages load this only when they come from the file system. There a
 * browser loads neither modules nor workers, so that labs and quizzes stay as the page brought them. It says so, in words
 * that the page brought along, and leads links to files, because no server turns the address of a folder into that of its
 * page.
 */

{
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
  const site = decodeURIComponent(new URL("..", src).pathname).split("/").at(-2);
  const words = /** @type {HTMLTemplateElement} */ (document.querySelector("#gd-from-file")).content;
  const [warning, inLabs] = words.children;

  /** @type {HTMLElement} */ (warning.querySelector("span")).textContent = site ?? "";
  document.querySelector("article h1")?.after(warning.cloneNode(true));
  for (const lab of document.querySelectorAll("gd-lab")) lab.append(inLabs.cloneNode(true));
  for (const link of document.querySelectorAll("a")) {
    const url = new URL(link.href, location.href);
    if (url.protocol !== "file:" || !url.pathname.endsWith("/")) continue;
    url.pathname += "index.html";
    link.href = url.href;
  }
  // The search reads its list as no file can be read.
  for (const part of document.querySelectorAll("[data-md-component=search], [for=__search]")) part.remove();
}
