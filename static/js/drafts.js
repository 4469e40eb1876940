// What is half written is never lost: not by a reload, and not when its field goes away.

import { isUnderWay } from "./forms.js"
import { keepTexts } from "./toasts.js"
import { fieldOf } from "./verbs.js"

const main = document.getElementById("main")
const KEY = `drafts:${main.dataset.me}:${location.pathname}`
const RELOADED_KEY = `reloaded:${location.pathname}`
const RELOAD_PAUSE_MS = 15_000
const GONE = "What you were writing about has changed. Here is what you wrote:"

let isReloading = false

// Load the page anew, but not again and again: whatever is wrong then is not cured by it.
export function reload() {
  if (isReloading) return
  isReloading = true
  const wait = Number(sessionStorage.getItem(RELOADED_KEY)) + RELOAD_PAUSE_MS - Date.now()
  setTimeout(() => {
    sessionStorage.setItem(RELOADED_KEY, Date.now())
    location.reload()
  }, Math.max(0, wait))
}

// The texts that are in fields now, by the ids of the fields.
export function textsNow(isLeftOut = () => false) {
  const fields = main.querySelectorAll(":is(textarea, input:not([type=hidden], [type=date]))[id]")
  const written = [...fields].filter(
    (field) => field.value.trim() && field.value !== field.defaultValue && !field.readOnly
      && !isUnderWay(field.form) && !isLeftOut(field),
  )
  return new Map(written.map((field) => [field.id, field.value]))
}

// Put texts into their fields; those whose field is gone are shown beside the page.
export function putBack(texts) {
  const homeless = []
  for (const [id, text] of texts) {
    const field = fieldOf(id)
    if (!field) homeless.push(text)
    else if (!field.value) {
      field.value = text
      // A fold within a fold is seen when both are open.
      for (let fold = field; (fold = fold.closest("details:not([open])"));) fold.setAttribute("open", "")
    }
  }
  if (homeless.length) keepTexts(GONE, homeless)
}

addEventListener("pagehide", () => {
  const texts = textsNow()
  if (texts.size) sessionStorage.setItem(KEY, JSON.stringify([...texts]))
  else sessionStorage.removeItem(KEY)
})

export function restoreDrafts() {
  const texts = new Map(JSON.parse(sessionStorage.getItem(KEY) ?? "[]"))
  sessionStorage.removeItem(KEY)
  putBack(texts)
}
