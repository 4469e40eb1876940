// The palette: go somewhere, or do something with the selected row, by typing a little of its name.
//
// The places of a project stand in the page (palette/_palette.html), verbs are those of the selected row, one's
// projects are asked for once, items while one types.

import { fit } from "./fuzzy.js"
import { beside, choose, offered } from "./listbox.js"
import { press, select, subject } from "./rows.js"
import { announce } from "./toasts.js"

const TYPING_MS = 200
const MOST_OFFERED = 12

const palette = document.getElementById("palette")
const field = document.getElementById("palette-words")
const list = document.getElementById("palette-offers")

let active = null
let row = null
let asked = new AbortController()
let waiting = 0
let knowsProjects = false

// The place that "g" and this key go to.
export function offersTo(key) {
  return list?.querySelector(`[data-go="${key}"]`)
}

// Open or close it; whether it could.
export function togglePalette() {
  if (palette?.open) palette.close()
  else if (!palette || document.querySelector("dialog[open]")) return false
  else open()
  return true
}

function open() {
  row = subject()
  list.querySelectorAll("[data-does], [data-found]").forEach((offer) => offer.remove())
  list.prepend(...verbs())
  field.value = ""
  palette.showModal()
  show()
  askForProjects()
}

// What can be done with the row, as options.
function verbs() {
  const controls = [...(row?.querySelectorAll("[data-key]") ?? [])].filter((each) => each.checkVisibility())
  return controls.map((control) => {
    const offer = document.getElementById("palette-verb").content.cloneNode(true).firstElementChild
    offer.id = `offer-does-${control.dataset.key}`
    offer.dataset.does = control.dataset.key
    offer.querySelector("span").textContent = control.textContent.replace(/\s+/g, " ").trim() || control.title
    offer.querySelector("kbd").textContent = control.dataset.key
    return offer
  })
}

// Show what fits what is typed, the best first; nothing typed is everything.
function show() {
  const typed = field.value.trim()
  const fits = new Map([...list.children].map((offer) => [offer, fitOf(offer, typed)]))
  const best = [...fits.keys()].filter((offer) => fits.get(offer) > 0)
  if (typed) best.sort((one, other) => fits.get(other) - fits.get(one))
  for (const offer of list.children) offer.hidden = true
  for (const offer of best.slice(0, typed ? MOST_OFFERED : undefined)) offer.hidden = false
  if (typed) list.append(...best)
  activate(offered(list)[0] ?? null)
  document.getElementById("palette-none").hidden = best.length > 0
}

// What was found was found for these words, wherever they stand: below what fits by its name.
function fitOf(offer, typed) {
  if (!typed) return 1
  return "found" in offer.dataset ? 0.001 : fit(offer.querySelector("span").textContent, typed)
}

function activate(option) {
  active = option
  choose(field, list, option)
  option?.scrollIntoView({ block: "nearest" })
}

function take(offer) {
  if (!offer) return
  palette.close()
  if (!("does" in offer.dataset)) return location.assign(offer.dataset.href)
  if (!row.isConnected) return announce("That is not there any more.")
  select(row)
  press(offer.dataset.does)
}

async function askForProjects() {
  if (knowsProjects) return
  knowsProjects = true
  list.insertAdjacentHTML("beforeend", await options(palette.dataset.projects))
  show()
}

async function askForItems() {
  const words = field.value.trim()
  asked.abort()
  asked = new AbortController()
  const html = words.length > 1 && palette.dataset.items
    ? await options(`${palette.dataset.items}?q=${encodeURIComponent(words)}`, asked.signal)
    : ""
  if (html === null) return
  list.querySelectorAll("[data-found]").forEach((offer) => offer.remove())
  list.insertAdjacentHTML("beforeend", html)
  show()
}

// Options that the server draws; "" when it cannot, null when they are no longer wanted.
async function options(address, signal) {
  try {
    const answer = await fetch(address, { signal, headers: { "HX-Request": "true" } })
    return answer.ok ? await answer.text() : ""
  } catch {
    return signal?.aborted ? null : ""
  }
}

field?.addEventListener("input", () => {
  show()
  clearTimeout(waiting)
  waiting = setTimeout(askForItems, TYPING_MS)
})

field?.addEventListener("keydown", (event) => {
  const { key } = event
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return
  if (key === "ArrowDown") activate(beside(list, active, 1))
  else if (key === "ArrowUp") activate(beside(list, active, -1))
  else if (key === "Enter") take(active)
  else return
  event.preventDefault()
})

list?.addEventListener("click", ({ target }) => take(target.closest("[role=option]")))

palette?.addEventListener("click", ({ target }) => {
  if (target === palette) palette.close()
})
