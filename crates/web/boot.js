// Stands at the end of the script that wasm-bindgen makes: loads the client and the words in the person's language, side
// by side, and says so in plain words when it cannot.

// How the page looks, as this device remembers it (crates/web/src/settings.rs): before anything is drawn, and whenever it is
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

// The manifest is for whoever wants to keep this page, and brings the icon with it once more: both wait until the page has
// come.
setTimeout(() => {
  const link = Object.assign(document.createElement("link"), { rel: "manifest", href: "{{app.webmanifest}}" });
  document.head.append(link);
}, 5000);

// A worker's address counts as a script: this policy knows one, whatever it is asked for (W3C Trusted Types).
const policy = globalThis.trustedTypes?.createPolicy("eyeline-timer", { createScriptURL: () => "{{timer.js}}" });
try {
  globalThis.eyelineTimer = new Worker(policy ? policy.createScriptURL("") : "{{timer.js}}");
} catch (error) {
  console.warn("Without a worker, timers are slow while nobody looks at this page:", error);
}

// Where each language's words are: those for the beginning, and those of what is loaded late. What a line of them says is
// told by its number, see crates/words.
const LANGUAGES = {{languages}};
const CHOICE = "eyeline-language";
const page = document.documentElement;
const late = document.querySelector(".late");
let failed = "{{english:boot-failed}}";
let wanted, lateWords;

const fetched = async (language, part = 0) => {
  const response = await fetch(LANGUAGES[language][part]);
  if (!response.ok) throw new Error(`the words for ${language}: ${response.status}`);
  return response.text();
};

// The page is in this language from now on.
const speak = (language, words) => {
  const lines = words.split("\n");
  failed = lines[{{line:boot-failed}}];
  page.lang = language;
  page.dir = lines[{{line:boot-direction}}];
  document.querySelector("meta[name=description]").content = lines[{{line:boot-description}}];
  late.textContent = lines[{{line:boot-slow}}];
  return words;
};

// What was chosen on this device, else the first language of the browser's that there is here. A browser that wants
// another kind of a language (Traditional Chinese) has more of ours (Simplified) than of English.
const preferred = () => {
  const known = Object.keys(LANGUAGES);
  let chosen;
  try {
    chosen = localStorage.getItem(CHOICE);
  } catch {
    // Storage may be forbidden.
  }
  if (known.includes(chosen)) return chosen;
  const kind = (language) => language.split("-")[0].toLowerCase();
  for (const asked of navigator.languages) {
    const found = known.find((language) => kind(language) === kind(asked));
    if (found) return found;
  }
  return "en";
};

// The program calls these three.
globalThis.eyelineChoose = async (language) => {
  wanted = language;
  const both = await Promise.all([fetched(language), fetched(language, 1)]).catch(console.warn);
  // Another may have been chosen meanwhile.
  if (wanted !== language) return;
  if (both) {
    speak(language, both[0]);
    try {
      localStorage.setItem(CHOICE, language);
    } catch {
      // Then it is chosen again next time.
    }
  }
  show(...(both ?? []));
};
globalThis.eyelineLate = () =>
  (lateWords ??= fetched(page.lang, 1).catch((error) => {
    // Whoever asks again tries anew.
    lateWords = undefined;
    throw error;
  }));
globalThis.eyelinePlural = (number) => new Intl.PluralRules(page.lang).select(number);

const language = preferred();
const words = fetched(language)
  .then((words) => speak(language, words))
  .catch(async (error) => {
    console.warn(error);
    return speak("en", await fetched("en"));
  });
Promise.all([words, __wbg_init({ module_or_path: "{{app.wasm}}" })]).then(([words]) => show(words)).catch((error) => {
  console.error(error);
  if (document.querySelector("[role=alert]")) return; // The client has said more already.
  const sentence = document.createElement("p");
  sentence.className = "plain";
  sentence.setAttribute("role", "alert");
  sentence.textContent = failed;
  document.body.replaceChildren(sentence);
});
