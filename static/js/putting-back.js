// What acts have in common: numbers that follow, focus that stays sensible, texts that come back.

import { keepTexts } from "./toasts.js"
import { fieldOf } from "./verbs.js"

// Add to every number that the selector names, in the document or in panels that come.
export function count(root, selector, by) {
  for (const number of root.querySelectorAll(selector)) {
    const now = Math.max(0, Number(number.textContent) + by)
    number.textContent = now
    number.closest(".door")?.toggleAttribute("data-zero", now === 0)
  }
}

// Focus goes on to what is next when what has it goes away. Returns what got it.
export function focusInstead(leaving, next) {
  if (!leaving?.contains(document.activeElement) || !next) return null
  if (next.matches("h2")) next.tabIndex = -1
  next.focus({ preventScroll: true })
  return next
}

// After a refusal what was typed is in its field again; if that is gone it is shown beside the page.
export function refill({ form, body, focused }) {
  const fields = [...form.elements].filter((field) => field.matches("textarea, input:not([type=hidden])") && body.get(field.name))
  const homeless = []
  for (const field of fields) {
    const here = form.isConnected ? field : fieldOf(field.id)
    if (!here) homeless.push(body.get(field.name))
    else if (!here.value) here.value = body.get(field.name)
  }
  if (homeless.length) keepTexts("It was not saved. Here is what you wrote:", homeless)
  const wasMoved = document.activeElement === document.body || document.activeElement === focused
  if (focused && wasMoved) (fields.find((field) => field.isConnected) ?? form.querySelector("button"))?.focus()
}
