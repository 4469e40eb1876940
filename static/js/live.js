// The project page while it is open: what comes is swapped in without taking anything away.

import { isActedOn, showActsIn } from "./acts.js"
import { markArrived, subjects } from "./arrivals.js"
import { chatPlace, keepChatPlace, offerNewest } from "./chat.js"
import { putBack, restoreDrafts, textsNow } from "./drafts.js"
import { firstPages, keepGrown } from "./lists.js"
import { askForAll, isFromLink, startLink, tellShown } from "./link.js"
import { fits } from "./pieces.js"
import { tick } from "./times.js"
import { keepIn, letToastsGo } from "./toasts.js"
import { offerUndo } from "./undo.js"
import { fillAsHere } from "./verbs.js"
import { dropOlder, followVersion } from "./versions.js"
import "./commands.js"
import "./here.js"
import "./nearby.js"

// What is to be kept through each swap that is under way.
const kept = new WeakMap()

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail
  const isPush = isFromLink(ctx)
  dropOlder(tasks)
  if (!fits(tasks)) {
    event.preventDefault()
    return askForAll()
  }
  for (const task of tasks) fillAsHere(task.fragment)
  showActsIn(tasks)
  if (isPush) leaveToastsAlone(tasks)
  for (const task of tasks) keepIn(task.fragment)
  kept.set(ctx, {
    isPush,
    pages: firstPages(ctx),
    texts: textsNow(isActedOn),
    place: chatPlace(),
    subjects: isPush && subjects(),
  })
})

document.addEventListener("htmx:after:swap", ({ target, detail: { ctx } }) => {
  const { isPush, pages, texts, place, subjects: before } = kept.get(ctx)
  keepGrown(pages, target)
  putBack(texts)
  keepChatPlace(place)
  followVersion()
  tellShown(isPush)
  if (isPush) offerNewest(markArrived(before))
  else offerUndo(ctx)
  letToastsGo()
  tick()
})

// Nobody asked for a push: it closes no notice, and is silent when it has nothing to say.
function leaveToastsAlone(tasks) {
  const isWanted = ({ fragment: { firstElementChild: first } }) =>
    first?.id !== "toasts" && (first?.id !== "announce" || first.textContent.trim())
  tasks.splice(0, tasks.length, ...tasks.filter(isWanted))
}

restoreDrafts()
startLink()
