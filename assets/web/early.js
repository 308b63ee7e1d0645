// The sign-in form of the page itself, for those whose device takes seconds to load the app: what is typed into it goes
// to the app as soon as that is there (app/state/core/sign_in.py), over the same socket (connection.js).
(() => {
  "use strict";
  const AFTER_MS = 700;          // a quick device shows the app itself
  const ELSEWHERE = /^\/(find|professional|p|sign-up|forgotten)(\/|$)/; // what is read without signing in
  const loading = document.getElementById("loading");
  const CLICK_MS = 350;          // from a finger that lifts to the click that it makes
  let form = null, appeared = false, sent = false, pressing = false;
  const ended = new AbortController(); // of what is listened to for the form
  let field = null, gone = false; // the field that was typed into last, and whether its person has left it

  function part(tag, attributes, ...content) {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...content);
    return made;
  }

  function labelled(label, attributes) {
    return part("label", {}, label, part("input", { required: true, spellcheck: false, ...attributes }));
  }

  function show() {
    if (appeared) return;
    form = part("form", { noValidate: true },
      part("h1", {}, "Sign in"),
      labelled("E-mail", { type: "email", name: "email", autocomplete: "username", autocapitalize: "off", maxLength: 320 }),
      labelled("Password", { type: "password", name: "password", autocomplete: "current-password", maxLength: 1000 }),
      part("button", { type: "submit" }, "Sign in"));
    for (const shape of loading.querySelectorAll("div:not(.bar)")) shape.remove();
    loading.removeAttribute("role");
    loading.removeAttribute("aria-label");
    loading.insertBefore(part("main", {}, form), loading.querySelector(".bar"));
    form.addEventListener("submit", submitted);
    const { signal } = ended;
    form.addEventListener("focusin", (event) => { field = event.target; gone = false; });
    form.addEventListener("focusout", () => setTimeout(lost));
    window.addEventListener("pointerdown", (event) => {
      pressing = form.contains(event.target);
      gone = !pressing;
    }, { capture: true, signal });
    window.addEventListener("keydown", (event) => {
      if (["Tab", "Escape"].includes(event.key)) gone = true;
    }, { capture: true, signal });
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, released, { signal });
  }

  // Flutter takes the keyboard when it starts: whoever types here goes on doing so.
  function lost() {
    if (form && field && !gone && !inUse() && document.hasFocus()) field.focus();
    else leaves();
  }

  function released() {
    setTimeout(() => { pressing = false; leaves(); }, CLICK_MS);
  }

  function submitted(event) {
    event.preventDefault();
    if (sent) return;
    const empty = [...form.querySelectorAll("input")].find((each) => !each.value);
    if (empty) { empty.focus(); return; }
    const button = form.querySelector("button");
    button.textContent = "Signing in …";
    button.setAttribute("aria-disabled", "true");
    sent = true;
    leaves();
  }

  const inUse = () => pressing || form.contains(document.activeElement);

  // The app takes over once nobody types here any more: a key pressed in between would be lost.
  function leaves() {
    if (!appeared || !form || (inUse() && !sent)) return;
    const [email, password] = [...form.querySelectorAll("input")].map((each) => each.value);
    if (email || password) {
      window.dispatchEvent(new CustomEvent("rendezvous-typed", { detail: { email, password, submit: sent } }));
    }
    form = null;
    ended.abort();
    window.dispatchEvent(new Event("rendezvous-early-form-left"));
  }

  // start.js asks before it takes the first picture away; the answer comes once it may.
  window.rendezvousEarlyForm = {
    left() {
      appeared = true;
      if (!form) return Promise.resolve();
      const gone = new Promise((done) => {
        window.addEventListener("rendezvous-early-form-left", done, { once: true });
      });
      leaves();
      return gone;
    },
  };

  if (!window.rendezvousKeepsSignIn() && !ELSEWHERE.test(location.pathname)) setTimeout(show, AFTER_MS);
})();
