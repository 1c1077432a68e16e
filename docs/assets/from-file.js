/*
 * For the unpacked site opened by a double click: pages load this only when they come from the file system. There a
 * browser loads neither modules nor workers, so that labs and quizzes stay as the page brought them. It says so, and
 * leads links to files, because no server turns the address of a folder into that of its page.
 */

{
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
  const site = decodeURIComponent(new URL("..", src).pathname).split("/").at(-2);
  const why =
    "This page was opened as a file. From files, browsers load neither modules nor workers, and Python needs both. Text," +
    " formulas, pictures of recorded runs and the quiz's explanations are all here to read. To train networks, run this" +
    ` command in the folder ${site} and open http://localhost:8000/ in a browser:`;

  /**
   * @param {string} tag
   * @param {string} name its class
   * @param {...(Node | string)} children
   */
  const make = (tag, name, ...children) => {
    const element = document.createElement(tag);
    element.className = name;
    element.append(...children);
    return element;
  };

  document
    .querySelector("article h1")
    ?.after(
      make(
        "div",
        "admonition warning",
        make("p", "admonition-title", "Python cannot start here"),
        make("p", "", why),
        make("pre", "", make("code", "", "python -m http.server")),
      ),
    );
  for (const lab of document.querySelectorAll("gd-lab")) {
    lab.append(
      make(
        "p",
        "",
        "Python cannot start here, because this page was opened as a file; its top says what to do.",
      ),
    );
  }
  for (const link of document.querySelectorAll("a")) {
    const url = new URL(link.href, location.href);
    if (url.protocol !== "file:" || !url.pathname.endsWith("/")) continue;
    url.pathname += "index.html";
    link.href = url.href;
  }
  // The search reads its list as no file can be read.
  for (const part of document.querySelectorAll("[data-md-component=search], [for=__search]")) part.remove();
}
