// Keys: the list is in components/_keys.html.

import { closeOpen } from "./menus.js"

const PLACES = { q: "questions", c: "changes", s: "steps", b: "blockers", i: "items" }
const FIELDS = { a: "add-item-title", m: "composer-text" }

document.addEventListener("keydown", (event) => {
  const { key, target } = event
  if (key === "Escape") return closeOpen(target)
  if (key === "Enter" && (event.ctrlKey || event.metaKey)) return target.form?.requestSubmit()
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (target.matches("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return
  if (key === "?") document.getElementById("keys")?.showModal()
  else if (key in PLACES) goTo(document.getElementById(PLACES[key]))
  else if (key in FIELDS) document.getElementById(FIELDS[key])?.focus()
  else return
  event.preventDefault()
})

function goTo(panel) {
  if (!panel) return
  panel.scrollIntoView({ block: "start" })
  const all = panel.querySelectorAll("a[href], button, summary, input:not([type=hidden]), textarea")
  const first = [...all].find((element) => element.checkVisibility())
  first?.focus({ preventScroll: true })
}
