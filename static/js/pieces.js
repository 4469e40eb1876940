// A push holds a panel with stubs in the place of rows that the page was sent before and that are as they were
// (sessions_app/live/pieces.py): the morph brings each row to where its stub stands, and leaves it as it is.

import { isOlder } from "./versions.js"

const STUBS = "[data-same]"

htmx.registerExtension("pieces", {
  htmx_before_morph_node: (_element, { newNode }) => newNode.dataset?.same === undefined,
})

// Before a swap: whether every panel that comes in pieces fits what the page shows. What it has already, whole,
// by an answer to an act of one's own, is left out.
export function fits(tasks) {
  for (const task of [...tasks]) {
    const comes = task.fragment.firstElementChild
    const base = comes?.dataset?.since
    if (!base) continue
    delete comes.dataset.since
    const { version } = task.target.dataset
    if (version === comes.dataset.version) tasks.splice(tasks.indexOf(task), 1)
    else if (isOlder(base, version) || ![...comes.querySelectorAll(STUBS)].every((stub) => isIn(task.target, stub))) return false
  }
  return true
}

// Of two by one id the morph keeps neither.
function isIn(panel, stub) {
  const rows = panel.querySelectorAll(`#${CSS.escape(stub.id)}`)
  return rows.length === 1 && rows[0].tagName === stub.tagName
}
