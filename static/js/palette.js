// The palette: go somewhere, or do something with the selected row, by typing a little of its name.
//
// The places of a project stand in the page (palette/_palette.html), verbs are those of the selected row, one's
// projects are asked for once, items while one types; projects too where one has very many.

import { fit } from "./fuzzy.js"
import { beside, choose, offered } from "./listbox.js"
import { press, select, subject } from "./rows.js"
import { announce } from "./toasts.js"

const TYPING_MS = 200
const MOST_OFFERED = 12
// Places for what the server found, however much fits by its name.
const KEPT_FOR_FOUND = 4

const palette = document.getElementById("palette")
const field = document.getElementById("palette-words")
const list = document.getElementById("palette-offers")

let active = null
let row = null
let asked = new AbortController()
let waiting = 0
let knowsProjects = false
let hasMoreProjects = false

// What there is to offer: the verbs of the row, places with one's projects, projects and items that were found.
let doable = []
const places = [...(list?.children ?? [])]
let foundProjects = []
let foundItems = []

// The place that "g" and this key go to.
export function offersTo(key) {
  return places.find((place) => place.dataset.go === key)
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
  doable = verbs()
  foundProjects = []
  foundItems = []
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

// Show what fits what is typed, the best first; nothing typed is everything, in the order of the page.
function show() {
  const typed = field.value.trim()
  list.replaceChildren(...(typed ? best(typed) : [...doable, ...places]))
  activate(list.firstElementChild)
  document.getElementById("palette-none").hidden = list.children.length > 0
}

// A project that was found goes where its name fits. What else was found was found for these words, wherever they
// stand: below.
function best(typed) {
  const offers = [...doable, ...places, ...foundProjects]
  const fits = new Map(offers.map((offer) => [offer, fit(offer.querySelector("span").textContent, typed)]))
  const named = offers.filter((offer) => fits.get(offer)).sort((one, other) => fits.get(other) - fits.get(one))
  const found = [...foundProjects.filter((offer) => !fits.get(offer)), ...foundItems]
  const room = MOST_OFFERED - Math.min(found.length, KEPT_FOR_FOUND)
  return [...named.slice(0, room), ...found].slice(0, MOST_OFFERED)
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
  const projects = await options(palette.dataset.projects)
  if (knowsProjects || !projects?.length) return
  knowsProjects = true
  hasMoreProjects = "more" in projects.at(-1).dataset
  places.push(...projects)
  show()
}

async function askForFound() {
  const words = field.value.trim()
  asked.abort()
  asked = new AbortController()
  const addresses = [hasMoreProjects ? palette.dataset.projects : "", palette.dataset.items]
  const answers = await Promise.all(addresses.map((address) =>
    address && words.length > 1 ? options(`${address}?q=${encodeURIComponent(words)}`, asked.signal) : []))
  if (answers.includes(null)) return
  const known = new Set(places.map((place) => place.id))
  foundProjects = answers[0].filter((offer) => !known.has(offer.id))
  foundItems = answers[1]
  show()
}

// Options that the server draws; none when it cannot, null when they are no longer wanted.
async function options(address, signal) {
  try {
    const answer = await fetch(address, { signal, headers: { "HX-Request": "true" } })
    const drawn = document.createElement("template")
    drawn.innerHTML = answer.ok ? await answer.text() : ""
    return [...drawn.content.children]
  } catch {
    return signal?.aborted ? null : []
  }
}

field?.addEventListener("input", () => {
  show()
  clearTimeout(waiting)
  waiting = setTimeout(askForFound, TYPING_MS)
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
