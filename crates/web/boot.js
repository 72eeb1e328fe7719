// Stands at the end of the script that wasm-bindgen makes: loads the client, and says so in plain words when it cannot.

// How the page looks, as this device remembers it (crates/web/src/look.rs): before anything is drawn, and whenever it is
// changed, here or in another tab.
globalThis.eyelineLook = () => {
  const remembered = (choice) => {
    try {
      return localStorage.getItem(`eyeline-${choice}`);
    } catch {
      return null; // Storage is forbidden: as the system wants it.
    }
  };
  const page = document.documentElement;
  const theme = remembered("theme");
  if (theme) page.dataset.theme = theme;
  else delete page.dataset.theme;
  page.toggleAttribute("data-unmirrored", remembered("unmirrored") !== null);
  for (const bar of document.querySelectorAll("meta[name=theme-color]")) {
    const scheme = bar.dataset.scheme;
    bar.media = theme ? (theme === scheme ? "all" : "not all") : `(prefers-color-scheme: ${scheme})`;
  }
};
eyelineLook();
addEventListener("storage", eyelineLook);

// A worker's address counts as a script: this policy knows one, whatever it is asked for (W3C Trusted Types).
const policy = globalThis.trustedTypes?.createPolicy("eyeline-timer", { createScriptURL: () => "{{timer.js}}" });
try {
  globalThis.eyelineTimer = new Worker(policy ? policy.createScriptURL("") : "{{timer.js}}");
} catch (error) {
  console.warn("Without a worker, timers are slow while nobody looks at this page:", error);
}

__wbg_init({ module_or_path: "{{app.wasm}}" }).catch((error) => {
  console.error(error);
  if (document.querySelector("[role=alert]")) return; // The client has said more already.
  const sentence = document.createElement("p");
  sentence.className = "plain";
  sentence.setAttribute("role", "alert");
  sentence.textContent =
    "Eyeline could not start here. Reload the page; if that does not help, your browser may be too old.";
  document.body.replaceChildren(sentence);
});
