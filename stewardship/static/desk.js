// Keys and small comforts of the desk. Every page works without it; nothing is fetched, nothing is written into a page
// but text. Here: keys, choosing rows, sliders, telling what was recorded.
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const typing = (event) => event.target.closest("input:not([type=checkbox]):not([type=range]), select, textarea");

  for (const field of document.querySelectorAll("[data-submits]")) field.addEventListener("change", () => field.form.requestSubmit());

  // A form is sent once: a second press while the first is under way does nothing.
  for (const form of document.querySelectorAll("form[method=post]"))
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  const rows = [...document.querySelectorAll("#cases a.row")];
  const choose = (step) => {
    const at = rows.indexOf(document.activeElement);
    (rows[at + step] || rows[at < 0 ? 0 : at])?.focus();
  };

  const press = (key) => {
    const button = one(`[data-key="${key}"]`);
    if (!button) return false;
    if (button.dataset.needs && !one(`[name="${button.dataset.needs}"]:checked`)) {
      const box = one(`[name="${button.dataset.needs}"]`);
      box?.scrollIntoView({ block: "center" });
      box?.focus();
      return true;
    }
    button.form.requestSubmit(button);
    return true;
  };

  // The preview of a split takes the records that are marked in the form of the answer.
  one("#split-preview")?.addEventListener("formdata", (event) => {
    for (const box of document.querySelectorAll("[name=records]:checked")) event.formData.append("records", box.value);
  });

  const undo = () => {
    const done = sessionStorage.getItem("done");
    if (one('[data-key="u"]')) return press("u");
    if (!done) return false;
    const form = document.createElement("form");
    form.method = "post";
    form.action = `/decisions/${done}/end`;
    const values = { csrf: document.body.dataset.csrf, request: `undo-${done}-${Date.now()}`, onward: "queue" };
    for (const [name, value] of Object.entries(values)) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
    document.body.append(form);
    sessionStorage.removeItem("done");
    form.submit();
    return true;
  };

  const keys = {
    j: () => (one("#next") ? one("#next").click() : choose(1)),
    k: () => (one("#previous") ? one("#previous").click() : choose(-1)),
    u: undo,
    c: () => one("#comment")?.focus(),
    p: () => (one("[data-follows=p]") ? one("[data-follows=p]").click() : false),
    "?": () => one("#help")?.showModal(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || one("dialog[open]")) return;
    if (event.key === "Escape") return document.activeElement?.blur();
    if (typing(event)) return;
    const known = keys[event.key];
    if (known ? known() !== false : press(event.key)) event.preventDefault();
  });

  // A slider says what it stands at; its form sends it.
  for (const slider of document.querySelectorAll("input[type=range][data-told]"))
    slider.addEventListener("input", () => {
      const told = slider.dataset.told.split("|")[slider.value];
      one(`output[for="${slider.id}"]`).textContent = told;
      slider.setAttribute("aria-valuetext", told);
    });

  const told = location.hash.match(/^#(done|ended)-(\d+)$/);
  if (told) {
    const toast = one("#toast");
    const [, what, number] = told;
    if (what === "done") sessionStorage.setItem("done", number);
    else sessionStorage.removeItem("done");
    toast.textContent = `${toast.dataset[what]} ${number}${what === "done" ? " · " + toast.dataset.undo : ""}`;
    toast.hidden = false;
    history.replaceState(null, "", location.pathname + location.search);
    setTimeout(() => (toast.hidden = true), 6000);
  }
})();
