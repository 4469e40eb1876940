// Lists that were grown by "show more" keep what they grew when the panel is refreshed.
//
// A refresh brings the first page again. What was loaded beyond it is in [data-more], which is then
// left alone; a row pushed off the first page by a new one moves there, so that no row is missing.

import { succeeded } from "./forms.js"

// Before a swap: the rows of the first pages of the lists that were grown.
export function firstPages(ctx) {
  if (succeeded(ctx)) showDeleted(ctx.request?.form)
  const grown = [...document.querySelectorAll("[data-more][hx-morph-skip]")]
  return new Map(grown.map((more) => [more, [...firstPageOf(more).children]]))
}

// After it.
export function keepGrown(pages, target) {
  target.closest?.("[data-more]")?.setAttribute("hx-morph-skip", "")
  for (const [more, rows] of pages) keepFallenRows(more, rows)
}

// What was deleted must not be taken for a row that fell off the first page, nor stay in a grown part.
function showDeleted(form) {
  if (form?.dataset.deletes === "item") form.closest("[data-page] > li, [data-more] > li")?.remove()
  const message = form?.dataset.deletes === "message" && form.closest("[data-more] > .message")
  if (!message) return
  const gone = document.createElement("p")
  gone.className = "message-text message-gone"
  gone.textContent = "This message was deleted."
  message.querySelector(".message-text").replaceWith(gone)
  message.querySelector(".menu").remove()
}

function keepFallenRows(more, rows) {
  const fallen = rows.filter((row) => !row.isConnected && subjectOf(row) && !document.getElementById(subjectOf(row)))
  if (more.dataset.more === "before") more.append(...fallen)
  else more.prepend(...fallen)
  const page = firstPageOf(more)
  for (const row of [...more.children]) {
    const subject = subjectOf(row)
    const here = subject && document.querySelectorAll(`[id="${CSS.escape(subject)}"]`)
    if (here?.length > 1 && !page.contains(row)) row.remove()
  }
}

function firstPageOf(more) {
  return more.parentElement.querySelector(":scope > [data-page]")
}

function subjectOf(row) {
  return row.id || row.querySelector("[id]")?.id
}
