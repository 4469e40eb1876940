// What was done can be taken back where the product has a verb for it: the notice offers it.

import { succeeded } from "./forms.js"

export function offerUndo(ctx) {
  const form = ctx.request?.form
  const notice = document.querySelector(".toast:not([data-tone~=error])")
  if (!succeeded(ctx)) return
  if (form?.matches("[data-undoes], [data-shows]")) focusSubject(form)
  if (!notice) return
  // Where the result is in view beside the field, the live region is enough.
  if (form?.hasAttribute("data-quiet")) return notice.remove()
  if (!form?.dataset.undo) return
  notice.querySelector("p").after(undoForm(form))
  htmx.process(notice)
}

// The button is gone: focus goes to what it brought back, or, where the list above it went, to what is left.
function focusSubject(form) {
  if (document.activeElement !== document.body) return
  const subject = document.getElementById(form.dataset.subject)
  if (form.hasAttribute("data-shows")) subject?.scrollIntoView({ block: "nearest" })
  subject?.querySelector("a")?.focus({ preventScroll: true })
}

function undoForm(form) {
  const undo = document.createElement("form")
  undo.method = "post"
  undo.action = form.dataset.undo
  undo.setAttribute("hx-post", form.dataset.undo)
  undo.setAttribute("hx-swap", "none")
  Object.assign(undo.dataset, { undoes: "", subject: form.dataset.subject })
  if (form.dataset.act === "move") Object.assign(undo.dataset, { act: "move", to: "exploring" })
  for (const hidden of form.querySelectorAll("input[type=hidden]")) undo.append(hidden.cloneNode())
  const button = document.createElement("button")
  Object.assign(button, { type: "submit", className: "btn btn-sm", textContent: form.dataset.undoWord ?? "Undo" })
  undo.append(button)
  return undo
}
