// One's own acts are shown at once, before the server has answered.
//
// A form says what it does by data-act: "say" a message, "move" an item to another column, make a row
// "leave". Until the server has answered, whatever other panels come are shown as if it had. When it
// refuses, or cannot be reached, everything is put back as it was, with what was typed.

import { Leaving } from "./leaving.js"
import { Moving } from "./moving.js"
import { Saying } from "./saying.js"
import { succeeded } from "./forms.js"

const KINDS = { say: Saying, move: Moving, leave: Leaving }

const DOUBLE_CLICK_MS = 400

// By the request that does it, oldest first.
const acts = new Map()
let movedAt = -DOUBLE_CLICK_MS

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail
  const Kind = KINDS[ctx.request.form?.dataset.act]
  if (event.defaultPrevented || !Kind) return
  const act = new Kind(ctx.request.form, new Map(ctx.request.body))
  acts.set(ctx, act)
  act.begin()
  if (act.subject) movedAt = performance.now()
})

// The second click of a double one would hit what has come under the mouse by the first.
document.addEventListener("click", (event) => {
  if (event.detail < 2 || performance.now() - movedAt > DOUBLE_CLICK_MS) return
  event.preventDefault()
  event.stopPropagation()
}, { capture: true })

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const act = acts.get(ctx)
  if (!act) return
  if (succeeded(ctx)) act.isDone = true
  else refuse(ctx, act)
})

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const act = acts.get(ctx)
  if (act && !act.isDone && !ctx.wasSeen) refuse(ctx, act)
  else act?.end()
  acts.delete(ctx)
})

// Before panels are swapped in: what is under way is shown in them too.
export function showActsIn(tasks) {
  for (const [ctx, act] of acts) {
    const home = tasks.find((task) => task.target?.id === act.home)
    if (!act.hasCome && home) act.hasCome = act.isShownIn(home.fragment)
    // A lost answer is no refusal where a push has shown that it was done.
    ctx.wasSeen = act.hasCome && act.isOwn
    if (act.hasCome || act.isDone) continue
    for (const task of tasks) act.show(task.fragment)
  }
}

// Whether a field belongs to what one is acting on: it goes away by one's own doing.
export function isActedOn(field) {
  return [...acts.values()].some((act) => act.subject && document.getElementById(act.subject)?.contains(field))
}

function refuse(ctx, act) {
  acts.delete(ctx)
  act.takeBack()
}
