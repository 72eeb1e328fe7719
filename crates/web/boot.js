// The one hand-written script: loads the client, and says so in plain words when it cannot.
import start from "{{app.js}}";

start({ module_or_path: "{{app.wasm}}" }).catch((error) => {
  console.error(error);
  if (document.querySelector("[role=alert]")) return; // The client has said more already.
  const sentence = document.createElement("p");
  sentence.className = "plain";
  sentence.setAttribute("role", "alert");
  sentence.textContent =
    "Eyeline could not start here. Reload the page; if that does not help, your browser may be too old.";
  document.body.replaceChildren(sentence);
});
